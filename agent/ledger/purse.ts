import {
	type Allowance,
	deductionQueue,
	type GroupSource,
	type OwnSource,
	type Queued,
} from '../policy/deduction-queue.ts';
import type { AccountRow, AccountStore } from './account-store.ts';
import type { GroupStore, MemberRow } from './group-store.ts';
import type { Moment } from './moment.ts';
import { classesOf, type LivePackage } from './package-row.ts';
import type { PackageStore } from './package-store.ts';

/** A package that an account may spend from, whoever owns it. */
export type Source = LivePackage & {
	/** What it holds itself. `remaining` is that and `drawable` together. */
	readonly held: number;
	/** What may be drawn from the group's package into this share. */
	readonly drawable: number;
	/** The account of the group, for a share. */
	readonly group: number | undefined;
};

type ShareSource = GroupSource & { readonly row: LivePackage };
type PlainSource = OwnSource & { readonly row: LivePackage };

/** Collects what an account may spend from, in spending order. Only inside of a transaction of its caller. */
export class Purse {
	readonly #accounts: AccountStore;
	readonly #packages: PackageStore;
	readonly #groups: GroupStore;

	constructor(stores: { accounts: AccountStore; packages: PackageStore; groups: GroupStore }) {
		this.#accounts = stores.accounts;
		this.#packages = stores.packages;
		this.#groups = stores.groups;
	}

	/**
	 * @param write whether validities are dated, and shares of group packages made where the account has none yet
	 * @returns `dated`: validities have begun, so something was written
	 */
	collect(
		account: Pick<AccountRow, 'number' | 'grace' | 'is_member'>,
		at: Moment,
		write = true,
	): { sources: Source[]; dated: boolean } {
		const { packages, dated } = this.#packages.live(account.number, at, account.grace, write);
		if (account.is_member === 0 && packages.every(({ kind }) => kind !== 'share')) {
			return { sources: packages.map(plain), dated };
		}
		const memberships = this.#groups.memberships(account.number);
		const own = packages.filter(({ kind }) => kind !== 'share').map(ownSource);
		const shares = packages.filter(({ kind }) => kind === 'share');
		const groups = new Map<number, LivePackage>();
		const drawn = this.#drawable(account.number, memberships, at, { shares, write, groups });
		const left = shares.filter(({ source }) => !groups.has(source as number));
		const gone = left.map((row): ShareSource => shareSource(row, { group: 0, undrawn: 0 }));
		const queue = deductionQueue<PlainSource, ShareSource>(own, [...drawn, ...gone], allowancesOf(memberships));
		return { sources: queue.map(sourceOf), dated };
	}

	/** The group packages that the account may draw from, as shares of it. */
	#drawable(
		account: number,
		memberships: readonly MemberRow[],
		at: Moment,
		{ shares, write, groups }: { shares: readonly LivePackage[]; write: boolean; groups: Map<number, LivePackage> },
	): ShareSource[] {
		const sources: ShareSource[] = [];
		for (const group of new Set(memberships.map(({ in_group }) => in_group))) {
			const { blocked, grace } = this.#accounts.byNumber(group);
			for (const package_ of this.#packages.live(group, at, grace, write).packages) {
				if (package_.kind === 'share' || package_.kind === 'grace') continue;
				groups.set(package_.balance, package_);
				const found = shares.find(({ source }) => source === package_.balance);
				const row = found ?? this.#shareOf(account, package_, { at, write });
				if (row === undefined) continue;
				const isOpen = blocked === 0 && package_.hasEnded !== true;
				const undrawn = isOpen ? package_.remaining - package_.reserved : 0;
				// An add-on for the group prolongs its shares too.
				if (found && write && row.expiresAtWallMs !== package_.expiresAtWallMs && package_.expiresAtWallMs !== null) {
					this.#packages.setExpiry(row.balance, package_.expiresAtWallMs, package_.dated_at_ms);
				}
				const expiresAtWallMs = package_.expiresAtWallMs ?? row.expiresAtWallMs;
				const hasEnded = package_.hasEnded ?? false;
				sources.push(shareSource({ ...row, expiresAtWallMs, hasEnded }, { group, undrawn }));
			}
		}
		return sources;
	}

	#shareOf(account: number, of: LivePackage, { at, write }: { at: Moment; write: boolean }): LivePackage | undefined {
		const found = this.#packages.share(of.balance, account);
		if (found !== undefined) return found;
		if (!write)
			return { ...of, balance: of.balance, kind: 'share', scope: 'group', remaining: 0, reserved: 0, grant: null };
		const source = this.#packages.byBalance(of.balance);
		if (source === undefined) return undefined;
		this.#packages.add({
			id: `${of.id}~s${account}`,
			account,
			kind: 'share',
			source: of.balance,
			expiresAtWallMs: of.expiresAtWallMs,
			datedAtMs: of.dated_at_ms,
			at,
			tariff: source.tariff,
			terms: {
				unit: of.unit,
				amount: of.amount,
				planName: source.plan_name,
				atEnd: of.at_end,
				...(of.throttle_bytes_per_second === null ? {} : { throttleBytesPerSecond: of.throttle_bytes_per_second }),
				...(of.stations_max === null ? {} : { stationsMax: of.stations_max }),
				...classesOf(of),
				pace: {
					...(of.up_bytes_per_second === null ? {} : { upBytesPerSecond: of.up_bytes_per_second }),
					...(of.down_bytes_per_second === null ? {} : { downBytesPerSecond: of.down_bytes_per_second }),
				},
			},
		});
		return this.#packages.share(of.balance, account);
	}
}

function allowancesOf(memberships: readonly MemberRow[]): Allowance[] {
	return memberships
		.filter(({ allowance }) => allowance !== null)
		.map(({ in_group: group, unit, allowance, drawn }) => {
			return { group, left: { [unit]: Math.max(0, (allowance ?? 0) - drawn) } };
		});
}

function ownSource(row: LivePackage): PlainSource {
	const { unit, expiresAtWallMs, balance, remaining } = row;
	return { unit, expiresAtWallMs, balance, remaining, row, ...(row.scope === undefined ? {} : { scope: row.scope }) };
}

function shareSource(row: LivePackage, { group, undrawn }: { group: number; undrawn: number }): ShareSource {
	const { unit, expiresAtWallMs, balance, remaining } = row;
	return { unit, expiresAtWallMs, balance, scope: 'group', group, undrawn, drawn: remaining, row };
}

function sourceOf({ source, amount, drawable }: Queued<PlainSource | ShareSource>): Source {
	const { row } = source;
	const group = 'group' in source && source.group > 0 ? source.group : undefined;
	return { ...row, remaining: amount, held: row.remaining, drawable, group };
}

function plain(row: LivePackage): Source {
	// Not copied: this is done for every package in every settle.
	return Object.assign(row, { held: row.remaining, drawable: 0, group: undefined });
}
