import type { Config, Plan } from '../config/config.ts';
import { PLANS_MAX } from '../config/plan-options.ts';
import { readPlan } from '../config/read-plans.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { Warnings } from '../core/warnings.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PlanEntry } from '../ledger/plan-store.ts';
import type { CommandHandlers } from '../status/commands.ts';
import type { PlanCommandTypes } from '../status/plan-commands.ts';
import type { Catalogue } from '../sync/catalogue.ts';
import { resultOf } from './answer-result.ts';

export type AddedPlansParts = {
	readonly config: Pick<Config, 'plans' | 'tariffs'>;
	readonly ledger: Pick<Ledger, 'addedPlans' | 'addPlan' | 'removePlan'>;
	readonly catalogue: Catalogue;
	readonly warnings: Pick<Warnings, 'set'>;
};

/** Plans that are added and removed while the agent runs: kept in the ledger's database, offered in the catalogue. */
export class AddedPlans {
	readonly #parts: AddedPlansParts;

	/** Offers what was added before. @throws OctroiError `ledger_unwritable` */
	constructor(parts: AddedPlansParts) {
		this.#parts = parts;
		this.#offer();
	}

	/** What the commands do. */
	get handlers(): Pick<CommandHandlers, keyof PlanCommandTypes> {
		const { catalogue } = this.#parts;
		return {
			'plan.list': () => catalogue.plans.map((plan) => ({ ...plan, from: catalogue.sourceOf(plan.name) })),
			'plan.add': ({ plan }) => this.#add(plan),
			'plan.remove': ({ plan }) => this.#remove(plan),
		};
	}

	#add(entry: PlanEntry) {
		const { config, ledger, catalogue } = this.#parts;
		const { name } = readPlan(entry, config.tariffs);
		if (config.plans.some((plan) => plan.name === name)) {
			throw new OctroiError('not_allowed', `the configuration has a plan ${name}`, {
				fix: 'change it there, or choose another name',
			});
		}
		const added = ledger.addedPlans();
		if (config.plans.length + added.length >= PLANS_MAX && !added.some((plan) => plan.name === name)) {
			throw new OctroiError('not_allowed', `there are ${PLANS_MAX} plans already`, {
				fix: 'remove one that is not sold any more: octroi plan remove NAME',
			});
		}
		const answer = ledger.addPlan({ name, entry });
		if (answer === 'exists_with_different_values') {
			throw new OctroiError(answer, `a plan ${name} was added before, with other terms`, {
				fix: `choose another name, so that records stay clear; or first: octroi plan remove ${name}`,
			});
		}
		this.#offer();
		return { ...resultOf(answer), plan: name, from: catalogue.sourceOf(name) };
	}

	#remove(name: string) {
		const { ledger, catalogue } = this.#parts;
		const answer = ledger.removePlan(name);
		if (answer === 'not_found') throw this.#notAdded(name, catalogue.plan(name));
		this.#offer();
		return { ...resultOf(answer), plan: name };
	}

	#notAdded(name: string, offered: Plan | undefined): OctroiError {
		const { ledger, catalogue } = this.#parts;
		if (offered !== undefined) {
			const where = catalogue.sourceOf(name) === 'carrier' ? "the carrier's policy" : 'the configuration';
			return new OctroiError('not_allowed', `plan ${name} is from ${where}: it was not added`, {
				fix: `take it out of ${where}`,
			});
		}
		const near = nearestWord(
			name,
			ledger.addedPlans().map((plan) => plan.name),
		);
		return new OctroiError('not_found', `there is no plan ${name}`, {
			fix: near ? `did you mean ${near}?` : 'see `octroi plan list`',
		});
	}

	/** One that the configuration does not allow any more, such as after its tariff was removed, is kept and not sold. */
	#offer(): void {
		const { config, ledger, catalogue, warnings } = this.#parts;
		const plans: Plan[] = [];
		const unsold: string[] = [];
		for (const { name, entry } of ledger.addedPlans()) {
			try {
				plans.push(readPlan(entry, config.tariffs));
			} catch (error) {
				if (!(error instanceof OctroiError)) throw error;
				unsold.push(name);
			}
		}
		catalogue.add(plans);
		warnings.set('plans', unsold.length === 0 ? undefined : unsoldSentence(unsold));
	}
}

function unsoldSentence(names: readonly string[]): string {
	return `added plans that the configuration does not allow any more are not sold: ${names.join(', ')}; mend \`tariffs\`, or: octroi plan remove NAME`;
}
