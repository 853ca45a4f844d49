import type { Duplex } from 'node:stream';
import type { IClientOptions, MqttClient } from 'mqtt';
import { answerIn } from '../../protocol/broker-answers.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { BackOff, WAIT_LONGEST_MS } from './back-off.ts';
import { type Credentials, certificateEndMs, readCredentials } from './credentials.ts';
import { FrameWatch } from './frame-watch.ts';
import { AGAIN_AND_AGAIN, causeOfAnswer, causeOfSubscription, type LinkCause, linkCauseOf } from './link-fault.ts';
import { PublicationRefused } from './publication-refused.ts';

export type Publication = { readonly topic: string; readonly payload: string; readonly retain?: boolean };

export type LinkOptions = {
	readonly settings: Config['carrier'] & { readonly url: string; readonly accessPoint: string };
	readonly clock: Clock;
	readonly random: () => number;
	readonly log: Log;
	/** What the broker says of us when we vanish. */
	readonly will: () => Publication;
	readonly subscriptions: readonly string[];
	/** Committed when it resolves; rejected: it is to come again. */
	readonly onMessage: (topic: string, payload: Uint8Array) => Promise<void>;
	readonly onConnected: () => void;
	/** `waitMs`: until the next attempt. */
	readonly onLost: (cause: LinkCause, about: { waitMs: number; error?: unknown }) => void;
	/** The broker began a packet of so many bytes, which nobody reads. */
	readonly onOversize: (bytes: number) => void;
};

/** From the attempt to the broker's answer. */
const CONNECT_TIMEOUT_MS = 15_000;
/** How long a disconnect waits for the broker when the agent stops. */
const STOP_TIMEOUT_MS = 1000;
/** Of a packet from the broker: a message of 64 KiB, its topic, and properties. */
const PACKET_BYTES_MAX = 80 * 1024;
/** A broker that sends more is not ours: the client handles each of 2 bytes (PINGRESP) before anything else of the agent has its turn. */
const PACKETS_PER_SECOND_MAX = 5000;
/** A broker keeps our session, and what comes for us, so long: MQTT 5 asks; 3.1.1 keeps it as the broker pleases. */
const SESSION_SECONDS = 90 * 86_400;

const CLOSED: LinkCause = { fault: 'closed', isLasting: false };
/** Connections that were made and closed without a reason, one after another, from which on another cause is named. */
const SILENT_ENDS_MIN = 3;

/** The connection to the broker: kept up, and made anew when it is lost. One client for each connection. */
export class Link {
	readonly #options: LinkOptions;
	readonly #backOff: BackOff;
	#client: MqttClient | undefined;
	#cancelWait: (() => void) | undefined;
	#stopped = true;
	#attempt = 0;
	#connectedAtMs: number | undefined;
	/** What the broker keeps for us cannot be taken: it is to forget it. */
	#forget = false;
	#lastCause: LinkCause | undefined;
	#certificateEndMs: number | undefined;
	#attempts = 0;
	#silentEnds = 0;
	/** Publications that the broker has not acknowledged: a client of a persistent session that is ended never says what became of them. */
	readonly #underWay = new Set<(error: Error) => void>();

	constructor(options: LinkOptions) {
		this.#options = options;
		this.#backOff = new BackOff(options.random);
	}

	get connected(): boolean {
		return this.#connectedAtMs !== undefined;
	}

	get figures() {
		const { url } = this.#options.settings;
		return {
			url,
			connected: this.connected,
			connectedAtMs: this.#connectedAtMs,
			attempts: this.#attempts,
			cause: this.connected ? undefined : this.#lastCause,
			certificateEndMs: this.#certificateEndMs,
		};
	}

	start(): void {
		this.#stopped = false;
		void this.#connect();
	}

	/**
	 * Resolves when the broker has it. Rejects when the link is down, or is lost meanwhile, and with a {@link PublicationRefused} when the
	 * broker does not take it.
	 */
	publish({ topic, payload, retain = false }: Publication): Promise<void> {
		const client = this.#client;
		if (!client?.connected) return Promise.reject(new Error('there is no connection to the broker'));
		return new Promise((resolve, reject) => {
			this.#underWay.add(reject);
			client.publish(topic, payload, { qos: 1, retain }, (error, packet) => {
				this.#underWay.delete(reject);
				// Its type is that of a publication; what comes is the broker's PUBACK.
				if (error) reject(PublicationRefused.from(error, reasonIn(packet)) ?? error);
				else resolve();
			});
		});
	}

	/** Ends this connection; the next one is made after the usual wait. */
	drop(fault: LinkCause['fault']): void {
		this.#lost(this.#attempt, { fault, isLasting: false });
	}

	async stop(): Promise<void> {
		this.#stopped = true;
		this.#cancelWait?.();
		const client = this.#client;
		this.#client = undefined;
		this.#connectedAtMs = undefined;
		if (!client) return;
		await new Promise<void>((resolve) => {
			const cancel = this.#options.clock.after(STOP_TIMEOUT_MS, resolve);
			client.end(false, {}, () => {
				cancel();
				resolve();
			});
		});
		client.end(true);
		this.#giveUp();
	}

	#giveUp(): void {
		for (const reject of this.#underWay) reject(new Error('the connection to the broker was lost'));
		this.#underWay.clear();
	}

	async #connect(): Promise<void> {
		this.#attempt += 1;
		this.#attempts += 1;
		const attempt = this.#attempt;
		try {
			const credentials = readCredentials(this.#options.settings);
			this.#certificateEndMs = certificateEndMs(credentials);
			// 21 MiB of memory: only where there is a carrier.
			const { default: mqtt } = await import('mqtt');
			if (this.#stopped || attempt !== this.#attempt) return;
			const client = mqtt.connect(this.#options.settings.url, this.#clientOptions(credentials));
			this.#client = client;
			this.#listen(client, attempt);
		} catch (error) {
			this.#lost(attempt, linkCauseOf(error), error);
		}
	}

	#listen(client: MqttClient, attempt: number): void {
		const { subscriptions, onMessage, log } = this.#options;
		// The client hands on neither the words of a CONNACK nor a DISCONNECT, behind which the broker closes the connection.
		let answered: LinkCause | undefined;
		client.on('packetreceive', (packet) => {
			const answer = packet.cmd === 'connack' || packet.cmd === 'disconnect' ? answerIn(packet) : undefined;
			if (answer !== undefined) answered = causeOfAnswer(answer.code, answer.text);
		});
		client.on('error', (error) => this.#lost(attempt, answered ?? linkCauseOf(error), error));
		client.on('close', () => this.#lost(attempt, answered ?? CLOSED));
		client.handleMessage = (packet, done) => {
			const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
			onMessage(packet.topic.toString(), payload).then(
				() => done(),
				(error) => {
					// Not acknowledged: the broker sends it again on the next connection.
					log.error({ error, topic: packet.topic }, 'a message of the carrier could not be taken; it is to come again');
					this.#lost(attempt, CLOSED);
				},
			);
		};
		this.#watchFrames(client, attempt);
		client.on('connect', () => {
			client.subscribe([...subscriptions], { qos: 1 }, (error, _granted, packet) => {
				if (this.#stopped || attempt !== this.#attempt) return;
				const hasReasons = this.#options.settings.mqttVersion === '5';
				if (error) return this.#lost(attempt, causeOfSubscription(error, packet as never, { hasReasons }));
				this.#connectedAtMs = this.#options.clock.bootMs();
				this.#forget = false;
				log.info({ url: this.#options.settings.url }, 'connected to the carrier');
				this.#lastCause = undefined;
				this.#options.onConnected();
			});
		});
	}

	#watchFrames(client: MqttClient, attempt: number): void {
		const { clock } = this.#options;
		const watch = new FrameWatch(PACKET_BYTES_MAX);
		let second = { beganMs: clock.bootMs(), packets: 0 };
		// Before the client has the chunk.
		(client.stream as Duplex).prependListener('data', (chunk: Buffer) => {
			const bytes = watch.follow(chunk);
			if (attempt !== this.#attempt) return;
			if (clock.bootMs() - second.beganMs >= 1000) second = { beganMs: clock.bootMs(), packets: watch.packets };
			if (watch.packets - second.packets > PACKETS_PER_SECOND_MAX) {
				// The client gets it all the same: one malformed packet instead of thousands.
				chunk.fill(0);
				return this.#lost(attempt, { fault: 'flood', isLasting: true });
			}
			if (bytes === undefined) return;
			this.#options.onOversize(bytes);
			// It would come again and again: what the broker keeps for us is given up, and the platform sends it anew.
			this.#forget = true;
			this.#lost(attempt, { fault: 'oversize', isLasting: false });
		});
	}

	/** Many a broker says nothing when a second client with our name takes the connection over. */
	#explained(cause: LinkCause, lastedMs: number): LinkCause {
		const isSilent = cause.fault === 'closed' && this.#connectedAtMs !== undefined && lastedMs < 2 * WAIT_LONGEST_MS;
		this.#silentEnds = isSilent ? this.#silentEnds + 1 : 0;
		return this.#silentEnds < SILENT_ENDS_MIN ? cause : { ...cause, detail: AGAIN_AND_AGAIN };
	}

	#lost(attempt: number, found: LinkCause, error?: unknown): void {
		if (this.#stopped || attempt !== this.#attempt) return;
		const { clock, onLost } = this.#options;
		// Whatever this client still says is not heard.
		this.#attempt += 1;
		const lastedMs = this.#connectedAtMs === undefined ? 0 : clock.bootMs() - this.#connectedAtMs;
		const cause = this.#explained(found, lastedMs);
		this.#connectedAtMs = undefined;
		this.#client?.on('error', () => undefined);
		this.#client?.end(true);
		this.#client = undefined;
		this.#giveUp();
		const waitMs = this.#backOff.next(lastedMs, cause.isLasting);
		this.#lastCause = cause;
		onLost(cause, error === undefined ? { waitMs } : { waitMs, error });
		this.#cancelWait?.();
		this.#cancelWait = clock.after(waitMs, () => void this.#connect());
	}

	#clientOptions(credentials: Credentials): IClientOptions {
		const { settings, will } = this.#options;
		const { topic, payload } = will();
		const isFive = settings.mqttVersion === '5';
		return {
			...credentials,
			clientId: `octroi-${settings.accessPoint}`,
			protocolVersion: isFive ? 5 : 4,
			...(isFive ? { properties: { sessionExpiryInterval: SESSION_SECONDS } } : {}),
			clean: this.#forget,
			keepalive: settings.keepAliveSeconds,
			connectTimeout: CONNECT_TIMEOUT_MS,
			reconnectPeriod: 0,
			resubscribe: false,
			rejectUnauthorized: true,
			will: { topic, payload: Buffer.from(payload), qos: 1, retain: true },
		};
	}
}

/** The broker's words in an answer of MQTT 5. */
function reasonIn(packet: unknown): unknown {
	return (packet as { properties?: { reasonString?: unknown } } | undefined)?.properties?.reasonString;
}
