import type { ValueRule } from '../core/value-rule.ts';

/** One option of the file. The validation and `docs/configuration.md` both come from this. */
export type Option = {
	/** `grant.bytesMin`; an option of a plan is named without `plans[].`. */
	readonly path: string;
	readonly title: string;
	/** Used when the option is absent. Undefined: see `required`. */
	readonly default?: unknown;
	readonly required?: true;
	readonly unit?: string;
	readonly rule: ValueRule<unknown>;
	/** A restart of the agent loses no byte and no flow. */
	readonly needsRestart: boolean;
	/** What goes wrong when it is wrong. */
	readonly caution: string;
};
