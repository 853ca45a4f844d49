import { writeSync } from 'node:fs';
import { systemClock } from '../../../agent/core/clock.ts';
import { silentLog } from '../../../agent/core/log.ts';
import { openLedger } from '../../../agent/ledger/ledger.ts';
import { bytesPackage, settleAnn } from './temporary-ledger.ts';

/** Settles and tops up for ever, and says after each commit how far it has come; its parent kills it. */
const [path = '', first = '0'] = process.argv.slice(2);
const ledger = openLedger(path, { clock: systemClock(), log: silentLog });
for (let step = Number(first) + 1; ; step++) {
	ledger.settle(settleAnn(step * 10, 200 + (step % 7)));
	ledger.topUp(bytesPackage(`step-${step}`, 10));
	writeSync(1, `${step}\n`);
}
