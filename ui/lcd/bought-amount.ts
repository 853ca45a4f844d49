import type { AccountDetail } from '../../agent/status/protocol.ts';

/** Asks the agent; a test answers itself. */
export type ShowAccount = (account: string) => Promise<AccountDetail>;

/** A refused question is asked again after this time, not every second. */
const RETRY_MS = 10_000;

/**
 * What an account's packages held when they were bought: the whole of which a bar shows the rest. The stream has only what is
 * left, so it is asked for when another account is chosen and when a balance has grown.
 */
export class BoughtAmount {
	readonly #show: ShowAccount;
	#asked: { account: string; unit: 'byte' | 'second'; amount: number; atMs: number } | undefined;
	#amount: number | undefined;

	constructor(show: ShowAccount) {
		this.#show = show;
	}

	/** The last answer, if it is of this account; a new question is asked in the background if need be. */
	of(account: string, unit: 'byte' | 'second', amount: number, nowMs: number): number | undefined {
		const asked = this.#asked;
		const isSame = asked?.account === account && asked.unit === unit;
		if (!isSame) {
			this.#amount = undefined;
		}
		if (!isSame || amount > asked.amount || (this.#amount === undefined && nowMs - asked.atMs >= RETRY_MS)) {
			this.#asked = { account, unit, amount, atMs: nowMs };
			void this.#ask(account, unit);
		} else {
			asked.amount = amount;
		}
		return this.#amount;
	}

	async #ask(account: string, unit: 'byte' | 'second'): Promise<void> {
		try {
			const { packages } = await this.#show(account);
			if (this.#asked?.account === account && this.#asked.unit === unit) {
				const open = packages.filter((row) => row.unit === unit && row.remaining > 0);
				this.#amount = open.length === 0 ? undefined : open.reduce((sum, row) => sum + row.amount, 0);
			}
		} catch {
			// The agent may be away; the feed says so. The bar waits.
			this.#amount = undefined;
		}
	}
}
