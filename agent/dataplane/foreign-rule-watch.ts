import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { BootMs } from '../core/units.ts';
import type { Warnings } from '../core/warnings.ts';
import { type ForeignRule, foreignRules } from './foreign-rules.ts';
import { readRuleset } from './nft.ts';

/** A firewall that is loaded tells of each of its rules: one look when it is done. */
const SETTLE_MS = 2000;
/** A program that changes rules all the time costs one look in this time, for each forks nft. */
const PAUSE_MS = 30_000;
/** Somebody who asks again at once is answered from the last look. */
const FRESH_MS = 1000;

export type ForeignRuleWatchOptions = {
	/** Our bits of the conntrack mark. */
	readonly mask: number;
	readonly clock: Clock;
	readonly warnings: Warnings;
	readonly log: Log;
	/** How the rules are read. */
	readonly read?: () => Promise<unknown>;
};

/** What was found; `problem`: the rules could not be read, for people. */
export type ForeignRuleLook = { readonly rules: readonly ForeignRule[]; readonly problem?: string };

/**
 * Finds the rules of other programs that the meter suffers from: when somebody asks, and after the kernel has told that rules of other
 * tables changed. Nothing is looked at on a timer.
 */
export class ForeignRuleWatch {
	readonly #options: ForeignRuleWatchOptions;
	#cancel: (() => void) | undefined;
	#looked: { atMs: BootMs; look: Promise<ForeignRuleLook> } | undefined;

	constructor(options: ForeignRuleWatchOptions) {
		this.#options = options;
	}

	/** Rules changed: looks once, when they have settled, and not more often than every 30 seconds. */
	changed(): void {
		if (this.#cancel !== undefined) return;
		const { clock } = this.#options;
		const since = this.#looked === undefined ? PAUSE_MS : clock.bootMs() - this.#looked.atMs;
		this.#cancel = clock.after(Math.max(SETTLE_MS, PAUSE_MS - since), () => {
			this.#cancel = undefined;
			// Whatever was read before is older than the change.
			this.#looked = undefined;
			void this.now();
		});
	}

	/** Looks now, unless it was looked a moment ago, and renews the warning. Never rejects. */
	now(): Promise<ForeignRuleLook> {
		const atMs = this.#options.clock.bootMs();
		if (this.#looked === undefined || atMs - this.#looked.atMs >= FRESH_MS) {
			this.#looked = { atMs, look: this.#look() };
		}
		return this.#looked.look;
	}

	/** May be called twice. */
	stop(): void {
		this.#cancel?.();
		this.#cancel = undefined;
	}

	async #look(): Promise<ForeignRuleLook> {
		const { mask, warnings, log, read = readRuleset } = this.#options;
		try {
			const rules = foreignRules(await read(), mask);
			warnings.set('foreign rules', foreignRuleWarning(rules));
			return { rules };
		} catch (error) {
			log.debug({ error }, 'the rules of other programs could not be read');
			return { rules: [], problem: (error as Error).message };
		}
	}
}

/** One sentence of what was found; undefined: nothing. */
export function foreignRuleWarning(rules: readonly ForeignRule[]): string | undefined {
	const [first] = rules;
	if (first === undefined) return undefined;
	const more = rules.length === 1 ? '' : `; and ${rules.length - 1} more: octroi doctor lists them`;
	return `a rule of another program disturbs the meter: ${foreignRuleText(first)}${more}`;
}

/** For people: where the rule stands, and what it does. */
export function foreignRuleText({ where, does }: ForeignRule): string {
	return `${where} ${does}`;
}
