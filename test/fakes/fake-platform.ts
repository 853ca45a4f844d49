import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { decode } from '../../protocol/decode.ts';
import { digestOf } from '../../protocol/digest.ts';
import type { Envelope } from '../../protocol/envelope.ts';
import { type Event, event as eventShape } from '../../protocol/event.ts';
import { UP_BYTES_MAX } from '../../protocol/limits.ts';
import { type Reply, reply as replyShape } from '../../protocol/reply.ts';
import { type Key, keyOf, type PrivateKey, sign } from '../../protocol/signature.ts';
import { type State, state as stateShape } from '../../protocol/state.ts';
import { downTopic, parseTopic } from '../../protocol/topics.ts';
import { type Usage, type UsageRecord, usage as usageShape } from '../../protocol/usage.ts';

/** The key of RFC 8037, appendix A: anybody has it. */
export const PLATFORM_KEY: PrivateKey = {
	kid: 'rfc8037',
	x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
	d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
};

type Down = {
	readonly audience: string;
	readonly id?: string;
	readonly sequence?: number;
	readonly expiresAt?: number;
	readonly topic?: string;
	readonly retain?: boolean;
	readonly signer?: PrivateKey;
};
type Body = { [Kind in Envelope['kind']]: Pick<Extract<Envelope, { kind: Kind }>, 'kind' | 'body'> }[Envelope['kind']];

/**
 * The least that a platform is: takes usage once by (stream, sequence), acknowledges what is complete, and sends signed messages.
 * Over a real broker; its store is memory.
 */
export class FakePlatform {
	readonly client: MqttClient;
	/** By access point and stream: batches by sequence. */
	readonly streams = new Map<string, Map<number, { usage: Usage; digest: string }>>();
	readonly events = new Map<string, Event>();
	readonly replies: Reply[] = [];
	readonly states: State[] = [];
	/** What did not pass the checks of the protocol. */
	readonly broken: string[] = [];
	/** Usage that came again with another digest. */
	conflicts = 0;
	duplicates = 0;
	acknowledges = true;
	readonly #waits = new Set<() => void>();
	#key: Key | undefined;
	#sequence = 0;

	private constructor(client: MqttClient) {
		this.client = client;
		client.on('message', (topic, payload) => this.#receive(topic, payload));
	}

	static async connect(url: string, options: IClientOptions = {}): Promise<FakePlatform> {
		const client = await mqtt.connectAsync(url, {
			clientId: 'platform',
			clean: false,
			reconnectPeriod: 50,
			...options,
		});
		const platform = new FakePlatform(client);
		await client.subscribeAsync('octroi/1/+/up/#', { qos: 1 });
		return platform;
	}

	/** Not waited for: a client that cannot connect does not say when it has ended. */
	close(): void {
		this.client.end(true);
	}

	/** Resolves as soon as it is so; looked at with every message. */
	async until(isSo: () => boolean): Promise<void> {
		if (isSo()) return;
		await new Promise<void>((resolve) => {
			const look = () => {
				if (!isSo()) return;
				this.#waits.delete(look);
				resolve();
			};
			this.#waits.add(look);
		});
	}

	/** Every batch once, in its order within its stream. */
	get batches(): Usage[] {
		return [...this.streams.values()].flatMap((batches) =>
			[...batches.entries()].sort(([a], [b]) => a - b).map(([, { usage }]) => usage),
		);
	}

	get records(): UsageRecord[] {
		return this.batches.flatMap(({ records }) => records);
	}

	bytesOf(account?: string): number {
		return this.records
			.filter((record) => record.unit === 'byte' && (account === undefined || record.account === account))
			.reduce((sum, record) => sum + record.amount, 0);
	}

	/** The token of a message. */
	async token({ audience, id, sequence, expiresAt, signer = PLATFORM_KEY }: Down, content: Body): Promise<string> {
		this.#sequence = Math.max(this.#sequence + 1, sequence ?? 0);
		const message = {
			version: 1,
			id: id ?? `m-${this.#sequence}`,
			audience,
			sequence: sequence ?? this.#sequence,
			issuedAt: 0,
			expiresAt: expiresAt ?? Number.MAX_SAFE_INTEGER,
			...content,
		} as Envelope;
		if (signer === PLATFORM_KEY) this.#key ??= await keyOf(PLATFORM_KEY);
		const key = signer === PLATFORM_KEY ? (this.#key as Key) : await keyOf(signer);
		return sign(message, { kid: signer.kid, key });
	}

	/** @returns the token, to be sent again or spoiled */
	async send(down: Down, content: Body): Promise<string> {
		const token = await this.token(down, content);
		const topic = down.topic ?? downTopic(down.audience, content.kind);
		await this.client.publishAsync(topic, token, { qos: 1, retain: down.retain ?? false });
		return token;
	}

	/** Sends, and waits for the answer. */
	async ask(down: Down & { readonly id: string }, content: Body): Promise<Reply> {
		const before = this.replies.length;
		await this.send(down, content);
		const found = () => this.replies.slice(before).find(({ request }) => request === down.id);
		await this.until(() => found() !== undefined);
		return found() as Reply;
	}

	#receive(topic: string, payload: Buffer): void {
		const parsed = parseTopic(topic);
		if (parsed?.direction === 'up' && payload.length > 0) {
			const { kind } = parsed;
			if (kind === 'usage') this.#usage(payload);
			else if (kind === 'event') this.#note(decode(eventShape, payload, UP_BYTES_MAX), (event) => this.#event(event));
			else if (kind === 'state')
				this.#note(decode(stateShape, payload, UP_BYTES_MAX), (state) => this.states.push(state));
			else this.#note(decode(replyShape, payload, UP_BYTES_MAX), (reply) => this.replies.push(reply));
		}
		for (const look of [...this.#waits]) look();
	}

	#note<Value>(read: ReturnType<typeof decode<Value>>, take: (value: Value) => unknown): void {
		if (read.ok) take(read.value);
		else this.broken.push(JSON.stringify(read.faults));
	}

	#event(event: Event): void {
		this.events.set(event.id, event);
	}

	#usage(payload: Buffer): void {
		const read = decode(usageShape, payload, UP_BYTES_MAX);
		this.#note(read, (usage) => {
			const digest = digestOf(payload);
			const key = `${usage.ap} ${usage.stream}`;
			const batches = this.streams.get(key) ?? new Map();
			this.streams.set(key, batches);
			const known = batches.get(usage.sequence);
			if (known === undefined) batches.set(usage.sequence, { usage, digest });
			else if (known.digest === digest) this.duplicates += 1;
			else this.conflicts += 1;
			for (const event of known === undefined ? usage.events : []) this.#event(event);
			if (this.acknowledges) this.#acknowledge(usage, batches);
		});
	}

	#acknowledge({ ap, stream }: Usage, batches: Map<number, { digest: string }>): void {
		let complete = 0;
		while (batches.has(complete + 1)) complete += 1;
		if (complete === 0) return;
		const { digest } = batches.get(complete) as { digest: string };
		const body = { stream, sequence: complete, digest };
		// A broker that is gone loses it; the batch comes again.
		this.send({ audience: ap }, { kind: 'ack', body }).catch(() => undefined);
	}
}
