import { writeSync } from 'node:fs';
import { systemClock } from '../../../agent/core/clock.ts';
import { silentLog } from '../../../agent/core/log.ts';
import type { AccountId } from '../../../agent/core/units.ts';
import { openLedger } from '../../../agent/ledger/ledger.ts';
import { giftOf, redemptionOf } from './code-scenario.ts';

/** Redeems one code after the other and gives some of it away, and says after each what is done; its parent kills it. */
const [path = '', first = '0'] = process.argv.slice(2);
const ledger = openLedger(path, { clock: systemClock(), log: silentLog });
for (let serial = Number(first) + 1; ; serial++) {
	ledger.codes.redeem(redemptionOf(`may-${serial}`));
	ledger.codes.give(giftOf(`g-${serial}`, 400, { account: `may-${serial}` as AccountId }));
	ledger.codes.redeem(redemptionOf(`gift g-${serial}`));
	writeSync(1, `${serial}\n`);
}
