import { randomUUID } from 'node:crypto';
import type { State } from '../../protocol/state.ts';
import { topicsOfAccessPoint, upTopic } from '../../protocol/topics.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { AccountId, MacAddress, WallMs } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import type { Accounts } from './accounts.ts';
import type { Catalogue } from './catalogue.ts';
import { CertificateWatch } from './certificate-watch.ts';
import { Commands } from './commands.ts';
import { Inbox } from './inbox.ts';
import { KeyRing } from './key-ring.ts';
import { Link } from './link.ts';
import { LINK_FAULTS, type LinkFault } from './link-fault.ts';
import { Policies } from './policies.ts';
import { Refusals } from './refusals.ts';
import { newStream, Reporter } from './reporter.ts';
import { Slices } from './slices.ts';
import { Unwritten } from './unwritten.ts';

export type CarrierSettings = Config['carrier'] & { readonly url: string; readonly accessPoint: string };

export type SyncOptions = {
	readonly settings: CarrierSettings;
	/** Octroi's own. */
	readonly version: string;
	readonly ledger: Ledger;
	readonly accounts: Accounts;
	readonly catalogue: Catalogue;
	readonly clock: Clock;
	readonly trustedWallMs: () => WallMs | null;
	readonly moment: () => Moment;
	readonly random: () => number;
	readonly log: Log;
	/** How many are open. */
	readonly sessions: () => number;
	/** What the operator should know; undefined: nothing. */
	readonly onWarning: (sentence: string | undefined) => void;
};

type FaultKind = 'fault' | 'spoofing' | 'tethering';

const TICK_MS = 1000;
/** A broker that restarts is no news for an operator. */
const WARN_AFTER_MS = 60_000;
/** The platform hears at least so often how many sessions there are, if that has changed. */
const STATE_EVERY_MS = 60_000;

/** The line to the carrier: reports what is used, and does what the carrier says. */
export class Sync {
	readonly #options: SyncOptions;
	readonly #keys: KeyRing;
	readonly #refusals: Refusals;
	readonly #policies: Policies;
	readonly #reporter: Reporter;
	readonly #slices: Slices;
	readonly #inbox: Inbox;
	readonly #link: Link;
	#cancelTick: (() => void) | undefined;
	#stopped = false;
	#lostAtMs: number;
	#fault: LinkFault | undefined;
	#stateSent = { atMs: Number.NEGATIVE_INFINITY, sessions: -1 };
	readonly #certificate: CertificateWatch;
	readonly #unwritten: Unwritten;

	constructor(options: SyncOptions) {
		const { settings, ledger, accounts, catalogue, clock, moment, log } = options;
		const { accessPoint } = settings;
		this.#options = options;
		this.#lostAtMs = clock.bootMs();
		const publish = (topic: string, payload: string) => this.#link.publish({ topic, payload });
		const isConnected = () => this.#link.connected;
		this.#keys = new KeyRing(settings.keys);
		this.#refusals = new Refusals({
			log,
			nowMs: () => clock.bootMs(),
			report: (details) => this.report({ ...details, what: 'refused' }),
		});
		this.#certificate = new CertificateWatch(log, () => this.report({ what: 'certificate' }));
		this.#unwritten = new Unwritten({ clock, log, note: (details) => this.#addEvent('fault', details) });
		const shared = { accessPoint, ledger, accounts, clock, moment, log, isConnected, publish };
		this.#policies = new Policies({
			ledger,
			accounts,
			catalogue,
			keys: this.#keys,
			configuredKeys: settings.keys,
			log,
		});
		const policy = () => this.#policies.inForce;
		this.#reporter = new Reporter({
			...shared,
			reportEverySeconds: () => policy()?.reportEverySeconds ?? settings.reportSeconds,
			isUnwritten: (error) => this.#unwritten.take(error),
			onResent: () => this.#publishState(),
			onRestored: (details) => this.report({ ...details, what: 'restored' }),
		});
		this.#slices = new Slices({ ...shared, policy, newId: randomUUID, onReturned: () => this.#reporter.hurry() });
		this.#inbox = new Inbox({
			accessPoint,
			keys: this.#keys,
			policies: this.#policies,
			commands: new Commands({ ledger, accounts, catalogue, moment, reread: () => this.#reread() }),
			slices: this.#slices,
			reporter: this.#reporter,
			refusals: this.#refusals,
			trustedWallMs: options.trustedWallMs,
			publish: (topic, payload) =>
				void publish(topic, payload).catch((error) =>
					log.debug({ error }, 'a reply was not published; it is asked for again'),
				),
			onPolicy: () => this.#publishState(),
			log,
		});
		this.#link = new Link({
			...{ settings, clock, random: options.random, log },
			will: () => ({ topic: upTopic(accessPoint, 'state'), payload: this.#state(false) }),
			subscriptions: topicsOfAccessPoint(accessPoint),
			onMessage: (topic, payload) => this.#inbox.take(topic, payload),
			onConnected: () => this.#connected(),
			onLost: (fault) => this.#lost(fault),
		});
	}

	/** Begins the outbox, follows the last good policy, and connects. @throws OctroiError `ledger_*` */
	async start(): Promise<void> {
		const { ledger, moment } = this.#options;
		ledger.carrier.begin(newStream(), moment());
		await this.#policies.restore();
		this.#link.start();
		this.#tick();
	}

	async stop(): Promise<void> {
		this.#stopped = true;
		this.#cancelTick?.();
		if (this.#link.connected) {
			const farewell = { topic: upTopic(this.#options.settings.accessPoint, 'state'), retain: true };
			// The broker says it for us if this fails.
			await this.#link.publish({ ...farewell, payload: this.#state(false) }).catch(() => undefined);
		}
		await this.#link.stop();
	}

	/** What an account may spend was renewed. */
	renewed(
		account: AccountId,
		{ isOut, mode, unsettledBytes }: { isOut: boolean; mode: string; unsettledBytes: number },
	) {
		const { ledger, moment, log } = this.#options;
		try {
			ledger.carrier.noteCredit(account, isOut, { mode }, moment());
			this.#slices.consider(account, unsettledBytes);
		} catch (error) {
			log.error({ error, account }, 'could not note the credit of an account for the carrier');
		}
	}

	/** An account that is not known here may live at the platform: asks, and waits a moment. */
	findAccount(account: AccountId): Promise<void> {
		return this.#slices.findAccount(account);
	}

	/** Tells the carrier that something is wrong. */
	report(details: Readonly<Record<string, string | number>>, kind: FaultKind = 'fault', station?: MacAddress): void {
		try {
			this.#addEvent(kind, details, station);
		} catch (error) {
			this.#options.log.error({ error, details }, 'could not note a fault for the carrier');
		}
	}

	#addEvent(kind: FaultKind, details: Readonly<Record<string, string | number>>, station?: MacAddress): void {
		const { ledger, moment } = this.#options;
		ledger.carrier.addEvent({ kind, details, ...(station === undefined ? {} : { station }) }, moment());
	}

	get figures() {
		const { ledger, clock, settings } = this.#options;
		const { stream, sealed, acknowledged, sessions, events, eventsDropped } = ledger.carrier.state();
		const policy = this.#policies.inForce;
		const { url, connected, fault, attempts, certificateEndMs } = this.#link.figures;
		const { lastAcknowledgedAtMs, resent } = this.#reporter;
		const secondsSince = (atMs: number | undefined) =>
			atMs === undefined ? undefined : Math.max(0, Math.floor((clock.bootMs() - atMs) / 1000));
		return {
			...{
				url,
				accessPoint: settings.accessPoint,
				connected,
				attempts,
				stream,
				sealed,
				acknowledged,
				resent,
				unwritten: this.#unwritten.count,
				eventsDropped,
			},
			...(fault === undefined ? {} : { fault: LINK_FAULTS[fault] }),
			offlineSeconds: connected ? 0 : (secondsSince(this.#lostAtMs) ?? 0),
			backlog: { batches: sealed - acknowledged, sessions, events },
			policyVersion: policy?.policyVersion ?? 0,
			keys: this.#keys.names,
			refused: { ...this.#refusals.counts },
			...(lastAcknowledgedAtMs === undefined
				? {}
				: { acknowledgedSecondsAgo: secondsSince(lastAcknowledgedAtMs) as number }),
			...(certificateEndMs === undefined ? {} : { certificateEndMs }),
		};
	}

	#tick(): void {
		const { clock, log } = this.#options;
		this.#cancelTick = clock.after(TICK_MS, () => {
			if (this.#stopped) return;
			this.#unwritten.tick();
			this.#reporter.tick();
			this.#watch();
			this.#slices
				.tick()
				.catch((error) => log.error({ error }, 'could not look after the slices of the platform'))
				.finally(() => {
					if (!this.#stopped) this.#tick();
				});
		});
	}

	/** What people should know. */
	#watch(): void {
		const { clock, onWarning, sessions } = this.#options;
		const { connected, certificateEndMs } = this.#link.figures;
		const offlineMs = connected ? 0 : clock.bootMs() - this.#lostAtMs;
		const since = `for ${Math.floor(offlineMs / 60_000)} min`;
		const certificate = this.#certificate.look(certificateEndMs, this.#options.trustedWallMs());
		const unwritten = this.#unwritten.seconds;
		if (unwritten !== undefined) {
			onWarning(`nothing can be reported to the carrier for ${unwritten} s: the ledger cannot be written`);
		} else if (offlineMs >= WARN_AFTER_MS) {
			onWarning(`the carrier has not been reached ${since}: ${LINK_FAULTS[this.#fault ?? 'network']}`);
		} else onWarning(certificate);
		if (
			connected &&
			sessions() !== this.#stateSent.sessions &&
			clock.bootMs() - this.#stateSent.atMs >= STATE_EVERY_MS
		) {
			this.#publishState();
		}
	}

	#connected(): void {
		const seconds = Math.floor((this.#options.clock.bootMs() - this.#lostAtMs) / 1000);
		const fault = this.#fault;
		this.#fault = undefined;
		if (fault !== undefined && seconds * 1000 >= WARN_AFTER_MS) this.report({ what: 'offline', seconds, fault });
		this.#publishState();
		this.#reporter.connected();
	}

	#lost(fault: LinkFault): void {
		const { clock } = this.#options;
		// Attempts that fail do not make the connection more lost.
		if (this.#fault === undefined) this.#lostAtMs = clock.bootMs();
		this.#fault = fault;
	}

	#reread(): void {
		this.#publishState();
		this.#reporter.hurry();
	}

	#publishState(): void {
		const { settings, clock, sessions, log } = this.#options;
		if (!this.#link.connected) return;
		this.#stateSent = { atMs: clock.bootMs(), sessions: sessions() };
		this.#link
			.publish({ topic: upTopic(settings.accessPoint, 'state'), payload: this.#state(true), retain: true })
			.catch((error) => log.debug({ error }, 'the state was not published'));
	}

	#state(online: boolean): string {
		const { settings, ledger, version, clock, trustedWallMs, sessions } = this.#options;
		const { stream, sealed, acknowledged } = ledger.carrier.state();
		const state: State = {
			...{ version: 1, ap: settings.accessPoint, online, softwareVersion: version, stream, lastSequence: sealed },
			acknowledged,
			policyVersion: this.#policies.inForce?.policyVersion ?? 0,
			...{ sessions: sessions(), at: Math.max(0, clock.wallMs()), clockSet: trustedWallMs() !== null },
		};
		return JSON.stringify(state);
	}
}
