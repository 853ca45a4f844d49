import test from 'ava';
import { JSON_DEPTH_MAX, JSON_VALUES_MAX, readJson, readJsonText } from '../../protocol/bounded-json.ts';
import { EVENTS_MAX, RECORDS_MAX, UP_BYTES_MAX } from '../../protocol/limits.ts';
import { check, text } from '../../protocol/shape.ts';
import { usage } from '../../protocol/usage.ts';
import { readVectors } from './vectors.ts';

const BOUNDS = { bytesMax: UP_BYTES_MAX };
const read = (json: string, bounds = {}) => readJson(Buffer.from(json), { ...BOUNDS, ...bounds });
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

test('depth is bounded to the level, in arrays and objects, and brackets in texts are none', (t) => {
	t.true(read(nested(JSON_DEPTH_MAX)).ok);
	t.like(read(nested(JSON_DEPTH_MAX + 1)), { ok: false, reason: 'depth' });
	t.like(read(`${'{"a":'.repeat(60_000)}0${'}'.repeat(60_000)}`, { bytesMax: 1e6 }), { ok: false, reason: 'depth' });
	t.deepEqual(read(JSON.stringify([nested(100), '\\"[[[['])), { ok: true, value: [nested(100), '\\"[[[['] });
	t.true(read(`[${'[],'.repeat(1000)}[]]`).ok);
});

test('the number of values is bounded', (t) => {
	t.true(read(`[${'0,'.repeat(9)}0]`, { valuesMax: 11 }).ok);
	t.like(read(`[${'0,'.repeat(10)}0]`, { valuesMax: 11 }), { ok: false, reason: 'values' });
	t.like(read(`[${'0,'.repeat(JSON_VALUES_MAX)}0]`), { ok: false, reason: 'values' });
});

test('the largest batch that the protocol has is within the bounds', (t) => {
	const [full] = readVectors('usage').valid.map(({ value }) => value as { records: object[] });
	const [event] = readVectors('event').valid.map(({ value }) => value as object);
	const details = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`d${index}`, index]));
	const batch = {
		...full,
		records: Array.from({ length: RECORDS_MAX }, () => full?.records[0]),
		events: Array.from({ length: EVENTS_MAX }, () => ({ ...event, details })),
	};
	const answer = read(JSON.stringify(batch), { bytesMax: 1e7 });
	t.true(answer.ok && check(usage, answer.value).ok);
});

test('characters that no database keeps are read as the replacement character, all others as they are', (t) => {
	for (const [json, value] of [
		['"\\u0000"', '\ufffd'],
		['"a\\ud800b"', 'a\ufffdb'],
		['"\\udc00"', '\ufffd'],
		['"\\ud800\\ud800\\udc00"', '\ufffd\u{10000}'],
		['"\\ud800\\u0041"', '\ufffdA'],
		['"\\ud83d\\ude00"', '\u{1f600}'],
		['"\\\\u0000"', '\\u0000'],
		['"\\\\\\u0000"', '\\\ufffd'],
		['"\\uFFFF \\n"', '\uffff \n'],
	] as const) {
		t.deepEqual(read(json), { ok: true, value }, json);
	}
	t.deepEqual(read('{"\\u0000":1}'), { ok: true, value: { '\ufffd': 1 } });
	t.deepEqual(readJsonText('"\ud800"', BOUNDS), { ok: true, value: '\ufffd' });
});

test('what is not JSON in UTF-8 is refused, whatever it looks like', (t) => {
	for (const json of ['', '{', '"\\u00"', '"\\u000g"', '"\\', '"a', '\\u0000', ']', '[}', '\u0000']) {
		t.like(read(json), { ok: false, reason: 'syntax' }, JSON.stringify(json));
	}
	t.like(readJson(Buffer.from([0x22, 0xff, 0x22]), BOUNDS), { ok: false, reason: 'syntax' });
	t.like(read(' '.repeat(UP_BYTES_MAX + 1)), { ok: false, reason: 'bytes' });
});

test('the payload is not changed, and what a check quotes of a value has a bound, however deep it is', (t) => {
	const payload = Buffer.from('"\\u0000"');
	readJson(payload, BOUNDS);
	t.is(payload.toString(), '"\\u0000"');
	let deep: unknown = 0;
	for (let level = 0; level < 100_000; level++) deep = level % 2 === 0 ? [deep] : { a: deep };
	const checked = check(text(5), deep);
	t.false(checked.ok);
	t.true(!checked.ok && (checked.faults[0]?.problem.length ?? 0) < 200);
});
