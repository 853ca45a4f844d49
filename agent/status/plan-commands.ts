import { planNameRule } from '../core/plan-name.ts';
import { quoteValue, type ValueRule } from '../core/value-rule.ts';
import type { PlanEntry } from '../ledger/plan-store.ts';
import type { CommandShape } from './command-shape.ts';
import type { Done, OfferedPlan, PlanSource } from './protocol.ts';

/** Only the form; the agent reads it by the rules of the configuration, which name everything that is wrong. */
const planEntryRule: ValueRule<PlanEntry> = {
	accepts: 'a plan: an object as in `plans` of the configuration',
	read: (input) =>
		typeof input === 'object' && input !== null && !Array.isArray(input)
			? { ok: true, value: input as PlanEntry }
			: { ok: false, problem: `${quoteValue(input)} is not an object` },
};

/** The commands for what can be bought, with what each takes and answers. */
export type PlanCommandTypes = {
	'plan.list': { arguments: Record<never, never>; result: readonly OfferedPlan[] };
	/** `from`: what is sold under this name now; a carrier's plan goes before an added one. */
	'plan.add': { arguments: { plan: PlanEntry }; result: Done & { plan: string; from: PlanSource } };
	'plan.remove': { arguments: { plan: string }; result: Done & { plan: string } };
};

export const PLAN_SHAPES: { readonly [Name in keyof PlanCommandTypes]: CommandShape } = {
	'plan.list': { readOnly: true, argumentsSchema: {} },
	'plan.add': { readOnly: false, argumentsSchema: { plan: { rule: planEntryRule } } },
	'plan.remove': { readOnly: false, argumentsSchema: { plan: { rule: planNameRule } } },
};
