import type { AccountId } from '../core/units.ts';
import type { Answer } from '../ledger/answer.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import type { PackageTerms, TopUpResult } from '../ledger/package.ts';
import type { Peers } from './peers.ts';
import type { Pool } from './pool.ts';
import type { Pools } from './pools.ts';
import { type Cause, noAccount, type Renewal } from './renewal.ts';

export type AccountChangesOptions = {
	readonly ledger: Ledger;
	readonly pools: Pools;
	readonly renewal: Renewal;
	readonly peers: Peers;
	readonly moment: () => Moment;
};

/** Changes what accounts may spend while their stations spend it. */
export class AccountChanges {
	readonly #options: AccountChangesOptions;

	constructor(options: AccountChangesOptions) {
		this.#options = options;
	}

	/** Credits an account, and lets its stations go on at once, in the flows that they have. @throws `ledger_*`, `netlink_*` */
	async topUp(request: { transferId: string; account: AccountId; terms: PackageTerms }): Promise<TopUpResult> {
		const { ledger, moment } = this.#options;
		const { transferId, account, terms } = request;
		const buy = () => ledger.topUp({ transferId, account, package: terms, at: moment() });
		// What passes at the rate of fair use must not be charged to what is bought now; and what passes for money is charged by
		// the tariff until now.
		return this.#change(account, (pool) => pool.mode === 'slow' || terms.tariff !== undefined, buy);
	}

	/** The same with any transaction that adds to what an account has. */
	async credit<Value>(account: AccountId, work: () => Value): Promise<Value> {
		// What passes at the rate of fair use must not be charged to what is bought now.
		return this.#change(account, (pool) => pool.mode === 'slow', work);
	}

	/** A transaction that takes from what an account has: for its moment nothing is reserved for the kernel, and nothing passes. */
	async withdraw<Value>(account: AccountId, work: () => Value): Promise<Value> {
		return this.#change(account, () => true, work, 'withdrawal');
	}

	async #change<Value>(
		account: AccountId,
		mustSuspend: (pool: Pool) => boolean,
		work: () => Value,
		cause: Cause = 'change',
	): Promise<Value> {
		const { renewal, peers } = this.#options;
		const done = await this.#inTurn(account, async (pool) => {
			if (!pool) return work();
			try {
				if (mustSuspend(pool)) await renewal.suspend(pool);
				return work();
			} finally {
				// What is durable holds, whatever the kernel says: it is asked again until it obeys.
				await renewal.attempt(pool, cause);
			}
		});
		peers.renewMembers(account);
		return done;
	}

	/**
	 * Blocks an account by hand, whatever its balance, or lets it go on.
	 *
	 * @throws OctroiError `not_found`, `ledger_*`, `netlink_*`
	 */
	async setBlocked(account: AccountId, blocked: boolean): Promise<Answer> {
		const { ledger, renewal } = this.#options;
		return this.#inTurn(account, async (pool) => {
			try {
				// A blocked account has nothing reserved: the kernel must not spend by then.
				if (blocked && pool && ledger.isBlocked(account) !== undefined) await renewal.suspend(pool);
				const answer = ledger.blockAccount(account, blocked);
				if (answer === 'not_found') throw noAccount(account);
				return answer;
			} finally {
				if (pool) await renewal.attempt(pool);
			}
		});
	}

	/** Does something in the turn of an account's pool, or at once if it has none. Pools may come and go meanwhile. */
	async #inTurn<Value>(account: AccountId, work: (pool: Pool | undefined) => Promise<Value> | Value): Promise<Value> {
		const { pools, renewal } = this.#options;
		for (let pool = pools.of(account); pool; pool = pools.of(account)) {
			const mine = pool;
			const done = await renewal.turn(mine, async () =>
				pools.isCurrent(mine) ? { value: await work(mine) } : undefined,
			);
			if (done) return done.value;
		}
		return work(undefined);
	}
}
