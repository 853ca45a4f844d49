import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, Bytes, MacAddress, MeterId, Seconds, WallMs } from '../core/units.ts';
import type { Epoch, Moment } from './moment.ts';
import { checkId, checkMoment, checkText } from './request-check.ts';

export type OpenSessionRequest = {
	/** Made by whoever asks. `[A-Za-z0-9][A-Za-z0-9._:-]{0,63}`. */
	readonly session: string;
	readonly mac: MacAddress;
	readonly account: AccountId;
	/** Unique among open sessions; used again by later ones. Its kernel counters must stand at 0. */
	readonly meter: MeterId;
	readonly epoch: Epoch;
	readonly at: Moment;
};

/** The kernel's cumulative counters of a station, by class, and its seconds. */
export type Checkpoints = {
	readonly up: number;
	readonly down: number;
	readonly free: { readonly up: number; readonly down: number };
	readonly tethered: { readonly up: number; readonly down: number };
	readonly seconds: number;
};

/**
 * Station × account, from when it may use something until it may not any more, or is detached: what one usage record is about. A
 * station that stays attached after the end goes on in another session, with the same counters.
 */
export type Session = {
	readonly id: string;
	readonly mac: MacAddress;
	readonly account: AccountId;
	readonly meter: MeterId;
	readonly epoch: Epoch;
	readonly openedWallMs: WallMs;
	/** Charged so far. */
	readonly upBytes: Bytes;
	readonly downBytes: Bytes;
	/** Of its zero-rated flows; not in the figures above. */
	readonly freeUpBytes: Bytes;
	readonly freeDownBytes: Bytes;
	/** Of devices behind the station; not in the figures above either. */
	readonly tetheredUpBytes: Bytes;
	readonly tetheredDownBytes: Bytes;
	readonly seconds: Seconds;
	readonly closed?: { readonly wallMs: WallMs; readonly reason: string };
	/** What the counters showed when they were charged last; while its station is attached, also after the end. */
	readonly checkpoints?: Checkpoints;
};

/** @throws OctroiError `invalid_value` */
export function checkOpenSession({ session, meter, mac, epoch, at }: OpenSessionRequest): void {
	checkId('session', session);
	checkText('the epoch', epoch);
	checkText('the MAC address', mac);
	checkMoment(at);
	if (!Number.isInteger(meter) || meter < 1 || meter > 65_535) {
		throw new OctroiError('invalid_value', `the meter is ${meter}`, { fix: 'give a whole number from 1 to 65535' });
	}
}
