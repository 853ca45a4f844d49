import type { Identity } from '../accounts/identity.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { TrustedClock } from '../core/trusted-clock.ts';
import type { Senders } from '../dataplane/senders.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import type { Meter } from '../meter/meter.ts';
import type { StationRows } from '../snapshot/station-rows.ts';
import type { CarrierConnection } from '../sync/carrier-connection.ts';

/** What the portal's service works with. */
export type PortalServiceParts = {
	readonly config: Config;
	readonly clock: Clock;
	readonly trusted: TrustedClock;
	readonly ledger: Ledger;
	readonly meter: Meter;
	readonly identity: Identity;
	readonly line: CarrierConnection;
	readonly rows: StationRows;
	readonly senders: Senders;
	readonly moment: () => Moment;
	readonly random: (count: number) => Uint8Array;
	readonly log: Log;
};
