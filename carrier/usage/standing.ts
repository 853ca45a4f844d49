import type { Queryable } from '../database/database.ts';
import { addCounted } from '../fleet/events.ts';
import { platformEventId } from '../fleet/message-name.ts';

/** An account as an access point names it. */
export type Named = { readonly ap: string; readonly account: string };

/** What the platform knows of accounts that access points name. */
export type Standing = {
	/** The account lives here: an access point may not say what it likes of it. */
	lives(name: Named): boolean;
	/** And this access point had a slice of it, or is bound to it. */
	isHost(name: Named): boolean;
	/** Names of accounts that do not live here and were not reported before. */
	readonly strangers: readonly Named[];
};

type Row = Named & { lives: boolean; host: boolean };

/** Asks once for all names of a transaction. */
export async function standingOf(tx: Queryable, named: readonly Named[]): Promise<Standing> {
	const names = new Map(named.map((name) => [keyOf(name), name]));
	if (names.size === 0) return { lives: () => false, isHost: () => false, strangers: [] };
	const list = [...names.values()];
	// Of most names there is nothing to be said: accounts of the access point itself, reported before.
	const rows = await tx.query<Row>(
		`SELECT u.ap, u.account, a.account IS NOT NULL AS lives, h.ap IS NOT NULL OR b.ap IS NOT NULL AS host
		FROM unnest($1::text[], $2::text[]) AS u(ap, account)
			LEFT JOIN account a ON a.account = u.account
			LEFT JOIN unknown_account n ON n.ap = u.ap AND n.account = u.account
			LEFT JOIN slice_host h ON h.member = a.account AND h.ap = u.ap
			LEFT JOIN account_access_point b ON b.account = a.account AND b.ap = u.ap
		WHERE a.account IS NOT NULL OR n.ap IS NULL`,
		[list.map(({ ap }) => ap), list.map(({ account }) => account)],
	);
	const living = new Set(rows.filter(({ lives }) => lives).map(keyOf));
	const hosts = new Set(rows.filter(({ host }) => host).map(keyOf));
	return {
		lives: (name) => living.size > 0 && living.has(keyOf(name)),
		isHost: (name) => hosts.has(keyOf(name)),
		strangers: rows.filter(({ lives }) => !lives),
	};
}

/**
 * New names of accounts that one access point may use in an hour: more than any venue has guests. Each is kept for ever, with a row for each hour
 * and class of its usage.
 */
export const NEW_NAMES_MAX = 2000;
const HOUR_MS = 3_600_000;

/** Which of these new names an access point may have: as many as are left of its hour. Usage under the others is for a person. */
export async function newStrangers(
	tx: Queryable,
	strangers: readonly Named[],
	now: number,
): Promise<{ admitted: readonly Named[]; tooMany: (name: Named) => boolean }> {
	if (strangers.length === 0) return { admitted: [], tooMany: () => false };
	const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
	const rows = await tx.query<{ ap: string; count: number }>(
		`SELECT u.ap, (SELECT count(*) FROM (
			SELECT 1 FROM unknown_account n WHERE n.ap = u.ap AND n.found_at >= $2 LIMIT $3
		) AS found) AS count FROM unnest($1::text[]) AS u(ap)`,
		[[...new Set(strangers.map(({ ap }) => ap))], hour, NEW_NAMES_MAX],
	);
	const room = new Map(rows.map(({ ap, count }) => [ap, NEW_NAMES_MAX - count]));
	const refused = new Set<string>();
	const admitted = strangers.filter((name) => {
		const left = room.get(name.ap) ?? 0;
		room.set(name.ap, left - 1);
		if (left > 0) return true;
		refused.add(keyOf(name));
		return false;
	});
	return { admitted, tooMany: (name) => refused.size > 0 && refused.has(keyOf(name)) };
}

/**
 * Usage of an account that the platform does not have is kept and counted; the names are remembered, and one event an hour of each access point
 * says how many are new, and the first of them.
 */
export async function noteStrangers(tx: Queryable, strangers: readonly Named[], now: number): Promise<number> {
	if (strangers.length === 0) return 0;
	const found = await tx.query<{ ap: string; account: string }>(
		`INSERT INTO unknown_account (ap, account, found_at)
		SELECT u.ap, u.account, $3::bigint FROM unnest($1::text[], $2::text[]) AS u(ap, account)
		ORDER BY u.ap, u.account ON CONFLICT (ap, account) DO NOTHING RETURNING ap, account`,
		[strangers.map(({ ap }) => ap), strangers.map(({ account }) => account), now],
	);
	const names = new Map<string, string[]>();
	for (const { ap, account } of found) names.set(ap, [...(names.get(ap) ?? []), account]);
	const counted = [...names].map(([ap, accounts]) => ({
		ap,
		id: platformEventId('unknown', Math.floor(now / HOUR_MS)),
		kind: 'account.unknown',
		names: accounts,
		about: {},
	}));
	await addCounted(tx, counted, now);
	return found.length;
}

function keyOf({ ap, account }: Named): string {
	return `${ap}/${account}`;
}
