import { AMOUNT_MAX } from '../../core/units.ts';
import { oneOf } from '../../core/value-rule.ts';
import { formatAmount, formatDuration, formatTime } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { readAccount, readValue } from '../read-value.ts';
import { readWhole } from '../read-whole.ts';

export const accountGift: CliCommand = {
	words: ['account', 'gift'],
	summary: 'turn a part of a balance into a code that somebody else redeems',
	details: [
		'It leaves the balance at once, and keeps the validity that it had. What nobody claims in time comes back.',
		'The code is shown once.',
	],
	arguments: [
		{ name: 'ACCOUNT', about: 'who gives' },
		{ name: 'AMOUNT', about: 'how much, as a whole number' },
	],
	options: [
		{ name: 'unit', value: 'UNIT', about: 'byte (default) or second' },
		{ name: 'id', value: 'GIFT', about: 'an id for this gift: asking twice gives once' },
	],
	examples: [{ line: 'octroi account gift room-1 1048576', about: '1 MiB for a friend' }],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given, options }, { ask }) {
		const done = await ask('account.gift', {
			account: readAccount(given.ACCOUNT),
			unit: readValue(oneOf(['byte', 'second']), options.unit ?? 'byte'),
			amount: readWhole('AMOUNT', given.AMOUNT as string, { min: 1, max: AMOUNT_MAX }),
			...(options.id === undefined ? {} : { gift: options.id }),
		});
		const { id, unit, amount, validUntilWallMs, leftSeconds } = done.gift;
		const within = leftSeconds === undefined ? '' : `, to be claimed within ${formatDuration(leftSeconds)}`;
		const until = validUntilWallMs === undefined ? within : `, to be claimed until ${formatTime(validUntilWallMs)}`;
		const text =
			done.code === undefined
				? `gift ${id} was given already: its code cannot be shown again\n`
				: `${done.code}\n\n${formatAmount(unit, amount)} of ${done.gift.giver} (gift ${id})${until}\n`;
		return { text, json: done };
	},
};
