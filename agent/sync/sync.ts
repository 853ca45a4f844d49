import { randomUUID } from 'node:crypto';
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
import { lineFigures } from './line-figures.ts';
import { lineWarning, WARN_AFTER_MS } from './line-warning.ts';
import { Link } from './link.ts';
import type { LinkCause } from './link-fault.ts';
import { Policies } from './policies.ts';
import { PublicationHold } from './publication-hold.ts';
import { newStream, Reporter } from './reporter.ts';
import { Slices } from './slices.ts';
import { stateMessage } from './state-message.ts';
import { makeTallies, type Tallies } from './tallies.ts';
import { Unwritten } from './unwritten.ts';
import { UplinkWatch } from './uplink-watch.ts';

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
	/** The device of the way out; undefined: there is none. */
	readonly uplink: () => string | undefined;
	/** What the operator should know; undefined: nothing. */
	readonly onWarning: (sentence: string | undefined) => void;
};

type FaultKind = 'fault' | 'spoofing' | 'tethering';

const TICK_MS = 1000;
/** The platform hears at least so often how many sessions there are, if that has changed. */
const STATE_EVERY_MS = 60_000;

/** The line to the carrier: reports what is used, and does what the carrier says. */
export class Sync {
	readonly #options: SyncOptions;
	readonly #keys: KeyRing;
	readonly #tallies: Tallies;
	readonly #policies: Policies;
	readonly #reporter: Reporter;
	readonly #slices: Slices;
	readonly #inbox: Inbox;
	readonly #link: Link;
	#cancelTick: (() => void) | undefined;
	#stopped = false;
	#lostAtMs: number;
	#cause: LinkCause | undefined;
	#stateSent = { atMs: Number.NEGATIVE_INFINITY, sessions: -1 };
	readonly #certificate: CertificateWatch;
	readonly #unwritten: Unwritten;
	readonly #hold: PublicationHold;
	readonly #uplink: UplinkWatch;

	constructor(options: SyncOptions) {
		const { settings, ledger, accounts, catalogue, clock, moment, log } = options;
		const { accessPoint } = settings;
		this.#options = options;
		this.#lostAtMs = clock.bootMs();
		const publish = (topic: string, payload: string) => this.#link.publish({ topic, payload });
		const isConnected = () => this.#link.connected;
		this.#keys = new KeyRing(settings.keys);
		const nowMs = () => clock.bootMs();
		this.#tallies = makeTallies({ log, nowMs, report: (details) => this.report({ ...details, what: 'refused' }) });
		this.#certificate = new CertificateWatch(() => {
			this.#tallies.faults.note('expired');
			this.report({ what: 'certificate' });
		});
		this.#hold = new PublicationHold({
			clock,
			random: options.random,
			onRefused: (about) => this.#tallies.faults.note('unpublished', about),
			onTaken: (about) => this.report({ ...about, what: 'unpublished' }),
		});
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
			onResent: (about) => {
				this.#tallies.faults.note('unacknowledged', about);
				this.#publishState();
			},
			hold: this.#hold,
			uplink: () => this.#uplink.gathered,
			settle: () => accounts.settle(),
			onEmpty: () => this.#uplink.emptied(),
			onRestored: (details) => {
				this.#tallies.faults.note('restored', details);
				this.report({ ...details, what: 'restored' });
			},
		});
		this.#uplink = new UplinkWatch({
			read: options.uplink,
			isGathered: () => ledger.carrier.state().sessions > 0,
			split: () => this.#reporter.split(),
		});
		this.#slices = new Slices({ ...shared, policy, newId: randomUUID, onReturned: () => this.#reporter.hurry() });
		this.#inbox = this.#makeInbox(publish);
		this.#link = this.#makeLink();
	}

	#makeInbox(publish: (topic: string, payload: string) => Promise<void>): Inbox {
		const { settings, ledger, accounts, catalogue, moment, trustedWallMs, log } = this.#options;
		return new Inbox({
			accessPoint: settings.accessPoint,
			keys: this.#keys,
			policies: this.#policies,
			commands: new Commands({ ledger, accounts, catalogue, moment, reread: () => this.#reread() }),
			slices: this.#slices,
			reporter: this.#reporter,
			refusals: this.#tallies.refusals,
			notDone: this.#tallies.notDone,
			trustedWallMs,
			publish: (topic, payload) =>
				void publish(topic, payload).catch((error) =>
					log.debug({ error }, 'a reply was not published; it is asked for again'),
				),
			onPolicy: () => this.#publishState(),
			log,
		});
	}

	#makeLink(): Link {
		const { settings, clock, random, log } = this.#options;
		const { accessPoint } = settings;
		return new Link({
			settings,
			clock,
			random,
			log,
			will: () => ({ topic: upTopic(accessPoint, 'state'), payload: this.#state(false) }),
			subscriptions: topicsOfAccessPoint(accessPoint),
			onMessage: (topic, payload) => this.#inbox.take(topic, payload),
			onConnected: () => this.#connected(),
			onLost: (cause, about) => this.#lost(cause, about),
			onOversize: (bytes) => this.#tallies.refusals.note('size', { bytes }),
		});
	}

	/** Begins the outbox, follows the last good policy, and connects. @throws OctroiError `ledger_*` */
	async start(): Promise<void> {
		const { ledger, moment } = this.#options;
		ledger.carrier.begin(newStream(), moment());
		await this.#policies.restore();
		this.#uplink.look();
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
	findAccount(account: AccountId, code?: string): Promise<void> {
		return this.#slices.findAccount(account, code);
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
		return lineFigures({
			accessPoint: settings.accessPoint,
			outbox: ledger.carrier.state(),
			link: this.#link.figures,
			reporter: this.#reporter,
			usageRefused: this.#hold.answer,
			tallies: this.#tallies,
			unwritten: this.#unwritten.count,
			policyVersion: this.#policies.inForce?.policyVersion ?? 0,
			keys: this.#keys.names,
			lostAtMs: this.#lostAtMs,
			nowMs: clock.bootMs(),
		});
	}

	#tick(): void {
		const { clock, log } = this.#options;
		this.#cancelTick = clock.after(TICK_MS, () => {
			if (this.#stopped) return;
			this.#unwritten.tick();
			this.#uplink.look();
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
		const state = {
			unwrittenSeconds: this.#unwritten.seconds,
			cause: this.#cause,
			usageRefused: this.#hold.answer,
			offlineMs: connected ? 0 : clock.bootMs() - this.#lostAtMs,
			certificate: this.#certificate.look(certificateEndMs, this.#options.trustedWallMs()),
		};
		onWarning(lineWarning(state));
		const isOld = clock.bootMs() - this.#stateSent.atMs >= STATE_EVERY_MS;
		if (connected && isOld && sessions() !== this.#stateSent.sessions) this.#publishState();
	}

	#connected(): void {
		const seconds = Math.floor((this.#options.clock.bootMs() - this.#lostAtMs) / 1000);
		const cause = this.#cause;
		this.#cause = undefined;
		if (cause !== undefined && seconds * 1000 >= WARN_AFTER_MS) {
			const { fault, detail } = cause;
			this.report({ what: 'offline', seconds, fault, ...(detail ? { answer: detail } : {}) });
		}
		this.#publishState();
		this.#reporter.connected();
	}

	#lost(cause: LinkCause, about: { waitMs: number; error?: unknown }): void {
		const { clock } = this.#options;
		const { fault, detail } = cause;
		this.#tallies.faults.note(fault, { ...about, ...(detail ? { answer: detail } : {}) });
		// Attempts that fail do not make the connection more lost.
		if (this.#cause === undefined) this.#lostAtMs = clock.bootMs();
		this.#cause = cause;
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
		return stateMessage({
			accessPoint: settings.accessPoint,
			online,
			version,
			outbox: ledger.carrier.state(),
			sessions: sessions(),
			wallMs: clock.wallMs(),
			trustedWallMs: trustedWallMs(),
			policyVersion: this.#policies.inForce?.policyVersion ?? 0,
		});
	}
}
