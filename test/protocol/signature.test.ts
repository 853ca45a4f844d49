import test from 'ava';
import type { Envelope } from '../../protocol/envelope.ts';
import { DOWN_BYTES_MAX } from '../../protocol/limits.ts';
import { type Key, keyOf, open, type PrivateKey, sign } from '../../protocol/signature.ts';
import { readVectors } from './vectors.ts';

type SignatureVectors = {
	readonly key: PrivateKey;
	readonly valid: readonly { readonly what: string; readonly value: Envelope; readonly token: string }[];
	readonly invalid: readonly { readonly what: string; readonly token: string; readonly reason: string }[];
};
const { key, valid, invalid } = readVectors<SignatureVectors>('signature');

async function keys(): Promise<Map<string, Key>> {
	return new Map([[key.kid, await keyOf({ kid: key.kid, x: key.x })]]);
}

for (const { what, value, token } of valid) {
	test(`a message is signed to the same bytes, and opened: ${what}`, async (t) => {
		t.is(await sign(value, { kid: key.kid, key: await keyOf(key) }), token);
		t.deepEqual(await open(Buffer.from(token), await keys()), { ok: true, message: value });
	});
}

for (const { what, token, reason } of invalid) {
	test(`a message is refused because of its ${reason}: ${what}`, async (t) => {
		const opened = await open(Buffer.from(token), await keys());
		t.false(opened.ok);
		t.is(!opened.ok && opened.reason, reason as 'form');
		// Only who has signed is answered.
		t.is(!opened.ok && opened.id !== undefined, reason === 'schema');
	});
}

test('an enormous message is refused before anything is read', async (t) => {
	const opened = await open(Buffer.alloc(DOWN_BYTES_MAX + 1, 'a'), await keys());
	t.is(!opened.ok && opened.reason, 'size');
});

test('a signature that is written in another way is not a second message', async (t) => {
	const [{ token } = { token: '' }] = valid;
	const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
	const last = alphabet.indexOf(token.at(-1) as string);
	// 64 bytes are 86 letters, of which the last one has four bits that stand for nothing.
	for (const bits of [1, 2, 8, 15]) {
		const opened = await open(Buffer.from(token.slice(0, -1) + alphabet[last ^ bits]), await keys());
		t.is(!opened.ok && opened.reason, 'form');
	}
	t.true((await open(Buffer.from(token), await keys())).ok);
});
