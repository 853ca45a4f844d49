import test from 'ava';
import {
	downTopic,
	parseTopic,
	sharedUpTopic,
	type Topic,
	topicsOfAccessPoint,
	upTopic,
} from '../../protocol/topics.ts';
import { readVectors } from './vectors.ts';

type TopicVectors = {
	readonly valid: readonly { readonly topic: string; readonly value: Topic }[];
	readonly invalid: readonly string[];
};
const { valid, invalid } = readVectors<TopicVectors>('topics');

test('a topic is built and read back', (t) => {
	for (const { topic, value } of valid) {
		t.deepEqual(parseTopic(topic), value);
		const { ap } = value;
		t.is(value.direction === 'up' ? upTopic(ap, value.kind) : downTopic(ap, value.kind), topic);
	}
});

test('what is not a topic of this version is none', (t) => {
	for (const topic of invalid) t.is(parseTopic(topic), undefined, topic);
});

test('an access point hears what is for it and the policy for all', (t) => {
	t.deepEqual(topicsOfAccessPoint('cafe-7'), ['octroi/1/cafe-7/down/+', 'octroi/1/all/down/policy']);
	t.is(sharedUpTopic('workers'), '$share/workers/octroi/1/+/up/#');
});
