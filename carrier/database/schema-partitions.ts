/** Enough that one core has one on a large single server; on a distributed one the shards take their place. */
const PARTITIONS = 8;

/** One table a remainder. */
export function partitions(table: string): string {
	return Array.from(
		{ length: PARTITIONS },
		(_, index) =>
			`CREATE TABLE ${table}_${index} PARTITION OF ${table} FOR VALUES WITH (MODULUS ${PARTITIONS}, REMAINDER ${index});`,
	).join('\n');
}
