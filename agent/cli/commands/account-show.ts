import type { Unit } from '../../core/units.ts';
import { liveAccount } from '../../status/live-account.ts';
import type { AccountDetail, BalanceOf, PackageRow } from '../../status/protocol.ts';
import { formatAmount, formatDuration, formatMoney, formatTime } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { formatFields, formatTable } from '../format-table.ts';
import { readAccount } from '../read-value.ts';
import { memberCells, memberColumns } from './group-show.ts';

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
	details: [
		'The packages stand in the order in which they are spent. Amounts are as of now; JSON has what is booked, and what is not charged yet (`unsettled`).',
	],
	arguments: [{ name: 'ACCOUNT', about: "the account's id" }],
	examples: [{ line: 'octroi account show room-1', about: 'what is left' }],
	exits: [2, 3, 5, 6],
	async run({ arguments: given }, { ask }) {
		const booked = await ask('account.show', { account: readAccount(given.ACCOUNT) });
		const account = liveAccount(booked);
		const fields = formatFields([
			['account', account.account],
			['state', account.state],
			['bytes', balanceLine('byte', account.balance.byte)],
			['time', balanceLine('second', account.balance.second)],
			...walletFields(account),
			['stations', stationsLine(account)],
			...(account.groups.length === 0 ? [] : [['groups', account.groups.join(', ')] as const]),
			...account.renewals.map(renewalField),
			...account.alerts.map((alert) => alertField(alert, account.currency)),
		]);
		const cells = account.packages.map((package_) => packageCells(package_, account.currency));
		const members =
			account.members.length === 0 ? '' : `\n${formatTable(memberColumns, account.members.map(memberCells), '')}`;
		return { text: `${fields}\n${formatTable(columns, cells, 'no packages')}${members}`, json: booked };
	},
};

type Field = readonly [string, string];

/** Only where there is, or was, money or grace. */
function walletFields({ balance, tariff, spentMicro, currency, usable, grace }: AccountDetail): Field[] {
	const { micro } = balance;
	const wallet: Field[] =
		tariff === undefined && micro.available + micro.reserved === 0
			? []
			: [
					['wallet', `${balanceLine('micro', micro, currency)}, ${formatMoney(spentMicro, currency)} spent`],
					['tariff', tariff ?? '-'],
				];
	const buys = `${formatAmount('byte', usable.byte)} or ${formatAmount('second', usable.second)}`;
	return [
		...wallet,
		...(wallet.length === 0 ? [] : [['enough for', buys] as const]),
		...(grace === undefined ? [] : [['after the end', `${formatAmount(grace.unit, grace.remaining)} left`] as const]),
	];
}

function stationsLine({ stations, stationsMax }: AccountDetail): string {
	const list = stations.length === 0 ? 'none' : stations.join(', ');
	return stationsMax === undefined ? list : `${list} (at most ${stationsMax})`;
}

function renewalField({ id, cycle, active, nextWallMs, nextInSeconds }: AccountDetail['renewals'][number]): Field {
	const wait = nextInSeconds === undefined ? 'when it is used' : `in ${formatDuration(nextInSeconds)}`;
	const next = nextWallMs === undefined ? wait : formatTime(nextWallMs);
	return ['renews', `${id}: cycle ${cycle}, ${active ? 'next' : 'ends'} ${next}`];
}

function alertField(alert: AccountDetail['alerts'][number], currency: string): Field {
	const { id, unit, remaining, usedPercent, state } = alert;
	const at = remaining === undefined ? `${usedPercent} % used` : `${formatAmount(unit, remaining, currency)} left`;
	return ['alert', `${id}: ${state}, at ${at}`];
}

function balanceLine(unit: Unit, { available, reserved }: BalanceOf, currency?: string): string {
	const left = formatAmount(unit, available + reserved, currency);
	return `${left} left, ${formatAmount(unit, reserved, currency)} of it reserved`;
}

function packageCells(
	{ id, plan, unit, amount, remaining, reserved, expiresAt, leftSeconds }: PackageRow,
	currency: string,
): string[] {
	return [
		id,
		plan,
		formatAmount(unit, amount, currency),
		formatAmount(unit, remaining, currency),
		formatAmount(unit, reserved, currency),
		endText(expiresAt, leftSeconds),
	];
}

function endText(expiresAt: number | undefined, leftSeconds: number | undefined): string {
	if (leftSeconds !== undefined) return `in ${formatDuration(leftSeconds)}`;
	return expiresAt === undefined ? 'never' : formatTime(expiresAt);
}
