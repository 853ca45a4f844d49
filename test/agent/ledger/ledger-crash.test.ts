import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { verifyLedger } from '../../../agent/ledger/verify.ts';
import { ANN, furnish, reopened, temporaryLedger } from './temporary-ledger.ts';

const CHILD = fileURLToPath(new URL('crash-child.js', import.meta.url));
const KILLS = 12;

test('a ledger that is killed while it writes has every commit that it acknowledged, and none by half', async (t) => {
	const { ledger, path } = temporaryLedger(t);
	furnish(ledger);
	ledger.close();
	let step = 0;
	for (let kill = 0; kill < KILLS; kill++) {
		// Primes spread the moments; the kill itself arrives at any point of what the child does next.
		const acknowledged = await stepsUntilKilled(path, step, 1 + ((kill * 37) % 53));
		const report = verifyLedger(path);
		t.is(report.broken, undefined);
		const again = reopened(path);
		const session = again.session('s7');
		const account = again.account(ANN);
		const written = (session?.upBytes ?? 0) / 10;
		t.true(written === acknowledged || written === acknowledged + 1, `${written} steps, ${acknowledged} acknowledged`);
		const bought = again.topUp({ ...topUpOf(acknowledged), account: ANN });
		t.is(bought.answer, 'exists');
		const balance = (account?.available.byte ?? 0) + (account?.reserved.byte ?? 0);
		t.true(balance === 1000 || balance === 1000 - 10, `${balance} left`);
		// The step that was cut in two is made whole, as the meter would: by asking again.
		if (again.topUp({ ...topUpOf(written), account: ANN }).answer === 'created') t.is(balance, 990);
		step = written;
		again.close();
	}
});

function topUpOf(step: number) {
	const at = { wallMs: 0, bootMs: 0 } as never;
	const terms = { unit: 'byte', amount: 10, planName: 'bytes', atEnd: 'block' } as const;
	return { transferId: `step-${step}`, package: terms, at };
}

/** Starts the child, and kills it after it has acknowledged some more steps. Gives the last one that it acknowledged. */
async function stepsUntilKilled(path: string, from: number, steps: number): Promise<number> {
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
