import type { AccountDetail, AccountRow, BalanceOf } from './protocol.ts';

/**
 * The balance as it is now: what the stations have had since the last charge is taken off what is reserved for them, as that charge will do. So an
 * account has the same figure as its stations.
 */
export function liveBalance({ balance, unsettled }: Pick<AccountRow, 'balance' | 'unsettled'>): AccountRow['balance'] {
	const less = ({ available, reserved }: BalanceOf, amount: number) => ({
		available,
		reserved: Math.max(0, reserved - amount),
	});
	return {
		byte: less(balance.byte, unsettled.byte),
		second: less(balance.second, unsettled.second),
		micro: balance.micro,
	};
}

/** The same for all that is shown of an account: its packages in the order in which they are spent, and what it is enough for. */
export function liveAccount(account: AccountDetail): AccountDetail {
	const open = { ...account.unsettled };
	const packages = account.packages.map((one) => {
		if (one.unit === 'micro') return one;
		const used = Math.min(open[one.unit], one.reserved);
		open[one.unit] -= used;
		return { ...one, remaining: one.remaining - used, reserved: one.reserved - used };
	});
	const { byte, second } = account.usable;
	const usable = {
		byte: Math.max(0, byte - account.unsettled.byte),
		second: Math.max(0, second - account.unsettled.second),
	};
	return { ...account, balance: liveBalance(account), packages, usable };
}
