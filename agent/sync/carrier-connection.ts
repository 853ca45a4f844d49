import { carrierAccounts } from '../accounts/carrier-accounts.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { TrustedClock } from '../core/trusted-clock.ts';
import type { AccountId, MacAddress } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import type { Meter } from '../meter/meter.ts';
import { type Pool, unsettledBytes } from '../meter/pool.ts';
import { readUplink } from '../shaping/uplink.ts';
import type { CarrierStatus } from '../status/protocol.ts';
import type { CarrierLink } from '../status/snapshot.ts';
import { Catalogue } from './catalogue.ts';
import type { Sync } from './sync.ts';

/** Of a text among the details of an event. */
const WARNING_CHARACTERS_MAX = 500;

/** Stations that are remembered as tethering, so that each is told once: more than there are meters. */
const TETHERING_MAX = 8192;

export type CarrierConnectionOptions = {
	readonly config: Config;
	readonly version: string;
	readonly clock: Clock;
	readonly trusted: TrustedClock;
	readonly moment: () => Moment;
	readonly log: Log;
	readonly onWarning: (sentence: string | undefined) => void;
};

/** The agent's end of the line to a carrier; without one in the configuration nothing of it is loaded, and nothing happens. */
export class CarrierConnection {
	readonly #options: CarrierConnectionOptions;
	/** What is sold here. */
	readonly catalogue: Catalogue;
	#sync: Sync | undefined;
	readonly #tethering = new Set<MacAddress>();

	constructor(options: CarrierConnectionOptions) {
		this.#options = options;
		this.catalogue = new Catalogue(options.config);
	}

	/** @throws OctroiError `ledger_*` */
	async start({ ledger, meter }: { ledger: Ledger; meter: Meter }): Promise<void> {
		const { config, trusted, ...options } = this.#options;
		const { url, accessPoint } = config.carrier;
		if (url === undefined || accessPoint === undefined) return;
		// Signatures and MQTT: memory that only a router with a carrier spends.
		const { Sync: Line } = await import('./sync.ts');
		this.#sync = new Line({
			...options,
			settings: { ...config.carrier, url, accessPoint },
			ledger,
			accounts: carrierAccounts(meter),
			catalogue: this.catalogue,
			trustedWallMs: () => trusted.wallMs(),
			random: Math.random,
			uplink: () => readUplink()?.device,
			sessions: () => meter.pools.all().reduce((sum, pool) => sum + pool.meters.size, 0),
		});
		await this.#sync.start();
	}

	async stop(): Promise<void> {
		await this.#sync?.stop();
	}

	/** The kernel was given what a pool may do. */
	renewed(pool: Pool, ledger: Ledger): void {
		if (!this.#sync) return;
		const isOut = pool.mode === 'nothing' || pool.mode === 'slow';
		// Whoever is blocked by hand may have credit.
		if (isOut && ledger.isBlocked(pool.account)) return;
		this.#sync.renewed(pool.account, { isOut, mode: pool.mode, unsettledBytes: unsettledBytes(pool) });
	}

	/** Asks the platform for an account that is not known here. @param code of the customer, for the platform */
	async findAccount(account: AccountId, code?: string): Promise<void> {
		await this.#sync?.findAccount(account, code);
	}

	/** The carrier hears of what the operator is warned of; that it cannot be reached, it knows. */
	warned(what: string, sentence: string): void {
		if (what !== 'carrier')
			this.#sync?.report(
				{ what, text: sentence.slice(0, WARNING_CHARACTERS_MAX) },
				what === 'spoof' ? 'spoofing' : 'fault',
			);
	}

	/** How a station was judged; the carrier hears of it once when it begins to pass on its connection. */
	judged(station: MacAddress, isTethering: boolean, score: number): void {
		if (!isTethering) return void this.#tethering.delete(station);
		if (!this.#sync || this.#tethering.has(station) || this.#tethering.size >= TETHERING_MAX) return;
		this.#tethering.add(station);
		this.#sync.report({ score }, 'tethering', station);
	}

	get status(): CarrierStatus {
		return this.#sync ? { configured: true, ...this.#sync.figures } : { configured: false };
	}

	/** For displays. */
	get link(): CarrierLink {
		const { status } = this;
		if (!status.configured) return { state: 'not_configured', text: 'not configured' };
		const { connected, accessPoint, backlog, policyVersion } = status;
		if (connected) {
			const policy = policyVersion === 0 ? 'no policy yet' : `policy ${policyVersion}`;
			return { state: 'connected', text: `connected as ${accessPoint}, ${policy}` };
		}
		const waiting = backlog.sessions + backlog.batches + backlog.events;
		return { state: 'offline', text: `${status.fault ?? 'connecting'}; ${waiting} reports wait` };
	}
}
