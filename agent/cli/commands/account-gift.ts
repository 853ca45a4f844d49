import { OctroiError } from '../../core/octroi-error.ts';
import { oneOf } from '../../core/value-rule.ts';
import { liveBalance } from '../../status/live-account.ts';
import { formatAmount, formatDuration, formatTime } from '../../text/format-amount.ts';
import type { CliCommand, CliContext, Given } from '../cli-command.ts';
import { type Amount, readAmountText, readPercent } from '../read-amount.ts';
import { readAccount, readValue } from '../read-value.ts';

export const accountGift: CliCommand = {
	words: ['account', 'gift'],
	summary: 'turn a part of a balance into a code that somebody else redeems',
	details: [
		'It leaves the balance at once, and keeps the validity that it had. What nobody claims in time comes back.',
		'The code is shown once.',
	],
	arguments: [
		{ name: 'ACCOUNT', about: 'who gives' },
		{ name: 'AMOUNT', about: 'how much: 1GB, 2h, 50% of what is left, or a whole number of the unit' },
	],
	options: [
		{ name: 'unit', value: 'UNIT', about: 'byte (default) or second, for digits alone and for a part' },
		{ name: 'id', value: 'GIFT', about: 'an id for this gift: asking twice gives once' },
	],
	examples: [
		{ line: 'octroi account gift room-1 100MB', about: '100 MB for a friend' },
		{ line: 'octroi account gift room-1 50% --unit second', about: 'half of the time that is left' },
	],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given, options }, context) {
		const done = await context.ask('account.gift', {
			account: readAccount(given.ACCOUNT),
			...(await readGift(given, options, context)),
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

/** @throws OctroiError `invalid_value`; with a part also those of `account.show` */
async function readGift(given: Given['arguments'], options: Given['options'], { ask }: CliContext) {
	const unit = readValue(oneOf(['byte', 'second']), options.unit ?? 'byte');
	const percent = readPercent('AMOUNT', given.AMOUNT as string);
	if (percent !== undefined) {
		// A part of another moment would be another gift: with an id, asking twice has to mean the same.
		if (options.id !== undefined) {
			throw new OctroiError('usage', 'a part is not given with --id', {
				fix: 'give an amount such as 100MB with --id',
			});
		}
		const balance = liveBalance(await ask('account.show', { account: readAccount(given.ACCOUNT) }));
		const left = balance[unit].available + balance[unit].reserved;
		return { unit, amount: Math.max(1, Math.floor((left * percent) / 100)) };
	}
	const read = readAmountText('AMOUNT', given.AMOUNT as string, { unit, isFixed: options.unit !== undefined });
	if (read.unit === 'micro') throw new OctroiError('invalid_value', 'money is not given', { fix: 'give data or time' });
	return read as Amount & { unit: 'byte' | 'second' };
}
