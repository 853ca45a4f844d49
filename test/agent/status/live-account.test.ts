import test from 'ava';
import { liveAccount } from '../../../agent/status/live-account.ts';
import type { AccountDetail } from '../../../agent/status/protocol.ts';

test('what stations have had since the last charge is off the reserve, of each package in turn, and off what is usable', (t) => {
	const package_ = (id: string, reserved: number) => ({ id, unit: 'byte', remaining: 10_000, reserved });
	const account = {
		balance: {
			byte: { available: 15_000, reserved: 5000 },
			second: { available: 0, reserved: 60 },
			micro: { available: 7, reserved: 2 },
		},
		unsettled: { byte: 3500, second: 20 },
		usable: { byte: 20_000, second: 60 },
		packages: [package_('a', 3000), package_('b', 2000), { id: 'c', unit: 'micro', remaining: 9, reserved: 2 }],
	} as unknown as AccountDetail;
	const live = liveAccount(account);
	t.deepEqual(live.balance.byte, { available: 15_000, reserved: 1500 });
	t.deepEqual(live.balance.second, { available: 0, reserved: 40 });
	t.deepEqual(live.balance.micro, { available: 7, reserved: 2 });
	t.deepEqual(live.usable, { byte: 16_500, second: 40 });
	t.deepEqual(
		live.packages.map(({ remaining, reserved }) => [remaining, reserved]),
		[
			[7000, 0],
			[9500, 1500],
			[9, 2],
		],
	);
});
