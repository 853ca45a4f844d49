import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { KeyRing } from '../../../carrier/key/key-ring.ts';
import { keyOf, open, sign } from '../../../protocol/signature.ts';

function ring(t: ExecutionContext) {
	const folder = mkdtempSync(join(tmpdir(), 'octroi-keys-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	const directory = join(folder, 'keys');
	return { directory, keys: new KeyRing(directory) };
}

const MESSAGE = {
	version: 1,
	id: 'x',
	audience: 'cafe',
	sequence: 1,
	issuedAt: 1,
	expiresAt: 2,
	kind: 'command',
	body: { command: 'reread' },
} as const;

test('the first key signs at once; a second one when it is told to, and then an access point believes it', async (t) => {
	const { keys } = ring(t);
	keys.create('first');
	t.is((await keys.signing()).kid, 'first');
	const second = keys.create('second');
	t.is((await keys.signing()).kid, 'first', 'access points must know a key before it signs');
	t.deepEqual(
		keys.forPolicies().keys?.map(({ kid }) => kid),
		['first', 'second'],
	);
	keys.rotate('second');
	const token = await sign(MESSAGE, await keys.signing());
	const known = new Map([['second', await keyOf(second)]]);
	t.like(await open(Buffer.from(token), known), { ok: true });
	keys.revoke('first');
	t.deepEqual(keys.forPolicies().revokedKeys, ['first']);
	t.deepEqual(
		keys.forPolicies().keys?.map(({ kid }) => kid),
		['second'],
	);
});

test('the key that signs is not revoked, none is made twice, and none is made up', async (t) => {
	const { keys } = ring(t);
	await t.throwsAsync(() => keys.signing(), { message: /cannot be read/ });
	keys.create('first');
	t.throws(() => keys.revoke('first'), { message: /signs/ });
	t.throws(() => keys.create('first'), { message: /cannot be written/ });
	t.throws(() => keys.create('../first'), { message: /not a name/ });
	t.throws(() => keys.rotate('other'), { message: /cannot be read/ });
	t.is((await keys.signing()).kid, 'first');
});

test('nobody else reads a private key', (t) => {
	const { keys, directory } = ring(t);
	keys.create('first');
	t.is(statSync(join(directory, 'first.json')).mode & 0o777, 0o600);
	t.is(statSync(directory).mode & 0o777, 0o700);
});
