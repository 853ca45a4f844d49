import type { Queryable } from '../database/database.ts';

/** Records of one answer. */
export const RECORDS_CALLED_MAX = 1000;

/** Rated records of one destination in the order of their positions, from behind `after`. */
export async function routedRecords(
	tx: Queryable,
	{ route, after, limit }: { route: string; after: number; limit: number },
): Promise<Record<string, unknown>[]> {
	return await tx.query(
		`SELECT d.position, r.ap, r.id, r.account, r.session, r.class, r.unit, r.amount, r.up_bytes AS "upBytes",
			r.down_bytes AS "downBytes", r.uplink, r.from_at AS "from", r.to_at AS "to", r.tariff, r.price_micro AS "priceMicro"
		FROM routed_record d JOIN usage_record r ON r.account = d.account AND r.ap = d.ap AND r.id = d.id
		WHERE d.route = $1 AND d.position > $2 ORDER BY d.position LIMIT $3`,
		[route, after, limit],
	);
}
