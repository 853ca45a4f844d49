import { readFileSync } from 'node:fs';
import type { IClientOptions, MqttClient } from 'mqtt';
import { answerIn, answerText, brokerAnswerOf } from '../../protocol/broker-answers.ts';
import { sharedUpTopic, UP_TOPICS } from '../../protocol/topics.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { answeredFaultOf, BROKER_FAULTS, type BrokerFault, brokerFaultOf, natureOfFault } from './broker-fault.ts';
import { HourlyLog } from './hourly-log.ts';
import { RetryWait } from './retry-wait.ts';

/**
 * Messages come at most once (MQTT 5.0, 4.3.1). A broker's acknowledgements and its window of those that are under way are one for all access
 * points: Mosquitto reads one acknowledgement of ours for each message of each connection of an access point, so that whoever has two connections
 * makes the queue grow until it throws away what others send. What keeps usage is the platform's own acknowledgement, after the transaction.
 */
const UP_QOS = 0;
/** The first wait; the following ones are those of {@link RetryWait}. */
const RECONNECT_MS = 1000;
/** A worker that hangs is given up by the broker after one and a half times this (MQTT 5, 3.1.2.10): what waits for it is memory of the broker. */
const KEEP_ALIVE_SECONDS = 10;
/** A line by which nothing came and that ends sooner, again and again, is as good as none: a second worker has our name, or a proxy takes every connection. */
const STEADY_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;

export type BrokerPlace = {
	/** `mqtt://host:port` or `mqtts://…` */
	readonly url: string;
	/** Of its own; two workers with one name would throw each other out. */
	readonly clientId: string;
	readonly protocol: '3.1.1' | '5';
	/** Whether the broker knows shared subscriptions: then any number of workers may run. */
	readonly isShared: boolean;
	/**
	 * The name that the workers share their subscription under. Whoever knows it can take part, and with a broker that does not check
	 * subscriptions (Mosquitto's `acl_file`) make messages of others disappear.
	 */
	readonly group: string;
	readonly user?: string | undefined;
	readonly passwordFile?: string | undefined;
	/** PEM files. */
	readonly ca?: string | undefined;
	readonly certificate?: string | undefined;
	readonly key?: string | undefined;
};

/** A message of the broker. */
export type Incoming = { readonly topic: string; readonly payload: Uint8Array };

export type MqttLine = {
	publish(topic: string, payload: string, options?: { retain?: boolean }): Promise<void>;
	isConnected(): boolean;
	close(): Promise<void>;
};

export type LineUse = {
	readonly receive: (message: Incoming) => void;
	/** Each time that the line stands, and we hear what is sent. */
	readonly onOpen: () => void;
	/** It was lost, or could not be made. `isNews`: this was not said within the hour. */
	readonly onFault: (fault: BrokerFault, isNews: boolean) => void;
	/** Spreads waits. */
	readonly random: () => number;
};

/** How long the start waits for the first connection; after it the platform runs without, and connects when it can. */
const FIRST_CONNECTION_MS = 10_000;

/** Connects, and stays connected. Resolves at the first connection, or without one after a while. */
export async function openLine(
	place: BrokerPlace,
	clock: Clock,
	log: Log,
	{ receive, onOpen, onFault, random }: LineUse,
): Promise<MqttLine> {
	const mqtt = await import('mqtt');
	const client = mqtt.connect(place.url, optionsOf(place));
	const topic = place.isShared ? sharedUpTopic(place.group) : UP_TOPICS;
	const hourly = new HourlyLog(log, clock);
	const faults = watchFaults(client, { hourly, clock, onFault, random });
	client.on('message', (from, payload) => {
		faults.used();
		receive({ topic: from, payload });
	});
	await new Promise<void>((resolve) => {
		const cancel = clock.after(FIRST_CONNECTION_MS, resolve);
		client.on('connect', () => {
			client.subscribe(topic, { qos: UP_QOS }, (error, _granted, packet) => {
				if (error) return void faults.unsubscribed(error, packet);
				faults.open();
				hourly.say('info', 'the line to the broker is open', {});
				cancel();
				onOpen();
				resolve();
			});
		});
	});
	return {
		publish: async (to, payload, { retain = false } = {}) => {
			// The client would keep it in memory until the broker is back; we have it in the database.
			if (!client.connected) throw new Error('there is no connection to the broker');
			await client.publishAsync(to, payload, { qos: 1, retain });
		},
		isConnected: () => client.connected,
		close: async () => {
			faults.end();
			await client.endAsync(true);
		},
	};
}

type FaultWatch = {
	/** The line stands. */
	open(): void;
	/** Something came by it. */
	used(): void;
	/** The broker does not let us hear, or the connection ended meanwhile. */
	unsubscribed(error: Error, packet: unknown): void;
	/** What happens now is what we want. */
	end(): void;
};

/** Tells what is wrong with the line, once an hour, and lets the client wait the longer the less it helps to try again. */
function watchFaults(
	client: MqttClient,
	{
		hourly,
		clock,
		onFault,
		random,
	}: Pick<LineUse, 'onFault' | 'random'> & { readonly hourly: HourlyLog; readonly clock: Clock },
): FaultWatch {
	const waits = new RetryWait(random);
	let isOpen = false;
	/** Set while the line stands, and not for long enough. */
	let cancelSteady: (() => void) | undefined;
	/** What the broker said before it closed the connection. */
	let answer: { code: number; text: string } | undefined;
	// A password that is wrong for a month must not fill the log.
	const fail = (fault: BrokerFault, fields: object) => {
		client.options.reconnectPeriod = waits.next(cancelSteady === undefined ? natureOfFault(fault) : 'lasting');
		cancelSteady?.();
		cancelSteady = undefined;
		onFault(fault, hourly.say('error', BROKER_FAULTS[fault], fields, fault));
	};
	const steady = () => {
		if (cancelSteady === undefined) return;
		cancelSteady();
		cancelSteady = undefined;
		waits.over();
		client.options.reconnectPeriod = RECONNECT_MS;
	};
	client.on('packetreceive', (packet) => {
		if (packet.cmd !== 'connack' && packet.cmd !== 'disconnect') return;
		answer = answerIn(packet);
		const fault = packet.cmd === 'disconnect' ? answeredFaultOf(answer?.code) : undefined;
		if (fault === undefined) return;
		isOpen = false;
		fail(fault, { answer: answer?.text });
	});
	client.on('error', (error) => fail(brokerFaultOf(error), { error: error.message, answer: answer?.text }));
	client.on('close', () => {
		if (isOpen) fail('closed', {});
		isOpen = false;
		answer = undefined;
	});
	return {
		open: () => {
			isOpen = true;
			cancelSteady = clock.after(STEADY_MS, steady);
		},
		used: steady,
		unsubscribed: (error, packet) => {
			const { granted = [], properties } = (packet ?? {}) as {
				granted?: unknown[];
				properties?: { reasonString?: unknown };
			};
			const code = granted.find((one) => brokerAnswerOf(one) !== undefined);
			if (typeof code === 'number') {
				fail('subscription', { error: error.message, answer: answerText(code, properties?.reasonString) });
			}
			// The next connection is made after the usual wait: what is refused now is refused at once again.
			client.stream.destroy();
		},
		end: () => {
			isOpen = false;
			cancelSteady?.();
		},
	};
}

function optionsOf({ clientId, protocol, user, passwordFile, ca, certificate, key }: BrokerPlace): IClientOptions {
	return {
		clientId,
		protocolVersion: protocol === '5' ? 5 : 4,
		clean: true,
		resubscribe: false,
		reconnectPeriod: RECONNECT_MS,
		// Without it the client gives up for good when the broker refuses it once.
		reconnectOnConnackError: true,
		keepalive: KEEP_ALIVE_SECONDS,
		connectTimeout: CONNECT_TIMEOUT_MS,
		...(user === undefined ? {} : { username: user }),
		...(passwordFile === undefined ? {} : { password: readFileSync(passwordFile, 'utf8').trim() }),
		...(ca === undefined ? {} : { ca: readFileSync(ca) }),
		...(certificate === undefined ? {} : { cert: readFileSync(certificate) }),
		...(key === undefined ? {} : { key: readFileSync(key) }),
	};
}
