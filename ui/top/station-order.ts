import type { StationRow, StationState } from '../../agent/status/protocol.ts';
import type { StatusModel } from '../feed/merge.ts';

/** In the order in which the key goes through them. */
export const SORT_KEYS = ['rate', 'name', 'state', 'account', 'remaining', 'bytes'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export type Order = { readonly sort: SortKey; readonly reverse: boolean; readonly filter: string };

const STATE_RANK: Record<StationState, number> = {
	active: 0,
	throttled: 1,
	blocked: 2,
	walled: 3,
	unknown: 4,
	gone: 5,
};

/** The stations that match, in order; sorted anew only for a new picture or another wish. */
export class StationOrder {
	#key = '';
	#model: StatusModel | undefined;
	#rows: readonly StationRow[] = [];

	of(model: StatusModel | undefined, { sort, reverse, filter }: Order): readonly StationRow[] {
		const key = `${model?.sequence} ${sort} ${reverse} ${filter}`;
		if (key === this.#key && model === this.#model) return this.#rows;
		this.#key = key;
		this.#model = model;
		const rows = [...(model?.stations.values() ?? [])].filter((row) => matches(row, filter));
		rows.sort((left, right) => compare(sort, left, right) || byRank(left, right));
		if (reverse) rows.reverse();
		this.#rows = rows;
		return rows;
	}
}

/** In the name, the address, the account or the state; case does not matter. */
function matches(row: StationRow, filter: string): boolean {
	if (filter === '') return true;
	const wanted = filter.toLowerCase();
	return [row.mac, row.name, row.account, row.state, ...row.addresses].some(
		(text) => text?.toLowerCase().includes(wanted) ?? false,
	);
}

function compare(sort: SortKey, left: StationRow, right: StationRow): number {
	switch (sort) {
		case 'rate':
			return rateOf(right) - rateOf(left);
		case 'bytes':
			return right.upBytes + right.downBytes - left.upBytes - left.downBytes;
		case 'remaining':
			return (left.remaining?.amount ?? Infinity) - (right.remaining?.amount ?? Infinity) || 0;
		case 'state':
			return STATE_RANK[left.state] - STATE_RANK[right.state];
		case 'account':
			return byText(left.account, right.account);
		case 'name':
			return byText(left.name ?? left.mac, right.name ?? right.mac);
	}
}

function byRank(left: StationRow, right: StationRow): number {
	return STATE_RANK[left.state] - STATE_RANK[right.state] || (left.mac < right.mac ? -1 : 1);
}

export function rateOf(row: StationRow): number {
	return row.upBytesPerSecond + row.downBytesPerSecond;
}

/** What is missing comes last. */
function byText(left: string | undefined, right: string | undefined): number {
	if (left === right) return 0;
	if (left === undefined) return 1;
	if (right === undefined) return -1;
	return left < right ? -1 : 1;
}
