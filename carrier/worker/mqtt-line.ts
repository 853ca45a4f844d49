import { readFileSync } from 'node:fs';
import type { IClientOptions } from 'mqtt';
import { sharedUpTopic, UP_TOPICS } from '../../protocol/topics.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { BROKER_FAULTS, type BrokerFault, brokerFaultOf } from './broker-fault.ts';
import { HourlyLog } from './hourly-log.ts';

/**
 * Messages come at most once (MQTT 5.0, 4.3.1). A broker's acknowledgements and its window of those that are under way are one for all access
 * points: Mosquitto reads one acknowledgement of ours for each message of each connection of an access point, so that whoever has two connections
 * makes the queue grow until it throws away what others send. What keeps usage is the platform's own acknowledgement, after the transaction.
 */
const UP_QOS = 0;
const RECONNECT_MS = 1000;
const KEEP_ALIVE_SECONDS = 30;
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
};

/** How long the start waits for the first connection; after it the platform runs without, and connects when it can. */
const FIRST_CONNECTION_MS = 10_000;

/** Connects, and stays connected. Resolves at the first connection, or without one after a while. */
export async function openLine(
	place: BrokerPlace,
	clock: Clock,
	log: Log,
	{ receive, onOpen, onFault }: LineUse,
): Promise<MqttLine> {
	const mqtt = await import('mqtt');
	const client = mqtt.connect(place.url, optionsOf(place));
	const topic = place.isShared ? sharedUpTopic(place.group) : UP_TOPICS;
	client.on('message', (from, payload) => receive({ topic: from, payload }));
	// It is tried each second: a password that is wrong for a month must not fill the log.
	const hourly = new HourlyLog(log, clock);
	const fail = (fault: BrokerFault, fields: object) =>
		onFault(fault, hourly.say('error', BROKER_FAULTS[fault], fields));
	let isOpen = false;
	client.on('error', (error) => fail(brokerFaultOf(error), { error: error.message }));
	client.on('close', () => {
		if (isOpen) fail('closed', {});
		isOpen = false;
	});
	await new Promise<void>((resolve) => {
		const cancel = clock.after(FIRST_CONNECTION_MS, resolve);
		client.on('connect', () => {
			client.subscribe(topic, { qos: UP_QOS }, (error) => {
				// The connection ended meanwhile, or the broker does not let us: it is tried again.
				if (error) return void client.reconnect();
				isOpen = true;
				log.info({}, 'the line to the broker is open');
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
			isOpen = false;
			await client.endAsync(true);
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
