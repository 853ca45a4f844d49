import mqtt, { type MqttClient } from 'mqtt';
import type { Random } from './random.ts';

/** Of what it has heard. */
const KEPT = 200;

/** Somebody at the broker who says again what was said before, late and out of order: to the platform and to the access points. */
export class Gremlin {
	readonly #client: MqttClient;
	readonly #random: Random;
	readonly #heard: { topic: string; payload: Buffer }[] = [];
	repeated = 0;

	constructor(url: string, random: Random) {
		this.#random = random;
		this.#client = mqtt.connect(url, { clientId: 'gremlin', reconnectPeriod: 100 });
		// The broker dies: it comes again.
		this.#client.on('error', () => undefined);
		this.#client.on('connect', () => {
			this.#client.subscribe(['octroi/1/+/up/usage', 'octroi/1/+/down/command', 'octroi/1/+/down/ack'], { qos: 1 });
		});
		this.#client.on('message', (topic, payload) => {
			if (this.#heard.length < KEPT) this.#heard.push({ topic, payload });
			else this.#heard[this.#random.between(0, KEPT - 1)] = { topic, payload };
		});
	}

	repeat(): void {
		if (!this.#client.connected || this.#heard.length === 0) return;
		const { topic, payload } = this.#heard[this.#random.between(0, this.#heard.length - 1)] as {
			topic: string;
			payload: Buffer;
		};
		this.#client.publish(topic, payload, { qos: 1 }, () => undefined);
		this.repeated += 1;
	}

	stop(): void {
		this.#client.end(true);
	}
}
