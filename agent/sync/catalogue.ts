import type { Policy } from '../../protocol/policy.ts';
import type { WirePlan, WireTariff } from '../../protocol/terms.ts';
import type { NamedTariff, Plan } from '../config/config.ts';
import type { Bytes, Seconds } from '../core/units.ts';

export type Wares = { readonly plans: readonly Plan[]; readonly tariffs: readonly NamedTariff[] };

const NOTHING: Wares = { plans: [], tariffs: [] };

/**
 * What is sold here: what the configuration has, and beside it or in its place what was added to it; and beside or in place of
 * both what the policy in force has.
 */
export class Catalogue {
	readonly #own: Wares;
	#added: readonly Plan[] = [];
	#sent: Wares = NOTHING;
	#wares: Wares;

	constructor(own: Wares) {
		this.#own = own;
		this.#wares = own;
	}

	get plans(): readonly Plan[] {
		return this.#wares.plans;
	}

	get tariffs(): readonly NamedTariff[] {
		return this.#wares.tariffs;
	}

	plan(name: string): Plan | undefined {
		return this.#wares.plans.find((plan) => plan.name === name);
	}

	tariff(name: string): NamedTariff | undefined {
		return this.#wares.tariffs.find((tariff) => tariff.name === name);
	}

	/** Of a plan that is sold. */
	sourceOf(name: string): 'config' | 'added' | 'carrier' {
		const isIn = (plans: readonly Plan[]) => plans.some((plan) => plan.name === name);
		return isIn(this.#sent.plans) ? 'carrier' : isIn(this.#added) ? 'added' : 'config';
	}

	/** All that are added, in place of those before. They have been checked. */
	add(plans: readonly Plan[]): void {
		this.#added = plans;
		this.#join();
	}

	/** By an own tariff, or one of a policy: what a plan of that policy may name. */
	tariffWith(policy: Pick<Policy, 'tariffs'>, name: string): NamedTariff | undefined {
		const sent = policy.tariffs.find((tariff) => tariff.name === name);
		return sent === undefined ? this.#own.tariffs.find((tariff) => tariff.name === name) : tariffOf(sent);
	}

	/** The policy has been checked. */
	follow(policy: Policy): void {
		const tariffs = policy.tariffs.map(tariffOf);
		const plans = policy.plans.map((plan) =>
			planOf(plan, plan.tariff === undefined ? undefined : this.tariffWith(policy, plan.tariff)),
		);
		this.#sent = { plans, tariffs };
		this.#join();
	}

	#join(): void {
		const plans = over(over(this.#own.plans, this.#added), this.#sent.plans);
		this.#wares = { plans, tariffs: over(this.#own.tariffs, this.#sent.tariffs) };
	}
}

function over<Named extends { readonly name: string }>(own: readonly Named[], sent: readonly Named[]): Named[] {
	const names = new Set(sent.map(({ name }) => name));
	return [...own.filter(({ name }) => !names.has(name)), ...sent];
}

function tariffOf(tariff: WireTariff): NamedTariff {
	return tariff;
}

/** A plan of the wire as the rest of the agent knows plans. */
export function planOf(plan: WirePlan, tariff: NamedTariff | undefined): Plan {
	const {
		live: _,
		tariff: __,
		throttleBytesPerSecond,
		validForSeconds,
		validFrom,
		renews,
		addOn,
		pace,
		...rest
	} = plan;
	return {
		...rest,
		...(tariff === undefined ? {} : { tariff }),
		...(throttleBytesPerSecond === undefined ? {} : { throttleBytesPerSecond: throttleBytesPerSecond as Bytes }),
		...(validForSeconds === undefined ? {} : { validForSeconds: validForSeconds as Seconds }),
		...(validFrom === 'first_use' ? { validFrom } : {}),
		...(renews ? { renews } : {}),
		...(addOn ? { addOn } : {}),
		...(pace === undefined || Object.keys(pace).length === 0 ? {} : { pace }),
	};
}
