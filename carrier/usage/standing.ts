import type { Queryable } from '../database/database.ts';
import { addEvents } from '../fleet/events.ts';
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

/** Usage of an account that the platform does not have is kept and counted; each such account is reported once an access point. */
export async function noteStrangers(tx: Queryable, strangers: readonly Named[], now: number): Promise<number> {
	if (strangers.length === 0) return 0;
	const found = await tx.query<{ ap: string; account: string }>(
		`INSERT INTO unknown_account (ap, account, found_at)
		SELECT u.ap, u.account, $3::bigint FROM unnest($1::text[], $2::text[]) AS u(ap, account)
		ORDER BY u.ap, u.account ON CONFLICT (ap, account) DO NOTHING RETURNING ap, account`,
		[strangers.map(({ ap }) => ap), strangers.map(({ account }) => account), now],
	);
	const events = found.map(({ ap, account }) => ({
		...{ ap, id: platformEventId('unknown', account), kind: 'account.unknown', account, at: now },
		details: {},
	}));
	await addEvents(tx, events, now);
	return found.length;
}

function keyOf({ ap, account }: Named): string {
	return `${ap}/${account}`;
}
