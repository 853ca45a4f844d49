import type { Queryable } from '../database/database.ts';

/**
 * The name under which all workers of this platform share their subscription: a secret, made with the database. An access point that knew it
 * could take part, and where the broker checks topics only when it delivers, each message that is its turn would be lost.
 */
export async function sharedGroup(tx: Queryable): Promise<string> {
	const [row] = await tx.query<{ name: string }>('SELECT name FROM worker_group');
	if (row === undefined) throw new RangeError('the database has no name for the group of workers');
	return row.name;
}
