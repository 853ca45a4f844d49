import type { AccountRow, AccountStore } from './account-store.ts';
import type { GroupStore } from './group-store.ts';
import { type Moment, validityTime } from './moment.ts';
import type { PackageStore } from './package-store.ts';

/** The soonest of what ends, of the account and of its groups. */
export function nextChangeMs(
	account: AccountRow,
	at: Moment,
	{ accounts, packages, groups }: ChangeStores,
): number | null {
	const owners = new Set([account.number, ...groups.memberships(account.number).map(({ in_group }) => in_group)]);
	const waits = [...owners].flatMap((number) => {
		const row = accounts.byNumber(number);
		const now = validityTime(at);
		if (now === null) return packages.nextBootExpiryMs(row, at) ?? [];
		const expiry = packages.nextExpiry(row, now);
		return expiry === null ? [] : expiry - now;
	});
	return waits.length === 0 ? null : Math.min(...waits);
}

type ChangeStores = { accounts: AccountStore; packages: PackageStore; groups: GroupStore };
