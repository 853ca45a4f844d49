import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { AccountId } from '../../../agent/core/units.ts';
import { verifyLedger } from '../../../agent/ledger/verify.ts';
import { batchOf, redemptionOf } from './code-scenario.ts';
import { reopened, temporaryLedger } from './temporary-ledger.ts';

const CHILD = fileURLToPath(new URL('code-crash-child.js', import.meta.url));
const KILLS = 10;

test('killed while it redeems, a code is redeemed and credited, or neither', async (t) => {
	const { ledger, path } = temporaryLedger(t);
	ledger.codes.createBatch(batchOf('may', 1000));
	ledger.close();
	let done = 0;
	for (let kill = 0; kill < KILLS; kill++) {
		const acknowledged = await redeemedUntilKilled(path, done, 1 + ((kill * 37) % 29));
		t.is(verifyLedger(path).broken, undefined);
		const again = reopened(path);
		const { redeemed = 0 } = again.codes.batch('may')?.states ?? {};
		t.true(redeemed === acknowledged || redeemed === acknowledged + 1, `${redeemed} of ${acknowledged}`);
		// What was cut in two is made whole by asking again, and what was whole is not done twice.
		t.is(again.codes.redeem(redemptionOf(`may-${acknowledged}`)).answer, 'returned');
		const next = again.codes.redeem(redemptionOf(`may-${acknowledged + 1}`));
		t.is(next.answer, redeemed > acknowledged ? 'returned' : 'redeemed');
		const held = again.account(`may-${acknowledged + 1}` as AccountId)?.available.byte;
		t.true(held === 1000 || held === 600, `${held}`);
		done = acknowledged + 1;
		again.close();
	}
});

/** Gives the last serial that the child acknowledged. */
async function redeemedUntilKilled(path: string, from: number, steps: number): Promise<number> {
	const child = spawn(process.execPath, [CHILD, path, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] });
	const closed = once(child, 'close');
	let text = '';
	child.stdout.on('data', (chunk: Buffer) => {
		text += chunk;
		if (text.split('\n').length > steps) child.kill('SIGKILL');
	});
	await closed;
	return Number(text.trimEnd().split('\n').at(-1));
}
