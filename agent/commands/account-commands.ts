import { buyPlan } from '../accounts/buy-plan.ts';
import { termsOf } from '../accounts/plan-terms.ts';
import type { Plan } from '../config/config.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, BootMs, MacAddress, Unit } from '../core/units.ts';
import type { Account } from '../ledger/account.ts';
import type { BuyResult } from '../ledger/wallet-purchase.ts';
import type { Meter } from '../meter/meter.ts';
import { unsettledOf } from '../meter/pool.ts';
import type { CommandHandlers } from '../status/commands.ts';
import type { AccountRow } from '../status/protocol.ts';
import { accountDetail } from './account-detail.ts';
import { resultOf } from './answer-result.ts';
import type { CommandParts } from './command-parts.ts';

type AccountCommand = `account.${'create' | 'list' | 'show' | 'topup' | 'block' | 'unblock' | 'history'}`;

/** The commands about accounts. @param plan throws OctroiError `not_found` */
export function accountCommands(
	parts: CommandParts,
	plan: (name: string) => Plan,
): Pick<CommandHandlers, AccountCommand> {
	const { clock, ledger, meter } = parts;
	const known = (id: AccountId): Account => {
		const account = ledger.account(id);
		if (account) return account;
		throw new OctroiError('not_found', `there is no account ${id}`, { fix: `create it: octroi account create ${id}` });
	};
	return {
		'account.create': ({ account }) => ({ ...resultOf(ledger.createAccount({ id: account })), account }),
		'account.list': () => ledger.accounts().map((account) => accountRow(account, meter, clock.bootMs())),
		'account.show': ({ account }) => accountDetail(accountRow(known(account), meter, clock.bootMs()), parts),
		async 'account.topup'({ account, plan: name, transfer = parts.newTransferId(), wallet = false }) {
			known(account);
			const bought = plan(name);
			const credited = wallet
				? await buyPlan(parts, { transferId: transfer, account, plan: bought })
				: await meter.topUp({ transferId: transfer, account, terms: termsOf(bought) });
			if (credited.answer === 'too_little') throw tooLittle(account, bought, credited);
			const done = resultOf(credited.answer);
			return { ...done, account, plan: name, transfer, package: credited.package?.id ?? transfer };
		},
		async 'account.block'({ account }) {
			return { ...resultOf(await meter.setBlocked(account, true)), account };
		},
		async 'account.unblock'({ account }) {
			return { ...resultOf(await meter.setBlocked(account, false)), account };
		},
		'account.history': ({ account, limit }) => ledger.history(account, { limit }),
	};
}

function tooLittle(account: AccountId, { priceMicro = 0 }: Plan, { availableMicro = 0 }: BuyResult): OctroiError {
	return new OctroiError('not_allowed', `the wallet of ${account} has only ${availableMicro} (micro) to spend`, {
		fix: `the plan costs ${priceMicro}: fill the wallet first`,
	});
}

function accountRow(account: Account, meter: Meter, now: BootMs): AccountRow {
	const pool = meter.pools.of(account.id);
	const balance = (unit: Unit) => ({
		available: account.available[unit],
		reserved: account.reserved[unit],
	});
	const stations: MacAddress[] = [...(pool?.meters.values() ?? [])].map(({ mac }) => mac);
	const held = (['byte', 'second', 'micro'] as const).reduce(
		(sum, unit) => sum + account.available[unit] + account.reserved[unit],
		0,
	);
	return {
		account: account.id,
		state: account.blocked
			? 'blocked'
			: held > 0
				? 'funded'
				: account.used.byte + account.used.second > 0
					? 'empty'
					: 'new',
		blocked: account.blocked,
		balance: { byte: balance('byte'), second: balance('second'), micro: balance('micro') },
		unsettled: pool === undefined ? { byte: 0, second: 0 } : unsettledOf(pool, now),
		stations,
	};
}
