import type Database from 'better-sqlite3';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, Unit, WallMs } from '../core/units.ts';
import type { AccountStore } from './account-store.ts';
import type { Answer } from './answer.ts';
import type { HeldCredit } from './held-credit.ts';
import type { Moment } from './moment.ts';
import { checkAmount, checkId } from './request-check.ts';
import type { SettlePlan } from './settle-plan.ts';

/** When an account is to be warned: at a rest, or at a part of what it has bought. Exactly one of the two. */
export type SetAlertRequest = {
	readonly account: AccountId;
	/** Made by whoever asks; the same id changes the alert. */
	readonly id: string;
	readonly unit: Unit;
	readonly remaining?: number;
	/** 1 to 100. */
	readonly usedPercent?: number;
};

/** Armed: not crossed. Raised: crossed, and nobody has said that it was seen. It is armed again by a purchase. */
export type AlertState = 'armed' | 'raised' | 'seen';

export type Alert = SetAlertRequest & { readonly state: AlertState; readonly raisedWallMs?: WallMs };

type AlertRow = {
	readonly account: number;
	readonly id: string;
	readonly unit: Unit;
	readonly remaining: number | null;
	readonly used_percent: number | null;
	readonly state: AlertState;
	readonly raised_wall_ms: WallMs | null;
};

const UNITS: readonly Unit[] = ['byte', 'second', 'micro'];
/** Each settle of the account looks at all of them. */
const ALERTS_MAX = 16;

/** The table `alert`. */
export class Alerts {
	readonly #accounts: AccountStore;
	readonly #credit: HeldCredit;
	readonly #all: Database.Statement<[number], AlertRow>;
	readonly #put: Database.Statement<[number, string, Unit, number | null, number | null]>;
	readonly #state: Database.Statement<[AlertState, number | null, number, string]>;
	readonly #remove: Database.Statement<[number, string]>;

	constructor(database: Database.Database, stores: { accounts: AccountStore; credit: HeldCredit }) {
		this.#accounts = stores.accounts;
		this.#credit = stores.credit;
		this.#all = database.prepare('SELECT * FROM alert WHERE account = ? ORDER BY id');
		this.#put = database.prepare(`INSERT INTO alert (account, id, unit, remaining, used_percent) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET unit = excluded.unit, remaining = excluded.remaining,
				used_percent = excluded.used_percent, state = 'armed', raised_wall_ms = NULL`);
		this.#state = database.prepare('UPDATE alert SET state = ?, raised_wall_ms = ? WHERE account = ? AND id = ?');
		this.#remove = database.prepare('DELETE FROM alert WHERE account = ? AND id = ?');
	}

	/** → created, changed, exists, not_found (the account). */
	set(request: SetAlertRequest, at: Moment): Answer {
		const { account: accountId, id, unit, remaining, usedPercent } = request;
		checkAlert(request);
		const account = this.#accounts.find(accountId);
		if (account === undefined) return 'not_found';
		const all = this.#all.all(account.number);
		const found = all.find((row) => row.id === id);
		if (found === undefined && all.length >= ALERTS_MAX) {
			throw new OctroiError('not_allowed', `an account has at most ${ALERTS_MAX} alerts`, { fix: 'remove one first' });
		}
		const isSame = found?.unit === unit && found.remaining === (remaining ?? null);
		if (isSame && found.used_percent === (usedPercent ?? null)) return 'exists';
		this.#put.run(account.number, id, unit, remaining ?? null, usedPercent ?? null);
		this.evaluate(account.number, at);
		return found === undefined ? 'created' : 'changed';
	}

	/** → changed, not_found. */
	remove(accountId: AccountId, id: string): Answer {
		const account = this.#accounts.find(accountId);
		if (account === undefined) return 'not_found';
		return this.#remove.run(account.number, id).changes > 0 ? 'changed' : 'not_found';
	}

	/** → changed, exists (it was not raised), not_found. */
	seen(accountId: AccountId, id: string): Answer {
		const account = this.#accounts.find(accountId);
		const alert = account && this.#all.all(account.number).find((row) => row.id === id);
		if (alert === undefined) return 'not_found';
		if (alert.state !== 'raised') return 'exists';
		this.#state.run('seen', alert.raised_wall_ms, alert.account, id);
		return 'changed';
	}

	alerts(account: number): Alert[] {
		return this.#all.all(account).map((row) => ({
			account: this.#accounts.idOf(row.account),
			id: row.id,
			unit: row.unit,
			...(row.remaining === null ? {} : { remaining: row.remaining }),
			...(row.used_percent === null ? {} : { usedPercent: row.used_percent }),
			state: row.state,
			...(row.raised_wall_ms === null ? {} : { raisedWallMs: row.raised_wall_ms }),
		}));
	}

	/**
	 * Raises what was crossed, and arms what was crossed back.
	 *
	 * @param planned what a settle of the account has found and left, what it may draw from groups included
	 * @param spent packages of the account from which a member has just drawn
	 */
	evaluate(
		account: number,
		at: Moment,
		{ planned, spent }: { planned?: SettlePlan; spent?: readonly number[] } = {},
	): void {
		const alerts = this.#all.all(account);
		if (alerts.length === 0) return;
		const credit = this.#credit;
		const held = planned === undefined ? credit.now(account, at, spent) : credit.after(account, at, planned);
		for (const alert of alerts) {
			const { remaining, total } = held[alert.unit];
			// Where nothing is left of which a part could be used, everything stays as it was until something is bought.
			if (alert.remaining === null && total === 0) continue;
			const isCrossed =
				alert.remaining === null
					? (total - remaining) * 100 >= (alert.used_percent ?? 100) * total
					: remaining <= alert.remaining;
			// What was never bought cannot be used up.
			const isRaised = isCrossed && this.#accounts.byNumber(account).last_transfer !== null;
			if (isRaised === (alert.state !== 'armed')) continue;
			this.#state.run(isRaised ? 'raised' : 'armed', isRaised ? at.wallMs : null, account, alert.id);
		}
	}
}

function checkAlert({ id, unit, remaining, usedPercent }: SetAlertRequest): void {
	checkId('alert', id);
	if (!UNITS.includes(unit)) {
		throw new OctroiError('invalid_value', `the unit is ${String(unit)}`, { fix: `give ${UNITS.join(', ')}` });
	}
	if ((remaining === undefined) === (usedPercent === undefined)) {
		throw new OctroiError('invalid_value', 'an alert needs either a rest or a percentage');
	}
	if (remaining !== undefined) checkAmount('remaining', remaining);
	if (usedPercent !== undefined) checkAmount('usedPercent', usedPercent, 1, 100);
}
