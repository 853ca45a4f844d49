import type { BalanceOf, PackageRow } from '../../status/protocol.ts';
import { formatAmount, formatTime } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { formatFields, formatTable } from '../format-table.ts';
import { readAccount } from '../read-value.ts';

const columns = [
	{ title: 'PACKAGE' },
	{ title: 'PLAN' },
	{ title: 'BOUGHT', align: 'right' },
	{ title: 'REMAINING', align: 'right' },
	{ title: 'RESERVED', align: 'right' },
	{ title: 'EXPIRES' },
] as const;

export const accountShow: CliCommand = {
	words: ['account', 'show'],
	summary: 'show one account with its packages and stations',
	details: ['The packages stand in the order in which they are spent.'],
	arguments: [{ name: 'ACCOUNT', about: "the account's id" }],
	examples: [{ line: 'octroi account show room-1', about: 'what is left' }],
	exits: [2, 3, 5, 6],
	async run({ arguments: given }, { ask }) {
		const account = await ask('account.show', { account: readAccount(given.ACCOUNT) });
		const fields = formatFields([
			['account', account.account],
			['state', account.state],
			['bytes', balanceLine('byte', account.balance.byte)],
			['time', balanceLine('second', account.balance.second)],
			['stations', account.stations.length === 0 ? 'none' : account.stations.join(', ')],
		]);
		return {
			text: `${fields}\n${formatTable(columns, account.packages.map(packageCells), 'no packages')}`,
			json: account,
		};
	},
};

function balanceLine(unit: 'byte' | 'second', { available, reserved }: BalanceOf): string {
	return `${formatAmount(unit, available)} available, ${formatAmount(unit, reserved)} reserved`;
}

function packageCells({ id, plan, unit, amount, remaining, reserved, expiresAt }: PackageRow): string[] {
	return [
		id,
		plan,
		formatAmount(unit, amount),
		formatAmount(unit, remaining),
		formatAmount(unit, reserved),
		expiresAt === undefined ? 'never' : formatTime(expiresAt),
	];
}
