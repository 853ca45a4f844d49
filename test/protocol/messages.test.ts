import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import * as core from '../../agent/core/units.ts';
import { decode } from '../../protocol/decode.ts';
import { AMOUNT_MAX, RECORDS_MAX, UP_BYTES_MAX } from '../../protocol/limits.ts';
import { check, FAULTS_MAX } from '../../protocol/shape.ts';
import { type Usage, usage } from '../../protocol/usage.ts';
import { MESSAGES, readVectors } from './vectors.ts';

const faultsOf = (name: string, value: unknown) => {
	const checked = check(MESSAGES[name] as (typeof MESSAGES)[string], value);
	return checked.ok ? [] : checked.faults;
};

for (const [name, shape] of Object.entries(MESSAGES)) {
	const { valid, invalid } = readVectors(name);
	// Another implementation of JSON Schema must come to the same answer: the schema is what other people build from.
	const bySchema = new Ajv2020({ strict: false }).compile(shape.schema);

	for (const { what, value } of valid) {
		test(`${name} is accepted: ${what}`, (t) => {
			t.deepEqual(faultsOf(name, value), []);
			t.true(bySchema(value));
		});
	}
	for (const { what, value, paths } of invalid) {
		test(`${name} is refused with all its faults: ${what}`, (t) => {
			t.deepEqual(
				faultsOf(name, value)
					.map(({ path }) => path)
					.toSorted(),
				paths.toSorted(),
			);
			t.false(bySchema(value));
		});
	}
}

test('a fault quotes little of what is wrong, and no control characters of names', (t) => {
	const faults = faultsOf('command', { command: 'block', account: 'x'.repeat(5000), ['\u001b[2J'.repeat(50)]: 1 });
	t.true(faults.every(({ path, problem }) => path.length < 64 && problem.length < 250 && !path.includes('\u001b')));
	t.is(faults.length, 2);
});

test('the number of faults is bounded', (t) => {
	const policy = { policyVersion: 1, tariffs: [], plans: Array.from({ length: 100 }, () => ({ name: '!' })) };
	t.is(faultsOf('policy', policy).length, FAULTS_MAX);
});

test('names that every object has are not taken for members', (t) => {
	t.true(faultsOf('command', { command: 'hasOwnProperty' }).length > 0);
	t.true(faultsOf('ack', JSON.parse('{"__proto__": {"stream": "x"}}')).length >= 3);
});

test('a message that is too large is not parsed, and one that is not JSON in UTF-8 is refused', (t) => {
	const problem = (payload: Uint8Array) => {
		const answer = decode(usage, payload, UP_BYTES_MAX);
		return answer.ok ? '' : answer.faults[0]?.problem;
	};
	t.is(problem(Buffer.alloc(UP_BYTES_MAX + 1, '[')), `${UP_BYTES_MAX + 1} bytes are more than ${UP_BYTES_MAX}`);
	t.is(problem(Buffer.from('{"version":')), 'it is not JSON in UTF-8');
	t.is(problem(Buffer.from([0x22, 0xff, 0x22])), 'it is not JSON in UTF-8');
	t.is(problem(Buffer.from('['.repeat(200_000))), 'it is nested deeper than 24 levels');
	t.is(problem(Buffer.from('')), 'it is not JSON in UTF-8');
});

test('a full batch of the longest usual records fits its limit', (t) => {
	const value = readVectors('usage').valid[0]?.value as Usage;
	const record = {
		...(value.records[0] as Usage['records'][number]),
		account: 'a'.repeat(40),
		amount: AMOUNT_MAX,
		upBytes: AMOUNT_MAX,
		downBytes: AMOUNT_MAX,
		tariff: 'by-volume-and-day',
		uplink: 'wan',
	};
	const batch = { ...value, records: Array.from({ length: RECORDS_MAX }, () => record) };
	t.true(decode(usage, Buffer.from(JSON.stringify(batch)), UP_BYTES_MAX).ok);
});

test('amounts have the bound that the ledger has', (t) => {
	t.is(AMOUNT_MAX, core.AMOUNT_MAX);
});
