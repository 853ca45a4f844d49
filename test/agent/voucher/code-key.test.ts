import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Code } from '../../../agent/voucher/code.ts';
import { codeKeyPath, openCodeKey } from '../../../agent/voucher/code-key.ts';

function keyPath(t: ExecutionContext): string {
	const folder = mkdtempSync(join(tmpdir(), 'octroi-key-'));
	t.teardown(() => rmSync(folder, { recursive: true }));
	return codeKeyPath(join(folder, 'ledger.db'));
}

test('the key is made once, for its owner only, and gives the same hashes again', (t) => {
	const path = keyPath(t);
	const key = openCodeKey(path, { mayMake: true, random: randomBytes });
	t.is(statSync(path).mode & 0o777, 0o600);
	const again = openCodeKey(path, { mayMake: false, random: randomBytes });
	t.deepEqual(again.hash('X' as Code), key.hash('X' as Code));
	t.deepEqual(again.fingerprint(), key.fingerprint());
	t.is(key.hash('X' as Code).length, 16);
	t.notDeepEqual(key.hash('X' as Code), key.hash('Y' as Code));
	t.false(readFileSync(path, 'utf8').includes(key.fingerprint().toString('hex')));
});

test('another key gives other hashes', (t) => {
	const [a, b] = [keyPath(t), keyPath(t)].map((path) => openCodeKey(path, { mayMake: true, random: randomBytes }));
	t.notDeepEqual(a?.hash('X' as Code), b?.hash('X' as Code));
});

test('a lost or damaged key is reported, never replaced', (t) => {
	const path = keyPath(t);
	t.throws(() => openCodeKey(path, { mayMake: false, random: randomBytes }), { code: 'code_key_lost' });
	writeFileSync(path, 'half a ke');
	t.throws(() => openCodeKey(path, { mayMake: true, random: randomBytes }), { code: 'code_key_lost' });
	t.is(readFileSync(path, 'utf8'), 'half a ke');
});

test('a key that others could read is closed to them', (t) => {
	const path = keyPath(t);
	openCodeKey(path, { mayMake: true, random: randomBytes });
	chmodSync(path, 0o644);
	openCodeKey(path, { mayMake: false, random: randomBytes });
	t.is(statSync(path).mode & 0o777, 0o600);
});
