import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { OctroiError } from '../core/octroi-error.ts';
import type { MacAddress } from '../core/units.ts';
import type { Shaping } from './pool-classes.ts';
import type { RulesetOptions } from './ruleset-options.ts';

/** What of the rules does not depend on what the kernel has. */
type RuleSettings = Omit<
	RulesetOptions,
	'metered' | 'meteredNames' | 'free' | 'tethered' | 'announced' | 'stationsMax' | 'epoch'
>;

/** What the rules are made from, and whom the data plane tells what happens. */
export type DataPlaneOptions = RuleSettings & {
	/** Names of devices, whether they exist or not. */
	readonly metered: readonly string[];
	readonly free: readonly string[];
	/** Present: new flows are judged. */
	readonly tethered?: { readonly queue: number; readonly flowsPerSecond: number };
	/** Present: the router's own advertisements are handed over on their way out. */
	readonly announced?: { readonly queue: number };
	/** The kernel has no queue for new flows, or has one again: a sentence for people, or nothing. */
	readonly onQueue?: (problem: string | undefined) => void;
	/** The addresses that a station is known to have when it is attached. */
	readonly addressesOf?: (mac: MacAddress) => readonly string[];
	/** Queues for rates; started before us, and stopped after us, by whoever made it. */
	readonly shaping?: Shaping;
	readonly clock: Pick<Clock, 'bootMs' | 'after'>;
	readonly log: Log;
	/** Names a new life of the table. */
	readonly newEpoch?: () => string;
	/** A flowtable appeared over a metered device while we run. */
	readonly onOffload: (error: OctroiError | undefined) => void;
	/** A rule of another table came or went, or was lost sight of. */
	readonly onForeignRules?: () => void;
};
