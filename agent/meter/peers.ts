import type { AccountId } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Pools } from './pools.ts';
import type { Renewal } from './renewal.ts';

export type PeersOptions = { readonly ledger: Ledger; readonly pools: Pools; readonly renewal: Renewal };

/** Accounts whose credit depends on each other: a group and its members. */
export class Peers {
	readonly #options: PeersOptions;

	constructor(options: PeersOptions) {
		this.#options = options;
	}

	/** What an account may spend has changed otherwise than by its stations. Resolves when its own go on by that, or it is tried again. */
	async creditChanged(account: AccountId): Promise<void> {
		const { pools, renewal } = this.#options;
		this.renewMembers(account);
		const pool = pools.of(account);
		if (pool) await renewal.turn(pool, () => renewal.attempt(pool));
	}

	/** What a group has bought is there for its members. */
	renewMembers(group: AccountId): void {
		const { ledger } = this.#options;
		if (ledger.isBlocked(group) === undefined) return;
		for (const member of ledger.members(group)) this.#renew(member.account);
	}

	/** What a member gave back may be what another one waits for. */
	wakeOthers(account: AccountId): void {
		const { ledger, pools, renewal } = this.#options;
		for (const group of ledger.groupsOf(account)) {
			for (const member of ledger.members(group)) {
				const pool = member.account === account ? undefined : pools.of(member.account);
				if (pool && pool.mode !== 'bytes' && pool.mode !== 'time') renewal.renewInTurn(pool);
			}
		}
	}

	#renew(account: AccountId): void {
		const { pools, renewal } = this.#options;
		const pool = pools.of(account);
		if (pool) renewal.renewInTurn(pool);
	}
}
