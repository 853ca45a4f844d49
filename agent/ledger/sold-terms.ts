import type Database from 'better-sqlite3';
import type { AccountId } from '../core/units.ts';
import type { TermsChange } from './carrier.ts';
import type { Pace } from './package.ts';

/** The packages of one account (first) or of one plan (second) that decide anything: in use, or the last one that was. */
const DECIDING = `balance IN (
	SELECT p.balance FROM package AS p JOIN balance AS b ON b.number = p.balance JOIN account AS a ON a.number = p.account
	WHERE (b.live = 1 OR a.last_package = p.balance) AND p.kind <> 'grace' AND (p.account = @account OR p.plan_name = @plan))`;

type Whose = { readonly account: number | null; readonly plan: string | null };

/** Changes what was sold while it is in use: its end, its speed, its number of stations. Amounts and prices never change. */
export class SoldTerms {
	readonly #end: Database.Statement<[Whose & { atEnd: string; throttle: number | null }]>;
	readonly #accountEnd: Database.Statement<[string, number | null, number]>;
	readonly #keepPace: Database.Statement<[Whose]>;
	readonly #keepOne: Database.Statement<[number]>;
	readonly #paceOne: Database.Statement<[number | null, number | null, number]>;
	readonly #pace: Database.Statement<[Whose & { up: number | null; down: number | null }]>;
	readonly #soldPace: Database.Statement<[Whose]>;
	readonly #forgetPace: Database.Statement<[Whose]>;
	readonly #stations: Database.Statement<[Whose & { stations: number | null }]>;
	readonly #accounts: Database.Statement<[Whose], AccountId>;

	constructor(database: Database.Database) {
		this.#end = database.prepare(
			`UPDATE package SET at_end = @atEnd, throttle_bytes_per_second = @throttle,
				grace_unit = iif(@atEnd = 'block', grace_unit, NULL), grace_amount = iif(@atEnd = 'block', grace_amount, NULL)
			WHERE ${DECIDING}`,
		);
		this.#accountEnd = database.prepare(
			'UPDATE account SET at_end = ?, throttle_bytes_per_second = ? WHERE number = ?',
		);
		this.#keepPace = database.prepare(`INSERT OR IGNORE INTO sold_pace
			SELECT balance, up_bytes_per_second, down_bytes_per_second FROM package WHERE ${DECIDING}`);
		this.#keepOne = database.prepare(
			'INSERT INTO sold_pace SELECT balance, up_bytes_per_second, down_bytes_per_second FROM package WHERE balance = ?',
		);
		this.#paceOne = database.prepare(
			'UPDATE package SET up_bytes_per_second = ?, down_bytes_per_second = ? WHERE balance = ?',
		);
		this.#pace = database.prepare(
			`UPDATE package SET up_bytes_per_second = @up, down_bytes_per_second = @down WHERE ${DECIDING}`,
		);
		this.#soldPace = database.prepare(`UPDATE package SET
				up_bytes_per_second = (SELECT up FROM sold_pace AS s WHERE s.balance = package.balance),
				down_bytes_per_second = (SELECT down FROM sold_pace AS s WHERE s.balance = package.balance)
			WHERE ${DECIDING} AND balance IN (SELECT balance FROM sold_pace)`);
		this.#forgetPace = database.prepare(`DELETE FROM sold_pace WHERE ${DECIDING}`);
		this.#stations = database.prepare(`UPDATE package SET stations_max = @stations WHERE ${DECIDING}`);
		this.#accounts = database
			.prepare<[Whose], AccountId>(
				`SELECT DISTINCT a.id FROM package AS p JOIN account AS a ON a.number = p.account WHERE p.${DECIDING}`,
			)
			.pluck();
	}

	ofAccount(account: number, change: TermsChange): void {
		this.#change({ account, plan: null }, change);
		if (change.end === undefined) return;
		this.#accountEnd.run(change.end.atEnd, change.end.throttleBytesPerSecond ?? null, account);
	}

	/** The speed of one package only, instead of that with which it was sold. */
	ofPackage(balance: number, { upBytesPerSecond, downBytesPerSecond }: Pace): void {
		this.#keepOne.run(balance);
		this.#paceOne.run(upBytesPerSecond ?? null, downBytesPerSecond ?? null, balance);
	}

	/** @returns the accounts that it concerns */
	ofPlan(plan: string, change: TermsChange): AccountId[] {
		this.#change({ account: null, plan }, change);
		return this.#accounts.all({ account: null, plan });
	}

	#change(whose: Whose, { end, pace, stationsMax }: TermsChange): void {
		if (end) this.#end.run({ ...whose, atEnd: end.atEnd, throttle: end.throttleBytesPerSecond ?? null });
		if (stationsMax !== undefined) this.#stations.run({ ...whose, stations: stationsMax });
		if (pace === undefined) return;
		const { upBytesPerSecond: up = null, downBytesPerSecond: down = null } = pace;
		if (whose.plan !== null) {
			// The plan itself is another now: what it was sold with is forgotten.
			this.#forgetPace.run(whose);
			this.#pace.run({ ...whose, up, down });
		} else if (up === null && down === null) {
			this.#soldPace.run(whose);
			this.#forgetPace.run(whose);
		} else {
			this.#keepPace.run(whose);
			this.#pace.run({ ...whose, up, down });
		}
	}
}
