import { formatAmount, formatDuration, formatTime } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { formatTable } from '../format-table.ts';
import { readAccount } from '../read-value.ts';

const columns = [
	{ title: 'GIVEN' },
	{ title: 'AMOUNT', align: 'right' },
	{ title: 'STATE' },
	{ title: 'BY' },
	{ title: 'UNTIL' },
	{ title: 'GIFT' },
] as const;

export const giftList: CliCommand = {
	words: ['gift', 'list'],
	summary: 'list what an account gave away, newest first',
	arguments: [{ name: 'ACCOUNT', about: 'who gave' }],
	examples: [{ line: 'octroi gift list room-1', about: 'which were claimed, and by whom' }],
	exits: [2, 3, 5, 6],
	async run({ arguments: given }, { ask }) {
		const gifts = await ask('gift.list', { account: readAccount(given.ACCOUNT) });
		const rows = gifts.map(({ id, unit, amount, state, givenWallMs, receiver, validUntilWallMs, leftSeconds }) => [
			formatTime(givenWallMs),
			formatAmount(unit, amount),
			state,
			receiver ?? '-',
			leftSeconds !== undefined
				? `in ${formatDuration(leftSeconds)}`
				: validUntilWallMs === undefined
					? 'no end'
					: formatTime(validUntilWallMs),
			id,
		]);
		return { text: formatTable(columns, rows, 'no gifts'), json: gifts };
	},
};
