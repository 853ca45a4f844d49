import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import { verifyLedger } from '../../../agent/ledger/verify.ts';
import { ANN, bytesPackage, furnish, reopened, settleAnn } from './temporary-ledger.ts';

/** Runs in a mount namespace of its own: a ledger on a file system of 1 MiB that is filled up, and then made read-only. */
const [folder = ''] = process.argv.slice(2);
const path = `${folder}/ledger.db`;
execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
writeFileSync(`${folder}/ballast`, Buffer.alloc(256 * 1024));
const ledger = reopened(path);
furnish(ledger);

let step = 0;
const settleNext = () => ledger.settle(settleAnn(step % 900, 50));
let full: unknown;
while (full === undefined) {
	step++;
	try {
		ledger.topUp(bytesPackage(`step-${step}`, 1));
		if (step < 900) settleNext();
	} catch (error) {
		full = error;
	}
}
report('full', full);
const before = verifyLedger(path).broken ?? 'whole';
rmSync(`${folder}/ballast`);
const answer = ledger.topUp(bytesPackage(`step-${step}`, 1)).answer;
const settled = ledger.settle(settleAnn(900, 50));
const { available, reserved, used } = ledger.account(ANN) ?? {
	available: { byte: 0 },
	reserved: { byte: 0 },
	used: { byte: 0 },
};
console.log(
	JSON.stringify({
		before,
		answer,
		overrun: settled.overrunBytes,
		lost: 1000 + step - 900 - available.byte - reserved.byte,
		used: used.byte,
	}),
);
ledger.close();

execFileSync('mount', ['-o', 'remount,ro', folder]);
try {
	reopened(path);
} catch (error) {
	report('read-only', error);
}
console.log(JSON.stringify({ verified: verifyLedger(path).broken ?? 'whole' }));
execFileSync('mount', ['-o', 'remount,rw', folder]);
const again = reopened(path);
console.log(
	JSON.stringify({
		again: again.topUp(bytesPackage(`step-${step}`, 1)).answer,
		verified: again.verify().broken ?? 'whole',
	}),
);
again.close();

function report(name: string, error: unknown): void {
	const known = error instanceof OctroiError ? error : new OctroiError('internal', String(error));
	console.log(
		JSON.stringify({
			name,
			code: known.code,
			message: known.message.replace(folder, ''),
			hasFix: known.fix !== undefined,
			hasCause: known.cause !== undefined,
		}),
	);
}
