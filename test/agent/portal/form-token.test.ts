import test from 'ava';
import type { BootMs, MacAddress } from '../../../agent/core/units.ts';
import { FormToken } from '../../../agent/portal/form-token.ts';

const ADA = '02:00:00:00:00:01' as MacAddress;
const EVE = '02:00:00:00:00:02' as MacAddress;
const HOUR_MS = 3_600_000;

function tokens(secret = 'a') {
	let nowMs = 5 * HOUR_MS;
	let count = 0;
	const random = (bytes: number) => Buffer.alloc(bytes, ++count);
	const token = new FormToken({ secret: Buffer.from(secret), random, now: () => nowMs as BootMs });
	return { token, pass: (ms: number) => (nowMs += ms) };
}

test('a token proves the station and the action that it was made for', (t) => {
	const { token } = tokens();
	const made = token.make(ADA, '/gift');
	t.is(token.check(made, ADA, '/gift'), made.split('.')[1]);
	t.is(token.check(made, EVE, '/gift'), undefined);
	t.is(token.check(made, ADA, '/alerts'), undefined);
	t.is(tokens('b').token.check(made, ADA, '/gift'), undefined);
});

test('each form has a name of its own', (t) => {
	const { token } = tokens();
	t.not(token.make(ADA, '/gift').split('.')[1], token.make(ADA, '/gift').split('.')[1]);
});

test('a token lasts for one hour at least, and for two at most', (t) => {
	const { token, pass } = tokens();
	const made = token.make(ADA, '/gift');
	pass(HOUR_MS);
	t.truthy(token.check(made, ADA, '/gift'));
	pass(HOUR_MS);
	t.is(token.check(made, ADA, '/gift'), undefined);
	pass(-5 * HOUR_MS);
	t.is(token.check(made, ADA, '/gift'), undefined, 'nor before it was made');
});

for (const text of ['', '.', '..', 'a.b.c', '\u0000', 'é'.repeat(50), '1.AAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA']) {
	test(`${JSON.stringify(text)} proves nothing`, (t) => {
		t.is(tokens().token.check(text, ADA, '/gift'), undefined);
	});
}
