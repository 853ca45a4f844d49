import type { Identity } from '../accounts/identity.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { TrustedClock } from '../core/trusted-clock.ts';
import type { Warnings } from '../core/warnings.ts';
import type { Announcement } from '../dataplane/announcement.ts';
import type { LanMonitor } from '../detection/lan-monitor.ts';
import type { TetherDetection } from '../detection/tether-detection.ts';
import type { WhyFacts } from '../doctor/why-facts.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import type { Meter } from '../meter/meter.ts';
import type { Sampler } from '../meter/sampler.ts';
import type { Stations } from '../session/stations.ts';
import type { CarrierConnection } from '../sync/carrier-connection.ts';
import type { AddedPlans } from './added-plans.ts';

/** What the commands of the agent work with. */
export type CommandParts = {
	readonly config: Config;
	readonly version: string;
	readonly clock: Clock;
	readonly trusted: TrustedClock;
	readonly ledger: Ledger;
	readonly meter: Meter;
	readonly sampler: Sampler;
	readonly stations: Stations;
	readonly warnings: Warnings;
	readonly identity: Identity;
	readonly line: CarrierConnection;
	readonly addedPlans: AddedPlans;
	/** Absent: flows are not judged. */
	readonly tethering?: TetherDetection;
	readonly lanMonitor: LanMonitor;
	readonly announcement: Announcement;
	readonly why: Pick<WhyFacts, 'answer'>;
	readonly moment: () => Moment;
	readonly newTransferId: () => string;
	/** A code that nobody guesses. */
	readonly newCode: () => string;
	readonly processId: number;
};
