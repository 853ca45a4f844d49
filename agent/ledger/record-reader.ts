import type Database from 'better-sqlite3';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, MacAddress, Unit, WallMs } from '../core/units.ts';
import type { AccountRow } from './account-store.ts';
import type { PackageKind } from './package.ts';
import type { PackageStore } from './package-store.ts';
import type { Reason } from './reason.ts';
import { REASONS } from './reason.ts';
import { checkAmount } from './request-check.ts';
import type { NamedTariff, TariffStore } from './tariff-store.ts';

const LIMIT_DEFAULT = 50;
/** What a terminal or a page can still show. */
const LIMIT_MAX = 1000;
/** A package received from somebody who received it …: enough to find where it began. */
const SOURCES_MAX = 16;

/** The usage record (CDR) of one session. */
export type UsageRecord = {
	readonly session: string;
	readonly account: AccountId;
	readonly mac: MacAddress;
	readonly startWallMs: WallMs;
	/** Absent while it is open. */
	readonly endWallMs?: WallMs;
	readonly endReason?: string;
	readonly upBytes: number;
	readonly downBytes: number;
	/** How many of both were of devices behind the station. */
	readonly tetheredBytes: number;
	/** Charged time; the bytes of that time are included. */
	readonly seconds: number;
	/** What wallets paid for it. */
	readonly costMicro: number;
};

/** A purchase, or another way by which a package came to its account. */
export type Purchase = {
	readonly package: string;
	readonly account: AccountId;
	readonly kind: PackageKind;
	readonly plan: string;
	readonly unit: Unit;
	readonly amount: number;
	readonly wallMs: WallMs;
	/** The package behind it: of the group, of the giver, of the cycle before. */
	readonly from?: Purchase;
};

/** One part of a record, and why it was charged as it was. */
export type ExplainedItem = {
	readonly unit: Unit;
	readonly amount: number;
	readonly reason: Reason;
	/** The reason in words. */
	readonly text: string;
	/** For a rated part. */
	readonly costMicro?: number;
	/** How many of the bytes were of devices behind the station; absent: none. */
	readonly tetheredBytes?: number;
	readonly tariff?: NamedTariff;
	/** For a part that a package paid. */
	readonly purchase?: Purchase;
};

export type ExplainedRecord = UsageRecord & { readonly items: readonly ExplainedItem[] };

/** The tree: account → records → items → package or tariff → purchase. */
export type Explanation = { readonly account: AccountId; readonly records: readonly ExplainedRecord[] };

/** The bill of a session. Lines in the order in which they were deducted; money only where a wallet paid. */
export type Receipt = {
	readonly record: UsageRecord;
	readonly lines: readonly {
		readonly reason: Reason;
		/** The reason in words. */
		readonly text: string;
		readonly unit: Unit;
		readonly amount: number;
		/** The plan or tariff. */
		readonly of?: string;
		/** How many of the bytes were of devices behind the station; absent: none. */
		readonly tetheredBytes?: number;
		readonly costMicro: number;
	}[];
	readonly totalMicro: number;
};

type RecordRow = {
	readonly number: number;
	readonly id: string;
	readonly account: AccountId;
	readonly mac: MacAddress;
	readonly opened_wall_ms: WallMs;
	readonly closed_wall_ms: WallMs | null;
	readonly close_reason: string | null;
	readonly up: number;
	readonly down: number;
	readonly tethered: number;
	readonly seconds: number;
	readonly cost: number;
};

type ItemRow = {
	readonly unit: Unit;
	readonly reason: Reason;
	readonly source: number;
	readonly amount: number;
	readonly tethered: number;
	readonly cost: number;
};

const SELECT = `
	SELECT s.number, s.id, a.id AS account, s.mac, s.opened_wall_ms, s.closed_wall_ms, s.close_reason,
		(SELECT sum(up_bytes) FROM meter AS m WHERE m.session = s.number) AS up,
		(SELECT sum(down_bytes) FROM meter AS m WHERE m.session = s.number) AS down,
		(SELECT coalesce(sum(amount), 0) FROM tethered_item AS d WHERE d.session = s.number) AS tethered,
		(SELECT sum(seconds) FROM meter AS m WHERE m.session = s.number) AS seconds,
		(SELECT coalesce(sum(cost), 0) FROM item AS i WHERE i.session = s.number) AS cost
	FROM session AS s JOIN account AS a ON a.number = s.account`;

/** Order of deduction, then what nobody paid. */
const REASON_ORDER: readonly Reason[] = ['used', 'rated', 'included', 'zero_rated', 'throttled', 'overrun', 'earlier'];

/** Reads usage records and explains them. */
export class RecordReader {
	readonly #packages: PackageStore;
	readonly #tariffs: TariffStore;
	readonly #ofAccount: Database.Statement<[number, number], RecordRow>;
	readonly #byId: Database.Statement<[string], RecordRow>;
	readonly #items: Database.Statement<[number], ItemRow>;

	constructor(database: Database.Database, stores: { packages: PackageStore; tariffs: TariffStore }) {
		this.#packages = stores.packages;
		this.#tariffs = stores.tariffs;
		this.#ofAccount = database.prepare(`${SELECT} WHERE s.account = ? ORDER BY s.number DESC LIMIT ?`);
		this.#byId = database.prepare(`${SELECT} WHERE s.id = ?`);
		// Where the package that is being spent does not pay itself, items of several packages are one.
		this.#items = database.prepare(`SELECT unit, reason, source, amount, cost, iif(unit = 'byte', min(amount, coalesce((
				SELECT sum(d.amount) FROM tethered_item AS d WHERE d.session = i.session AND d.reason = i.reason
					AND (i.reason <> 'used' OR d.package = i.source)
			), 0)), 0) AS tethered FROM item AS i WHERE session = ?`);
	}

	records(account: AccountRow, limit = LIMIT_DEFAULT): UsageRecord[] {
		checkAmount('limit', limit, 1, LIMIT_MAX);
		return this.#ofAccount.all(account.number, limit).map(recordOf);
	}

	explain(what: { account: AccountId; row: AccountRow; limit?: number } | { session: string }): Explanation {
		if ('session' in what) {
			const row = this.#session(what.session);
			return { account: row.account, records: [this.#explained(row)] };
		}
		const { account, row, limit = LIMIT_DEFAULT } = what;
		checkAmount('limit', limit, 1, LIMIT_MAX);
		return { account, records: this.#ofAccount.all(row.number, limit).map((record) => this.#explained(record)) };
	}

	receipt(session: string): Receipt {
		const row = this.#session(session);
		const lines = this.#explained(row)
			.items.filter(({ unit }) => unit !== 'micro')
			.map(({ reason, text, unit, amount, costMicro = 0, tetheredBytes, tariff, purchase }) => {
				const of = tariff?.name ?? purchase?.plan;
				const part = tetheredBytes === undefined ? {} : { tetheredBytes };
				return { reason, text, unit, amount, ...(of === undefined ? {} : { of }), ...part, costMicro };
			});
		return { record: recordOf(row), lines, totalMicro: row.cost };
	}

	#session(id: string): RecordRow {
		const row = this.#byId.get(id);
		if (row === undefined) throw new OctroiError('not_found', `there is no session ${id}`);
		return row;
	}

	#explained(row: RecordRow): ExplainedRecord {
		const items = this.#items
			.all(row.number)
			.toSorted((a, b) => rank(a) - rank(b) || a.source - b.source)
			.map((item) => this.#item(item));
		return { ...recordOf(row), items };
	}

	#item({ unit, amount, reason, source, cost, tethered }: ItemRow): ExplainedItem {
		const part = tethered === 0 ? {} : { tetheredBytes: tethered };
		const item = { unit, amount, reason, text: REASONS[reason], ...part };
		if (reason === 'rated') {
			const { number: _, ...tariff } = this.#tariffs.byNumber(source);
			return { ...item, costMicro: cost, tariff };
		}
		const purchase = reason === 'used' ? this.#purchase(source) : undefined;
		return purchase === undefined ? item : { ...item, purchase };
	}

	#purchase(balance: number, depth = 0): Purchase | undefined {
		const row = this.#packages.byBalance(balance);
		if (row === undefined) return undefined;
		// An add-on is a purchase of its own; the package that it extended explains nothing.
		const before = row.source === null || row.kind === 'bought' || depth >= SOURCES_MAX ? null : row.source;
		const from = before === null ? undefined : this.#purchase(before, depth + 1);
		return {
			package: row.id,
			account: row.account,
			kind: row.kind,
			plan: row.plan_name,
			unit: row.unit,
			amount: row.amount,
			wallMs: row.bought_wall_ms,
			...(from === undefined ? {} : { from }),
		};
	}
}

function rank({ reason, unit }: ItemRow): number {
	// The money that paid is listed after what it paid for.
	return unit === 'micro' ? REASON_ORDER.length : REASON_ORDER.indexOf(reason);
}

function recordOf(row: RecordRow): UsageRecord {
	return {
		session: row.id,
		account: row.account,
		mac: row.mac,
		startWallMs: row.opened_wall_ms,
		...(row.closed_wall_ms === null || row.close_reason === null
			? {}
			: { endWallMs: row.closed_wall_ms, endReason: row.close_reason }),
		upBytes: row.up,
		downBytes: row.down,
		tetheredBytes: row.tethered,
		seconds: row.seconds,
		costMicro: row.cost,
	};
}
