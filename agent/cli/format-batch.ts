import type { BatchRow } from '../status/protocol.ts';
import { formatAmount, formatTime } from '../text/format-amount.ts';
import type { Column } from './format-table.ts';

export const batchColumns: readonly Column[] = [
	{ title: 'BATCH' },
	{ title: 'PLAN' },
	{ title: 'WORTH', align: 'right' },
	{ title: 'CODES', align: 'right' },
	{ title: 'UNUSED', align: 'right' },
	{ title: 'REDEEMED', align: 'right' },
	{ title: 'REVOKED', align: 'right' },
	{ title: 'EXPIRED', align: 'right' },
	{ title: 'TAKEN UNTIL' },
	{ title: 'SET' },
];

export function batchCells({ id, terms, count, states, validUntilWallMs, account }: BatchRow): string[] {
	return [
		id,
		terms.planName,
		formatAmount(terms.unit, terms.amount),
		String(count),
		String(states.unused),
		String(states.redeemed),
		String(states.void + states.blocked),
		String(states.expired),
		validUntilWallMs === undefined ? 'no end' : formatTime(validUntilWallMs),
		account === undefined ? '-' : 'set',
	];
}
