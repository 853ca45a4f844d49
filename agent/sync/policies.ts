import { isDeepStrictEqual } from 'node:util';
import { type Policy, policy as policyShape } from '../../protocol/policy.ts';
import { check, type Fault } from '../../protocol/shape.ts';
import type { Log } from '../core/log.ts';
import type { PlanChange, PolicyAudience } from '../ledger/carrier.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Accounts } from './accounts.ts';
import type { Catalogue } from './catalogue.ts';
import type { KeyRing } from './key-ring.ts';
import { policyFaults } from './policy-faults.ts';
import { type Outcome, refused } from './replies.ts';

export type PoliciesOptions = {
	readonly ledger: Ledger;
	readonly accounts: Accounts;
	readonly catalogue: Catalogue;
	readonly keys: KeyRing;
	readonly configuredKeys: readonly { readonly kid: string }[];
	readonly log: Log;
};

/** The policy in force: the access point's own, or else the one for all. Kept in the ledger, so it survives a restart. */
export class Policies {
	readonly #options: PoliciesOptions;
	readonly #kept: Partial<Record<PolicyAudience, Policy>> = {};

	constructor(options: PoliciesOptions) {
		this.#options = options;
	}

	get inForce(): Policy | undefined {
		return this.#kept.own ?? this.#kept.all;
	}

	/** Follows the last good policy. */
	async restore(): Promise<void> {
		const { ledger, log } = this.#options;
		for (const audience of ['own', 'all'] as const) {
			const stored = ledger.carrier.policy(audience);
			const read = stored && check(policyShape, JSON.parse(stored.body));
			if (read?.ok) this.#kept[audience] = read.value;
			else if (read)
				log.error(
					{ audience, faults: read.faults },
					'the stored policy is not one of this version; waiting for another',
				);
		}
		await this.#follow();
	}

	/** Applies a policy as a whole, or says everything that is wrong with it and changes nothing. */
	async apply(audience: PolicyAudience, policy: Policy): Promise<Outcome> {
		const { ledger, accounts, log } = this.#options;
		const kept = this.#kept[audience];
		const { policyVersion: version } = policy;
		if (kept !== undefined && version < kept.policyVersion) {
			return refused('outdated', `version ${kept.policyVersion} is in force; this is ${version}`);
		}
		const body = JSON.stringify(policy);
		if (kept !== undefined && version === kept.policyVersion) {
			// The platform says it again from its store, which keeps members in an order of its own.
			if (isDeepStrictEqual(policy, kept)) return { outcome: 'exists' };
			return refused('exists_with_different_values', `version ${version} is in force with another content`);
		}
		const faults = this.#faultsOf(policy);
		if (faults.length > 0) return refused('policy', `the policy has ${faults.length} faults`, faults);
		const isFollowed = audience === 'own' || this.#kept.own === undefined;
		const concerned = ledger.carrier.setPolicy(audience, { version, body }, isFollowed ? liveChanges(policy) : []);
		this.#kept[audience] = policy;
		if (isFollowed) await this.#follow();
		for (const account of concerned) accounts.changed(account);
		log.info({ audience, version, plans: policy.plans.length, accounts: concerned.length }, 'a new policy is in force');
		return { outcome: 'done' };
	}

	#faultsOf(policy: Policy): Fault[] {
		const { catalogue, configuredKeys } = this.#options;
		const kids = new Set([...configuredKeys, ...(policy.keys ?? [])].map(({ kid }) => kid));
		for (const kid of policy.revokedKeys ?? []) kids.delete(kid);
		return policyFaults(policy, catalogue, kids.size);
	}

	async #follow(): Promise<void> {
		const { catalogue, keys } = this.#options;
		const policy = this.inForce;
		if (policy) catalogue.follow(policy);
		await keys.renew(policy?.keys, policy?.revokedKeys);
	}
}

/** What was bought of a live plan follows the plan. */
function liveChanges({ plans }: Policy): PlanChange[] {
	return plans
		.filter(({ live }) => live === true)
		.map(({ name: planName, atEnd, throttleBytesPerSecond, pace = {}, stationsMax = null }) => {
			const end = throttleBytesPerSecond === undefined ? { atEnd } : { atEnd, throttleBytesPerSecond };
			return { planName, end, pace, stationsMax };
		});
}
