import { lockAccount } from '../account/accounts.ts';
import { noteCredit } from '../account/credit-state.ts';
import { addTransfers } from '../account/transfers.ts';
import type { Database, Queryable } from '../database/database.ts';
import { addEvents } from '../fleet/events.ts';
import { noteRestriction } from '../slice/restriction.ts';
import { movePackages, type PackageRow } from './packages.ts';

/** Accounts that one sweep looks at: the sweep after it takes the next. */
const SWEEP_ACCOUNTS_MAX = 200;

/** What is left of packages that have ended lapses, by a transfer. The account must be locked. Answers how many ended. */
export async function expirePackages(tx: Queryable, account: string, now: number): Promise<number> {
	const ended = await tx.query<PackageRow>(
		'SELECT * FROM package WHERE account = $1 AND available > 0 AND expires_at <= $2 ORDER BY package',
		[account, now],
	);
	if (ended.length === 0) return 0;
	await addTransfers(
		tx,
		ended.map(({ package: id, available: amount }) => ({
			account,
			id: `expired:${id}:${now}`,
			unit: 'byte',
			from: 'available',
			to: 'lapsed',
			amount,
			kind: 'package-expired',
			about: { package: id },
			at: now,
		})),
	);
	await movePackages(
		tx,
		account,
		ended.map(({ package: id, available }) => ({ id, amount: -available })),
	);
	const events = ended.map(({ package: id, plan, available: lapsed }) => ({
		ap: '',
		id: `expired:${account}:${id}:${now}`,
		kind: 'package.expired',
		account,
		at: now,
		details: { package: id, plan, lapsed },
	}));
	await addEvents(tx, events, now);
	await noteCredit(tx, [account], now);
	await noteRestriction(tx, [account], now);
	return ended.length;
}

/** All that is due, an account a transaction: nobody waits for a sweep. Several processes may do this side by side. */
export async function expireDuePackages(database: Database, now: number): Promise<number> {
	const due = await database.query<{ account: string }>(
		'SELECT DISTINCT account FROM package WHERE available > 0 AND expires_at <= $1 ORDER BY account LIMIT $2',
		[now, SWEEP_ACCOUNTS_MAX],
	);
	let ended = 0;
	for (const { account } of due) {
		ended += await database.transaction(async (tx) => {
			await lockAccount(tx, account);
			return await expirePackages(tx, account, now);
		});
	}
	return ended;
}
