import { STATUS_PART_NAMES, type StatusDelta, type StatusPicture, type TableChanges } from './snapshot.ts';

/**
 * What a reader of the picture before needs in order to have the one after. What has changed in the tables is told by who makes
 * them: thousands of rows are not looked into for it.
 */
export function pictureChange(
	before: StatusPicture,
	after: StatusPicture,
	{ head, tables }: { head: { sequence: number; atMs: number }; tables: TableChanges },
): StatusDelta {
	const delta: StatusDelta = { watch: 'delta', ...head, ...tables };
	for (const name of STATUS_PART_NAMES) {
		if (before[name] !== after[name] && JSON.stringify(before[name]) !== JSON.stringify(after[name])) {
			Object.assign(delta, { [name]: after[name] });
		}
	}
	const newest = before.transfers[0]?.sequence ?? 0;
	const transfers = after.transfers.filter(({ sequence }) => sequence > newest);
	if (transfers.length > 0) delta.transfers = transfers;
	return delta;
}
