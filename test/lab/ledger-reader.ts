import Database from 'better-sqlite3';

export type Charged = { up: number; down: number };

/**
 * Reads the agent's database without the agent's code: what was charged is asked of the file, not of the program that wrote it.
 * Read-only; works while the agent runs and after it was killed.
 */
export class LedgerReader {
	readonly #file: string;

	constructor(file: string) {
		this.#file = file;
	}

	/** Layer-3 bytes of a class charged to each station over all of its sessions, by MAC address. */
	charged(of: 'own' | 'tethered' = 'own'): Map<string, Charged> {
		const rows = this.#all<{ mac: string; up: number; down: number }>(
			`SELECT mac, sum(up_bytes) AS up, sum(down_bytes) AS down
			FROM session JOIN meter ON meter.session = session.number AND meter.class = '${of}' GROUP BY mac`,
		);
		return new Map(rows.map(({ mac, up, down }) => [mac, { up, down }]));
	}

	/** The same of all stations together. */
	chargedBytes(): number {
		return [...this.charged().values()].reduce((total, { up, down }) => total + up + down, 0);
	}

	/** Seconds charged to each station over all of its sessions, by MAC address. */
	chargedSeconds(): Map<string, number> {
		const rows = this.#all<{ mac: string; seconds: number }>(
			'SELECT mac, sum(seconds) AS seconds FROM session JOIN meter ON meter.session = session.number GROUP BY mac',
		);
		return new Map(rows.map(({ mac, seconds }) => [mac, seconds]));
	}

	/** Bytes that stand reserved for the kernel, by account. */
	reserved(): Map<string, number> {
		return this.#byAccount(
			`SELECT account.id AS account, sum(debits_pending) AS amount FROM balance JOIN account ON account.number = balance.account
			WHERE unit = 'byte' GROUP BY account.id`,
		);
	}

	/** Bytes moved for one of these reasons, by account: transfers and posts, but not reservations. Voids only where `withVoids`. */
	moved(reasons: readonly string[], withVoids = false): Map<string, number> {
		const kinds = withVoids ? "'transfer', 'post', 'void'" : "'transfer', 'post'";
		const names = reasons.map((reason) => `'${reason}'`).join(', ');
		return this.#byAccount(
			`SELECT account.id AS account, sum(amount) AS amount FROM transfer JOIN account ON account.number = transfer.account
			WHERE unit = 'byte' AND kind IN (${kinds}) AND reason IN (${names}) GROUP BY account.id`,
		);
	}

	/** The one number that a query answers. */
	count(sql: string): number {
		return Object.values(this.#all<Record<string, number>>(sql)[0] ?? {})[0] ?? Number.NaN;
	}

	#byAccount(sql: string): Map<string, number> {
		return new Map(this.#all<{ account: string; amount: number }>(sql).map(({ account, amount }) => [account, amount]));
	}

	#all<Row>(sql: string): Row[] {
		const database = new Database(this.#file, { readonly: true, fileMustExist: true });
		try {
			return database.prepare(sql).all() as Row[];
		} finally {
			database.close();
		}
	}
}

/** Of all accounts together. */
export function totalOf(amounts: ReadonlyMap<string, number>): number {
	return [...amounts.values()].reduce((total, amount) => total + amount, 0);
}
