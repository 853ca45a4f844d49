import type Database from 'better-sqlite3';
import type { AccountId, MeterId, Unit } from '../core/units.ts';
import type { AccountStore } from './account-store.ts';
import type { Books } from './books.ts';
import type { LossDirection, LostGrant, ResolveLostAccountRequest, ResolveLostRequest } from './lost.ts';
import type { Epoch, Moment } from './moment.ts';
import type { SessionStore } from './session-store.ts';

type OpenGrantRow = {
	readonly sequence: number;
	readonly grant: string;
	readonly package: string;
	readonly account: AccountId;
	readonly unit: Unit;
	readonly amount: number;
	readonly debit: number;
	readonly credit: number;
};

/** Resolves grants whose counters are gone. Only inside of a transaction of its caller. */
export class LossResolver {
	readonly #accounts: AccountStore;
	readonly #sessions: SessionStore;
	readonly #books: Books;
	readonly #grants: Database.Statement<[number], OpenGrantRow>;
	readonly #epochs: Database.Statement<[], Epoch>;

	constructor(database: Database.Database, stores: { accounts: AccountStore; sessions: SessionStore; books: Books }) {
		this.#accounts = stores.accounts;
		this.#sessions = stores.sessions;
		this.#books = stores.books;
		this.#grants = database.prepare(`
			SELECT t.sequence, t.id AS "grant", p.id AS package, a.id AS account, t.unit, t.amount, t.debit, t.credit
			FROM balance AS b JOIN transfer AS t ON t.sequence = b.open_grant
				JOIN package AS p ON p.balance = b.number JOIN account AS a ON a.number = b.account
			WHERE b.live = 1 AND b.account IS NOT NULL AND t.epoch = ? ORDER BY t.sequence`);
		this.#epochs = database
			.prepare<[], Epoch>(`
				SELECT name FROM epoch WHERE number IN (
					SELECT epoch FROM meter WHERE open = 1 UNION
					SELECT t.epoch FROM balance AS b JOIN transfer AS t ON t.sequence = b.open_grant
					WHERE b.live = 1 AND b.account IS NOT NULL
				) ORDER BY number`)
			.pluck();
	}

	openEpochs(): Epoch[] {
		return this.#epochs.all();
	}

	resolve(request: ResolveLostRequest & Partial<ResolveLostAccountRequest>): LostGrant[] {
		const epoch = this.#books.knownEpoch(request.epoch);
		if (epoch === undefined) return [];
		const { account, meters, direction, at } = request;
		const grants = this.#grants.all(epoch).filter((grant) => account === undefined || grant.account === account);
		for (const grant of grants) this.#resolveGrant(grant, epoch, direction, at);
		this.#closeSessions(epoch, at, { account, meters });
		return grants.map(({ account, grant, package: package_, unit, amount }) => {
			return { account, grant, package: package_, unit, amount, direction };
		});
	}

	#resolveGrant(grant: OpenGrantRow, epoch: number, direction: LossDirection, at: Moment): void {
		const { sequence: pending, unit, debit, credit, amount } = grant;
		const account = this.#accounts.find(grant.account);
		if (account === undefined) return;
		const chain = { account: account.number, last: account.last_transfer };
		const isPosted = direction === 'venue';
		this.#books.append(chain, {
			kind: isPosted ? 'post' : 'void',
			reason: isPosted ? 'lost_venue' : 'lost_customer',
			unit,
			debit,
			credit,
			amount,
			pending,
			epoch,
			at,
		});
		this.#accounts.store(chain, isPosted ? debit : account.last_package);
		// What had begun was of what is charged now.
		if (isPosted && unit !== 'byte') this.#accounts.setBegun(account.number, 0);
	}

	#closeSessions(
		epoch: number,
		at: Moment,
		only: { account: AccountId | undefined; meters: readonly MeterId[] | undefined },
	): void {
		const account = only.account === undefined ? undefined : this.#accounts.find(only.account)?.number;
		for (const meter of this.#sessions.openMetersOfEpoch(epoch)) {
			if (only.account !== undefined && meter.account !== account) continue;
			if (only.meters !== undefined && !only.meters.includes(meter.id)) continue;
			this.#sessions.closeNumber(meter.session, 'lost', at);
			this.#accounts.setWalletOpen(meter.account, 0, null);
		}
	}
}
