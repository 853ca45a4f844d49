import { FrameWatch } from '../../../agent/sync/frame-watch.ts';
import { admit } from '../../../carrier/worker/door.ts';
import { readJson } from '../../../protocol/bounded-json.ts';
import { decode } from '../../../protocol/decode.ts';
import { envelope } from '../../../protocol/envelope.ts';
import { DOWN_BYTES_MAX } from '../../../protocol/limits.ts';
import { check, FAULTS_MAX } from '../../../protocol/shape.ts';
import { type Key, keyOf, open } from '../../../protocol/signature.ts';
import { downTopic, parseTopic, UP_KINDS, upTopic } from '../../../protocol/topics.ts';
import type { SeededRandom } from '../../fakes/seeded-random.ts';
import { MESSAGES, readVectors } from '../../protocol/vectors.ts';
import { type FuzzTarget, holds } from '../fuzz-target.ts';
import { writeOddly } from '../json-maker.ts';
import { randomBytes, randomWord } from '../pieces.ts';

const JSON_WORDS = [
	'{',
	'}',
	'[',
	']',
	',',
	':',
	'"',
	'\\',
	'\\u0000',
	'\\ud800',
	'\\ud83d\\ude00',
	'\\ud800\\u0041',
	'\\udc00',
	'1e9',
	'-',
	'null',
	'\ufeff',
];
const VALUES = new Map(Object.keys(MESSAGES).map((name) => [name, readVectors(name).valid.map(({ value }) => value)]));
const ALL_VALUES = [...VALUES.values()].flat();

function message(random: SeededRandom, name: string): Buffer {
	return Buffer.from(writeOddly(random, random.pick(VALUES.get(name) ?? ALL_VALUES), random.pick(ALL_VALUES)));
}

const VALID = /^(?:[^\ud800-\udfff\0]|[\ud800-\udbff][\udc00-\udfff])*$/;

/** All texts of a value, keys too. Calls itself: what is read is bounded. */
function everyText(value: unknown, isRight: (text: string) => boolean): boolean {
	if (typeof value === 'string') return isRight(value);
	if (typeof value !== 'object' || value === null) return true;
	return Object.entries(value).every(([key, member]) => isRight(key) && everyText(member, isRight));
}

function depthOf(value: unknown): number {
	if (typeof value !== 'object' || value === null) return 0;
	let deepest = 0;
	for (const member of Object.values(value)) deepest = Math.max(deepest, depthOf(member));
	return deepest + 1;
}

function parsed(input: Buffer): { readonly value: unknown } | undefined {
	try {
		return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(input)) };
	} catch {
		// Not JSON in UTF-8: nothing to compare with.
		return undefined;
	}
}

let known: Promise<ReadonlyMap<string, Key>> | undefined;
function keys(): Promise<ReadonlyMap<string, Key>> {
	known ??= readKeys();
	return known;
}

async function readKeys(): Promise<ReadonlyMap<string, Key>> {
	const { key: publicKey } = readVectors<{ readonly key: { readonly kid: string; readonly x: string } }>('signature');
	return new Map([[publicKey.kid, await keyOf({ kid: publicKey.kid, x: publicKey.x })]]);
}

function token(random: SeededRandom): Buffer {
	const { tokens } = SIGNED;
	const [head = '', body = '', proof = ''] = random.pick(tokens).split('.');
	const other = Buffer.from(
		random.pick(['{"alg":"none"}', '{"alg":"HS256","kid":"x"}', '{"alg":"EdDSA","kid":{}}', '[]', '{']),
	);
	return Buffer.from(`${random.chance(0.3) ? other.toString('base64url') : head}.${body}.${proof}`);
}

type Case = { readonly token?: string; readonly payload?: string };
const SIGNED = { tokens: tokensOf(readVectors<unknown>('signature')) };

/** Every text of the vectors that looks like a signed message. */
function tokensOf(value: unknown): string[] {
	if (typeof value === 'string') return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value) ? [value] : [];
	return typeof value === 'object' && value !== null ? Object.values(value as Case).flatMap(tokensOf) : [];
}

/** What comes by MQTT: at the platform from access points, at an access point from the broker. */
export const MESSAGES_BY_WIRE: readonly FuzzTarget[] = [
	{
		name: 'json',
		title: 'JSON of unknown origin, compared with what JSON.parse says',
		make: (random) => message(random, random.pick([...VALUES.keys()])),
		words: JSON_WORDS,
		bytesMax: 2048,
		check(input) {
			const read = readJson(input, { bytesMax: 1 << 16, depthMax: 12, valuesMax: 200 });
			const other = parsed(input);
			if (!read.ok) {
				if (read.reason === 'syntax') holds(other === undefined, 'what JSON.parse takes is taken');
				if (read.reason === 'depth')
					holds(input.filter((byte) => (byte | 0x20) === 0x7b).length > 12, 'it is too deep');
				return;
			}
			holds(other !== undefined, 'what JSON.parse refuses is refused');
			holds(depthOf(read.value) <= 12, 'no deeper than allowed');
			holds(
				everyText(read.value, (text) => VALID.test(text)),
				'each text can be stored',
			);
			const isPlain = everyText(other?.value, (text) => VALID.test(text));
			if (isPlain) holds(JSON.stringify(read.value) === JSON.stringify(other?.value), 'it is what JSON.parse reads');
		},
	},
	...UP_KINDS.map(
		(kind): FuzzTarget => ({
			name: `up-${kind}`,
			title: `what an access point sends to the platform: ${kind}`,
			make: (random) => message(random, kind),
			words: JSON_WORDS,
			bytesMax: 4096,
			check(input) {
				const admitted = admit(upTopic('cafe-7', kind), input);
				if (admitted.ok) {
					holds(admitted.message.ap === 'cafe-7' && admitted.message.kind === kind, 'it speaks for its topic');
				} else holds(admitted.faults.length <= 5, 'few faults are logged');
			},
		}),
	),
	{
		name: 'down-message',
		title: 'what a platform has signed, read at the access point',
		make: (random) => message(random, 'envelope'),
		words: JSON_WORDS,
		bytesMax: 4096,
		check(input) {
			const read = decode(envelope, input, DOWN_BYTES_MAX);
			if (read.ok) holds(check(envelope, read.value).ok, 'what is read is right');
			else
				holds(
					read.faults.length <= FAULTS_MAX && read.faults.every(({ problem }) => problem.length < 300),
					'faults are short',
				);
		},
	},
	{
		name: 'signed-message',
		title: 'a signed message, as the broker brings it: whatever a stranger makes of it, it is not believed',
		make: token,
		words: ['.', '..', 'eyJhbGciOiJub25lIn0', '-', '_', '='],
		bytesMax: 4096,
		async check(input) {
			const opened = await open(input, await keys());
			if (opened.ok) holds(SIGNED.tokens.includes(input.toString('latin1')), 'only what was signed is believed');
		},
	},
	{
		name: 'topic',
		title: 'a topic of MQTT',
		make: (random) =>
			Buffer.from(
				random.chance(0.8)
					? random.pick([upTopic('cafe', random.pick(UP_KINDS)), downTopic('all', 'policy'), downTopic('cafe', 'ack')])
					: randomWord(random, 'octri/1+#$\0ap-', 40),
			),
		words: ['/', '+', '#', '$share/', 'octroi', 'all', '\0', 'constructor', '__proto__'],
		bytesMax: 256,
		check(input) {
			const topic = parseTopic(input.toString('utf8'));
			if (topic === undefined) return;
			const again = topic.direction === 'up' ? upTopic(topic.ap, topic.kind) : downTopic(topic.ap, topic.kind);
			holds(again === input.toString('utf8'), 'a topic has one spelling');
		},
	},
	{
		name: 'mqtt-frames',
		title: 'the lengths of packets in the stream of the broker, however it is cut',
		make: (random) => Buffer.concat([Buffer.from([0x30, random.between(0, 60)]), randomBytes(random, 80)]),
		words: [Buffer.from([0xff, 0xff, 0xff, 0x7f]), Buffer.from([0x80, 0x80, 0x80, 0x80]), Buffer.from([0])],
		check(input) {
			const whole = new FrameWatch(10_000).follow(input);
			const watch = new FrameWatch(10_000);
			let found: number | undefined;
			for (let at = 0; at < input.length && found === undefined; at++) found = watch.follow(input.subarray(at, at + 1));
			holds(found === whole, 'the same whether it comes whole or byte by byte');
		},
	},
];
