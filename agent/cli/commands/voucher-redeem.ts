import { parseMacAddress } from '../../core/mac-address.ts';
import type { EntryRow } from '../../status/protocol.ts';
import { formatAmount } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { readAccount } from '../read-value.ts';

export const voucherRedeem: CliCommand = {
	words: ['voucher', 'redeem'],
	summary: 'redeem a voucher, a card or a gift by its code',
	details: [
		'Without --account the code is the identity: it makes an account, or finds the one that it made.',
		'Asking again for the same account answers what happened, and credits nothing.',
	],
	arguments: [{ name: 'CODE', about: 'in any case and spacing' }],
	options: [
		{ name: 'account', value: 'ACCOUNT', about: 'top up this account instead' },
		{ name: 'mac', value: 'MAC', about: 'the station that enters it: it is let in, and its wrong codes are counted' },
	],
	examples: [
		{ line: 'octroi voucher redeem J19W-F2T-D0F --mac 02:00:5e:10:00:01', about: 'as the portal does it' },
		{ line: 'octroi voucher redeem J19W-F2T-D0F --account room-1', about: 'top up' },
	],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given, options }, { ask }) {
		const entry = await ask('voucher.redeem', {
			code: given.CODE as string,
			...(options.account === undefined ? {} : { account: readAccount(options.account) }),
			...(options.mac === undefined ? {} : { mac: parseMacAddress(options.mac) }),
		});
		return { text: textOf(entry), json: entry };
	},
};

function textOf({ answer, kind, account, packages, replaced }: EntryRow): string {
	const worth = packages.map(({ unit, amount }) => formatAmount(unit, amount)).join(' and ');
	const credited = worth === '' ? `opens ${account}` : `credits ${account} with ${worth}`;
	const line =
		answer === 'redeemed'
			? `the ${kind} ${credited}`
			: `the ${kind} was redeemed before into ${account}: nothing changed`;
	return [line, ...replaced.map((mac) => `${mac} had to leave`)].map((text) => `${text}\n`).join('');
}
