import type { AccountId, UsageUnit, WallMs } from '../core/units.ts';
import type { AtEnd, End } from './account.ts';
import { endOfRow } from './account-store.ts';
import type { ClassPolicy, Pace, Package, PackageKind, PackageTerms } from './package.ts';
import type { SettlementPackage } from './settlement.ts';

/** What a settle needs to know of a live package, its balance and its open grant: read for every account in every settle. */
export type LivePackage = SettlementPackage & {
	readonly id: string;
	readonly kind: PackageKind;
	/** As bought. */
	readonly amount: number;
	readonly expiresAtWallMs: WallMs | null;
	readonly valid_for_seconds: number | null;
	readonly valid_from: 'purchase' | 'first_use';
	readonly since_boot_ms: number | null;
	readonly since_boot: string | null;
	/** When its expiry was set, by the clock by which it was set; null: it has none, or one that is in no doubt. */
	readonly dated_at_ms: number | null;
	readonly at_end: AtEnd;
	readonly throttle_bytes_per_second: number | null;
	readonly grace_unit: UsageUnit | null;
	readonly grace_amount: number | null;
	readonly up_bytes_per_second: number | null;
	readonly down_bytes_per_second: number | null;
	readonly stations_max: number | null;
	readonly tethered_rule: ClassPolicy['rule'] | null;
	readonly tethered_bytes_per_second: number | null;
	readonly tethered_after_bytes: number | null;
	readonly own_rule: ClassPolicy['rule'] | null;
	readonly own_bytes_per_second: number | null;
	readonly own_after_bytes: number | null;
	readonly source: number | null;
	readonly tariff: number | null;
	/** The sequence, id and epoch of the open grant. */
	readonly grant: number | null;
	readonly grant_id: string | null;
	readonly grant_epoch: number | null;
};

/** All of a package. */
export type PackageRow = LivePackage & {
	readonly account: AccountId;
	readonly account_number: number;
	readonly plan_name: string;
	readonly bought_wall_ms: WallMs;
	readonly tariff_name: string | null;
	readonly renew_every_seconds: number | null;
	readonly add_on: 0 | 1;
	readonly source_id: string | null;
	readonly source_account: AccountId | null;
};

const LIVE_COLUMNS = `p.balance, p.id, p.kind, b.unit, p.amount, p.valid_for_seconds, p.expires_at_wall_ms AS expiresAtWallMs,
	p.valid_from, p.since_boot_ms, p.since_boot, p.dated_at_ms, p.at_end, p.throttle_bytes_per_second, p.grace_unit, p.grace_amount,
	p.up_bytes_per_second, p.down_bytes_per_second, p.stations_max, p.source, p.tariff,
	p.tethered_rule, p.tethered_bytes_per_second, p.tethered_after_bytes,
	p.own_rule, p.own_bytes_per_second, p.own_after_bytes,
	CASE p.kind WHEN 'share' THEN 'group' WHEN 'grace' THEN 'grace' ELSE 'own' END AS scope,
	b.credits_posted - b.debits_posted AS remaining, b.debits_pending AS reserved,
	b.open_grant AS "grant", t.id AS grant_id, t.epoch AS grant_epoch`;

const FROM =
	'FROM balance AS b JOIN package AS p ON p.balance = b.number LEFT JOIN transfer AS t ON t.sequence = b.open_grant';

export const SELECT_LIVE = `SELECT ${LIVE_COLUMNS} ${FROM}`;

export const SELECT_PACKAGE = `SELECT ${LIVE_COLUMNS}, a.id AS account, b.account AS account_number, p.plan_name, p.bought_wall_ms,
	f.name AS tariff_name, p.renew_every_seconds, p.add_on, s.id AS source_id, g.id AS source_account
	${FROM} JOIN account AS a ON a.number = b.account LEFT JOIN tariff AS f ON f.number = p.tariff
		LEFT JOIN package AS s ON s.balance = p.source LEFT JOIN account AS g ON g.number = s.account`;

export function packageOf(row: PackageRow): Package {
	const pace = paceOf(row);
	return {
		id: row.id,
		account: row.account,
		kind: row.kind,
		planName: row.plan_name,
		unit: row.unit,
		amount: row.amount,
		remaining: row.remaining,
		reserved: row.reserved,
		boughtWallMs: row.bought_wall_ms,
		...(row.expiresAtWallMs === null ? {} : { expiresAtWallMs: row.expiresAtWallMs }),
		atEnd: row.at_end,
		...(row.throttle_bytes_per_second === null ? {} : { throttleBytesPerSecond: row.throttle_bytes_per_second }),
		...(pace === undefined ? {} : { pace }),
		...(row.stations_max === null ? {} : { stationsMax: row.stations_max }),
		...classesOf(row),
		...(row.source_id === null ? {} : { source: row.source_id }),
		...(row.kind === 'share' && row.source_account !== null ? { group: row.source_account } : {}),
		...(row.renew_every_seconds === null ? {} : { renews: true }),
		...(row.tariff_name === null ? {} : { tariff: row.tariff_name }),
	};
}

export function paceOf(row: Pick<LivePackage, 'up_bytes_per_second' | 'down_bytes_per_second'>): Pace | undefined {
	const { up_bytes_per_second: up, down_bytes_per_second: down } = row;
	if (up === null && down === null) return undefined;
	return {
		...(up === null ? {} : { upBytesPerSecond: up }),
		...(down === null ? {} : { downBytesPerSecond: down }),
	};
}

/** What each class of flows may have of it; a class of which it does not say is not there. */
export function classesOf(
	row: Pick<LivePackage, `${'own' | 'tethered'}_${'rule' | 'bytes_per_second' | 'after_bytes'}`>,
): {
	own?: ClassPolicy;
	tethered?: ClassPolicy;
} {
	const own = policyOf(row.own_rule, row.own_bytes_per_second, row.own_after_bytes);
	const tethered = policyOf(row.tethered_rule, row.tethered_bytes_per_second, row.tethered_after_bytes);
	return { ...(own === undefined ? {} : { own }), ...(tethered === undefined ? {} : { tethered }) };
}

function policyOf(
	rule: ClassPolicy['rule'] | null,
	bytesPerSecond: number | null,
	afterBytes: number | null,
): ClassPolicy | undefined {
	if (rule === null) return undefined;
	return {
		rule,
		...(bytesPerSecond === null ? {} : { bytesPerSecond }),
		...(afterBytes === null ? {} : { afterBytes }),
	};
}

/** What it was bought as; its tariff, which is stored by number, apart. */
export function termsOf(row: PackageRow): PackageTerms {
	const pace = paceOf(row);
	return {
		unit: row.unit,
		amount: row.amount,
		planName: row.plan_name,
		atEnd: row.at_end,
		...(row.throttle_bytes_per_second === null ? {} : { throttleBytesPerSecond: row.throttle_bytes_per_second }),
		...(row.valid_for_seconds === null ? {} : { validForSeconds: row.valid_for_seconds }),
		validFrom: row.valid_from,
		...(row.grace_unit === null ? {} : { grace: { unit: row.grace_unit, amount: row.grace_amount as number } }),
		...(pace === undefined ? {} : { pace }),
		...(row.stations_max === null ? {} : { stationsMax: row.stations_max }),
		...classesOf(row),
		...(row.renew_every_seconds === null ? {} : { renews: true }),
	};
}

export function endOfPackage(row: LivePackage, validityMs: number | null): End {
	const { id, at_end: atEnd, throttle_bytes_per_second: throttleBytesPerSecond, expiresAtWallMs: untilWallMs } = row;
	return endOfRow({ package: id, atEnd, throttleBytesPerSecond, untilWallMs }, validityMs);
}
