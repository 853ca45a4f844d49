import type { AllowanceModel, AmountModel, GroupModel } from '../../ui/portal/models.ts';
import type { AccountId, Unit } from '../core/units.ts';
import type { Member } from '../ledger/group-store.ts';
import { MEMBERS_SHOWN_MAX } from './limits.ts';
import type { PageParts } from './page-parts.ts';

const UNITS: readonly Unit[] = ['byte', 'second', 'micro'];

/** Groups as their members and their owners see them. Reads only. */
export class GroupPages {
	readonly #parts: Pick<PageParts, 'ledger'>;

	constructor(parts: Pick<PageParts, 'ledger'>) {
		this.#parts = parts;
	}

	isInGroup(account: AccountId): boolean {
		return this.#parts.ledger.isInGroup(account);
	}

	/** The groups that an account is a member of; and itself, if it has members. */
	groups(account: AccountId): GroupModel[] {
		const { ledger } = this.#parts;
		const joined = ledger.groupsOf(account).map((group): GroupModel => {
			const left = this.#left(group);
			const own = ledger.members(group).find((member) => member.account === account);
			return { group, left, mine: own ? allowancesOf(own, left) : [], members: [] };
		});
		const members = ledger.members(account);
		if (members.length === 0) return joined;
		const left = this.#left(account);
		// Those who have taken the most first: what an owner looks for.
		const shown = members.toSorted((a, b) => b.drawn.byte - a.drawn.byte).slice(0, MEMBERS_SHOWN_MAX);
		const all = shown.map((member) => ({ account: member.account, allowances: allowancesOf(member, left) }));
		return [...joined, { group: account, left, mine: [], members: all, hidden: members.length - all.length }];
	}

	/** An allowance that is used up although the group has more; undefined: there is none. */
	usedAllowance(account: AccountId): { unit: string; amount: number } | undefined {
		for (const { left, mine } of this.groups(account)) {
			for (const { unit, drawn, allowance } of mine) {
				const hasMore = left.some((one) => one.unit === unit);
				if (allowance !== undefined && drawn >= allowance && hasMore) return { unit, amount: allowance };
			}
		}
		return undefined;
	}

	/** What nobody has drawn yet. */
	#left(group: AccountId): AmountModel[] {
		const packages = this.#parts.ledger.packages(group).filter(({ kind }) => kind !== 'share' && kind !== 'grace');
		return UNITS.map((unit) => ({
			unit,
			amount: packages.reduce((sum, one) => sum + (one.unit === unit ? one.remaining - one.reserved : 0), 0),
		})).filter(({ amount }) => amount > 0);
	}
}

/** Of the units that the group has, had, or limits. */
function allowancesOf({ allowance, drawn }: Member, left: readonly AmountModel[]): AllowanceModel[] {
	return UNITS.filter(
		(unit) => allowance[unit] !== undefined || drawn[unit] > 0 || left.some((one) => one.unit === unit),
	).map((unit) => ({
		unit,
		drawn: drawn[unit],
		...(allowance[unit] === undefined ? {} : { allowance: allowance[unit] }),
	}));
}
