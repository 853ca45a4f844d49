import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { BootMs } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Epoch, Moment } from '../ledger/moment.ts';
import type { SettleRequest, SettleResult } from '../ledger/settle.ts';
import type { Reserve } from './decision.ts';
import type { PoolReading } from './gate.ts';
import { begunMs, elapsedSeconds, type Pool, type PoolMode, settledBytes, unsettledBytes } from './pool.ts';
import { Traffic } from './traffic.ts';
import { REMAINDER_BYTES } from './window.ts';

export type ChargerOptions = {
	readonly ledger: Ledger;
	readonly clock: Clock;
	readonly moment: () => Moment;
	readonly log: Log;
};

/** What the bytes are recorded as that pass for a right which does not spend bytes. */
const FREE: Record<PoolMode, SettleRequest['free']> = {
	nothing: false,
	bytes: false,
	time: 'included',
	slow: 'throttled',
};

/** Charges what the kernel's counters show: the only place where bytes and seconds become money. */
export class Charger {
	readonly #options: ChargerOptions;
	/** The life of the kernel's table whose counters are being read. */
	epoch: Epoch = '';
	/** What was forwarded since the agent started, by all stations that there were. */
	readonly traffic = new Traffic();

	constructor(options: ChargerOptions) {
		this.#options = options;
	}

	/** Takes in what the kernel's counters show. */
	note(pool: Pool, reading: PoolReading): void {
		for (const { meter, up, down, free, tethered } of reading.counters) {
			const state = pool.meters.get(meter);
			if (!state) continue;
			this.traffic.noteUp(state, up);
			this.traffic.noteDown(state, down);
			if (tethered) {
				this.traffic.noteTethered(state, 'up', tethered.up);
				this.traffic.noteTethered(state, 'down', tethered.down);
			}
			if (!free) continue;
			this.traffic.noteFree(state, 'up', free.up);
			this.traffic.noteFree(state, 'down', free.down);
		}
	}

	/** What the kernel may still spend of what it was granted. */
	rest(pool: Pool): Reserve {
		const now = this.#options.clock.bootMs();
		let elapsed = 0;
		for (const meter of pool.meters.values()) elapsed += elapsedSeconds(meter, now);
		const used = FREE[pool.mode] ? 0 : unsettledBytes(pool);
		return { byte: Math.max(0, pool.openBytes - used), second: Math.max(0, pool.openSeconds - elapsed), keep: true };
	}

	/**
	 * The request that charges a pool up to its latest readings, and then reserves for it.
	 *
	 * @param expiry the moment up to which packages may expire in it. Undefined: none may, as the kernel is spending what is
	 * reserved
	 */
	request(pool: Pool, { byte, second, grace, keep, ends, stops }: Reserve, expiry: Moment | undefined): SettleRequest {
		const now = this.#options.clock.bootMs();
		const meters = [...pool.meters.values()];
		return {
			epoch: this.epoch,
			account: pool.account,
			at: validUntil(this.#options.moment(), expiry),
			readings: meters.map(({ meter, up, down }) => ({ meter, up, down })),
			zeroRated: meters
				.map(({ meter, free: { up, down } }) => ({ meter, up, down }))
				.filter(({ up, down }) => up + down > 0),
			tethered: meters
				.map(({ meter, tethered: { up, down } }) => ({ meter, up, down }))
				.filter(({ up, down }) => up + down > 0),
			elapsed: meters.map((meter) => ({ meter: meter.meter, seconds: meter.seconds + elapsedSeconds(meter, now) })),
			...begunOf(pool, now, stops),
			free: FREE[pool.mode],
			...(pool.slowsByItself ? { grantsOnly: true } : {}),
			reserve: { byte, second },
			least: { byte: REMAINDER_BYTES, second: meters.length },
			...(grace === undefined ? {} : { grace }),
			...(keep === undefined ? {} : { keep }),
			...(ends === undefined ? {} : { endsRecords: ends }),
		};
	}

	/** @throws the `ledger_*` codes; then nothing has changed, here or there */
	settle(pool: Pool, reserve: Reserve, expiry?: Moment): SettleResult {
		const result = this.#options.ledger.settle(this.request(pool, reserve, expiry));
		this.settled(pool, result);
		return result;
	}

	/**
	 * Many pools in one transaction; what stands granted to them stays, less what was used. An account that cannot be charged
	 * is logged, and does not keep the others from it.
	 *
	 * @throws the `ledger_*` codes
	 */
	settleRests(pools: readonly Pool[]): void {
		const { ledger, log } = this.#options;
		try {
			const results = ledger.settleAll(pools.map((pool) => this.request(pool, this.rest(pool), undefined)));
			for (const [index, result] of results.entries()) this.settled(pools[index] as Pool, result);
		} catch (error) {
			// A disk that is full is so for each of them.
			if (isOfLedger(error)) throw error;
			for (const pool of pools) {
				try {
					this.settle(pool, this.rest(pool));
				} catch (cause) {
					if (isOfLedger(cause)) throw cause;
					log.error({ account: pool.account, error: cause }, 'could not charge this account');
				}
			}
		}
	}

	/** Takes over what the ledger answered to a request. */
	settled(pool: Pool, result: SettleResult): void {
		const { clock, log } = this.#options;
		const now = clock.bootMs();
		for (const meter of pool.meters.values()) {
			const next = result.followed?.get(meter.meter);
			if (next !== undefined) {
				meter.session = next;
				meter.beganBytes = settledBytes(meter);
			}
			meter.settledUp = meter.up;
			meter.settledDown = meter.down;
			for (const usage of [meter.free, meter.tethered]) {
				usage.settledUp = usage.up;
				usage.settledDown = usage.down;
			}
			const elapsed = elapsedSeconds(meter, now);
			meter.seconds += elapsed;
			if (meter.slice) {
				const { sinceMs, seconds } = meter.slice;
				meter.slice = { sinceMs: (sinceMs + elapsed * 1000) as typeof now, seconds: seconds - elapsed };
			}
		}
		if (result.begunMs !== undefined) pool.knownBegunMs = result.begunMs;
		pool.openBytes = result.granted.byte;
		pool.openSeconds = result.granted.second;
		pool.settledAtMs = now;
		if (result.overrunBytes > 0 || result.overrunSeconds > 0) {
			const { overrunBytes: bytes, overrunSeconds: seconds } = result;
			log.error({ account: pool.account, bytes, seconds }, 'more was forwarded than was granted');
		}
	}
}

/** Only where there is, or was, something of it: who counts bytes alone sends nothing. */
function begunOf(pool: Pool, now: BootMs, stops?: true): Pick<SettleRequest, 'begun'> {
	const ms = begunMs(pool, now);
	const { knownBegunMs: knownMs } = pool;
	return ms + knownMs === 0 ? {} : { begun: { ms, knownMs, ...(stops ? { isFinal: true } : {}) } };
}

/** Whether it is the ledger that fails, and not one account. */
function isOfLedger(error: unknown): boolean {
	return error instanceof OctroiError && error.code.startsWith('ledger_');
}

/** Validities begin and end by one moment, whatever time it is when something is written. */
function validUntil({ wallMs, bootMs }: Moment, expiry: Moment | undefined): Moment {
	if (expiry === undefined) return { wallMs, bootMs, trustedWallMs: null };
	const { trustedWallMs = null, validityMs, boot } = expiry;
	const known = validityMs === undefined ? {} : { validityMs };
	return { wallMs, bootMs, trustedWallMs, ...known, ...(boot === undefined ? {} : { boot }) };
}
