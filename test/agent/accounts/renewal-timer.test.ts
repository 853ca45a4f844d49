import test from 'ava';
import { RenewalTimer } from '../../../agent/accounts/renewal-timer.ts';
import { silentLog } from '../../../agent/core/log.ts';
import type { BootMs, WallMs } from '../../../agent/core/units.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

test('cycles begin every hour, also after one that failed, until it is stopped', async (t) => {
	const clock = new FakeClock();
	let calls = 0;
	const ledger = {
		issueRenewals() {
			calls += 1;
			if (calls === 2) throw new Error('the disk is full');
			return 1;
		},
	};
	const moment = () => ({ wallMs: 0 as WallMs, bootMs: 0 as BootMs });
	const timer = new RenewalTimer({ clock, ledger, moment, log: silentLog });
	timer.start();
	t.is(calls, 1);
	await clock.pass(3_600_000 * 2 + 1000, () => Promise.resolve());
	t.is(calls, 3);
	timer.stop();
	timer.stop();
	await clock.pass(3_600_000 * 2, () => Promise.resolve());
	t.is(calls, 3);
});
