import { mergeAccounts } from '../accounts/merge-accounts.ts';
import { redeemPermission } from '../accounts/redeem-permission.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId } from '../core/units.ts';
import type { UsageRecord } from '../ledger/record-reader.ts';
import type { CommandHandlers } from '../status/commands.ts';
import { resultOf } from './answer-result.ts';
import type { CommandParts } from './command-parts.ts';

type ProductCommand =
	| `${'group' | 'alert' | 'record' | 'renewal'}.${string}`
	| 'account.permit'
	| 'account.take'
	| 'account.merge'
	| 'explain'
	| 'receipt';

export type ProductCommands = Pick<CommandHandlers, Extract<keyof CommandHandlers, ProductCommand>>;

/** The commands about groups, permissions, alerts, cycles and records. */
export function productCommands(
	parts: Pick<CommandParts, 'ledger' | 'meter' | 'moment' | 'newTransferId' | 'newCode' | 'identity'>,
) {
	const { ledger, meter, moment } = parts;
	const known = (id: AccountId) => {
		if (ledger.isBlocked(id) !== undefined) return;
		throw new OctroiError('not_found', `there is no account ${id}`, { fix: `create it: octroi account create ${id}` });
	};
	/** What was changed takes effect on the stations, after it is durable. */
	const effective = <Result>(result: Result, ...accounts: readonly AccountId[]): Result => {
		for (const account of accounts) void meter.creditChanged(account);
		return result;
	};

	return {
		'account.permit'({ account, amount, unit, taker, code = parts.newCode() }) {
			known(account);
			const request = { code, giver: account, unit, amount, at: moment() };
			const answer = ledger.permit(taker === undefined ? request : { ...request, taker });
			return { ...resultOf(answer), account, amount, unit, code };
		},
		async 'account.take'({ account, code, transfer = parts.newTransferId() }) {
			known(account);
			const taken = await redeemPermission({ ledger, meter, moment }, { transferId: transfer, code, taker: account });
			if (taken.answer === 'not_found' || taken.giver === undefined) {
				throw new OctroiError('not_found', 'this code allows nothing', {
					fix: 'it may be mistyped, used, expired, or for somebody else: ask the giver for a new one',
				});
			}
			const { giver, amount = 0, unit = 'byte' } = taken;
			return { ...resultOf(taken.answer), account, giver, amount, unit, transfer };
		},
		async 'account.merge'({ account, into }) {
			known(account);
			known(into);
			const { admission } = parts.identity;
			const merged = await mergeAccounts({ ledger, meter, admission, moment }, { from: account, into });
			const { answer, packages, moved, stations } = merged;
			return { ...resultOf(answer), account, into, packages, moved, stations };
		},
		'alert.set'({ account, alert, unit, remaining, percent }) {
			const request = {
				account,
				id: alert,
				unit,
				...(remaining === undefined ? {} : { remaining }),
				...(percent === undefined ? {} : { usedPercent: percent }),
			};
			return { ...resultOf(ledger.setAlert(request, moment())), account, alert };
		},
		'alert.remove': ({ account, alert }) => ({ ...resultOf(ledger.removeAlert(account, alert)), account }),
		'alert.seen': ({ account, alert }) => ({ ...resultOf(ledger.alertSeen(account, alert)), account }),
		'group.join'({ group, account, bytes, seconds, micro }) {
			known(group);
			known(account);
			const allowance = {
				...(bytes === undefined ? {} : { byte: bytes }),
				...(seconds === undefined ? {} : { second: seconds }),
				...(micro === undefined ? {} : { micro }),
			};
			return effective({ ...resultOf(ledger.joinGroup({ group, account, allowance })), group, account }, account);
		},
		'group.leave': ({ group, account }) =>
			effective({ ...resultOf(ledger.leaveGroup(group, account)), group }, account),
		'group.show': ({ group }) => ledger.members(group),
		'renewal.end': ({ account, renewal }) => ({ ...resultOf(ledger.endRenewal(account, renewal)), account }),
		'record.list': ({ account, limit }) => ledger.records(account, { limit }),
		'record.show'({ session }) {
			const { items: _, ...record } = ledger.explain({ session }).records[0] as UsageRecord & { items: unknown };
			return record;
		},
		explain: ({ account, session, limit }) => {
			if (session === undefined) return ledger.explain({ account, limit });
			const explanation = ledger.explain({ session });
			if (explanation.account === account) return explanation;
			throw new OctroiError('not_found', `account ${account} has no session ${session}`);
		},
		receipt: ({ session }) => ledger.receipt(session),
	} satisfies ProductCommands;
}
