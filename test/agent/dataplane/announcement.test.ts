import test from 'ava';
import type { Config } from '../../../agent/config/config.ts';
import { queuesOf } from '../../../agent/dataplane/announcement.ts';
import { kernelTest } from '../../kernel-namespace.ts';
import type announced from './kernel/announced.ts';

kernelTest<Awaited<ReturnType<typeof announced>>>(
	test,
	'a portal that gets a certificate is announced after the restart; without it the rules are as before; figures stay',
	new URL('./kernel/announced.js', import.meta.url),
	(t, { before, withUri, withoutUri, withFlows, reader, log }) => {
		t.like(before, { mode: 'none', rule: false, counts: true });
		t.not(withUri.mode, 'none');
		t.like(withUri, { rule: true, counts: true, epoch: before.epoch }, 'a ruleset without it is upgraded');
		t.like(withoutUri, { mode: 'none', rule: false, counts: true, epoch: before.epoch });
		t.is(withUri.flows, 'none', 'nobody judges flows for that');
		t.like(withFlows, { rule: true, flows: withFlows.mode, epoch: before.epoch }, 'each has a queue of its own');
		t.deepEqual(
			reader.warned.map((list) => list.length),
			[0, 0, 1],
			'nothing to announce is no problem; a queue that another has is one',
		);
		t.regex(reader.warned[2]?.[0] ?? '', /router advertisements .* queue 4301/);
		t.is(reader.isThere, 1);
		t.deepEqual(log, []);
	},
);

test('a queue for advertisements is wanted exactly where there is HTTPS to announce', (t) => {
	const config = (httpsPort?: number) =>
		({ tethered: { detect: false }, portal: { name: 'a.example', httpsPort, advertisementQueue: 9 } }) as Config;
	t.deepEqual(queuesOf(config()), {});
	t.deepEqual(queuesOf(config(443)), { announced: { queue: 9 } });
});
