import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { ExecutionContext } from 'ava';

/** Of MQTT 5: a code, and the broker's words. */
export type Answer = { readonly code: number; readonly reason?: string };

export type Script = {
	readonly version: '3.1.1' | '5';
	/** Absent: accepted. */
	readonly connack?: Answer;
	/** For each subscription of the packet; absent: granted. */
	readonly suback?: Answer;
	/** Of usage; absent: taken, and nobody acknowledges it. */
	readonly puback?: Answer;
	/** Said behind the SUBACK; then the connection is closed. */
	readonly disconnect?: Answer;
	/** Said behind the SUBACK, again and again without an end. */
	readonly flood?: readonly number[];
	/** A new connection ends the one before with this (0x8E). */
	readonly takeover?: Answer;
};

const CONNECT = 1;
const PUBLISH = 3;
const SUBSCRIBE = 8;

/** Bytes as a broker sends them, written by hand: which answer comes is the script's choice, and changes with it. */
export class ScriptedBroker {
	script: Script;
	/** Publications of usage that came. */
	usages = 0;
	connections = 0;
	readonly #server: Server;
	#current: Socket | undefined;

	constructor(script: Script) {
		this.script = script;
		this.#server = createServer((socket) => this.#serve(socket));
	}

	static async start(t: ExecutionContext, script: Script): Promise<ScriptedBroker> {
		const broker = new ScriptedBroker(script);
		const server = broker.#server;
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
		t.teardown(() => server.close());
		return broker;
	}

	get url(): string {
		return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	#serve(socket: Socket): void {
		this.connections += 1;
		let rest: Buffer = Buffer.alloc(0);
		socket.on('error', () => undefined);
		socket.on('data', (chunk) => {
			rest = Buffer.concat([rest, chunk]);
			for (let packet = packetIn(rest); packet !== undefined; packet = packetIn(rest)) {
				rest = rest.subarray(packet.bytes);
				this.#answer(socket, packet);
			}
		});
	}

	#answer(socket: Socket, { type, body }: Packet): void {
		const { version, connack, suback, puback, disconnect } = this.script;
		const isFive = version === '5';
		if (type === CONNECT) {
			const { takeover } = this.script;
			if (takeover !== undefined) this.#current?.end(packetOf(0xe0, [takeover.code, ...propertiesOf(takeover)]));
			this.#current = socket;
			const code = connack?.code ?? 0;
			socket.write(packetOf(0x20, [0, code, ...(isFive ? propertiesOf(connack) : [])]));
			if (code !== 0) socket.end();
		} else if (type === SUBSCRIBE) {
			const id = [...body.subarray(0, 2)];
			// Ours asks for three topics or fewer, each with a filter of more than 5 bytes.
			const codes = Array.from({ length: filtersIn(body.subarray(isFive ? 3 : 2)) }, () => suback?.code ?? 1);
			socket.write(packetOf(0x90, [...id, ...(isFive ? propertiesOf(suback) : []), ...codes]));
			if (this.script.flood !== undefined) flood(socket, this.script.flood);
			if (disconnect !== undefined) socket.end(packetOf(0xe0, [disconnect.code, ...propertiesOf(disconnect)]));
		} else if (type === PUBLISH) {
			const topicBytes = body.readUInt16BE(0);
			const isUsage = body
				.subarray(2, 2 + topicBytes)
				.toString()
				.endsWith('/usage');
			if (isUsage) this.usages += 1;
			const id = [...body.subarray(2 + topicBytes, 4 + topicBytes)];
			const answer = isUsage && isFive ? puback : undefined;
			socket.write(packetOf(0x40, [...id, ...(answer === undefined ? [] : [answer.code, ...propertiesOf(answer)])]));
		}
	}
}

function flood(socket: Socket, packet: readonly number[]): void {
	const many = Buffer.concat(Array.from({ length: 10_000 }, () => Buffer.from(packet)));
	const more = () => {
		if (!socket.destroyed) socket.write(many, () => setImmediate(more));
	};
	more();
}

type Packet = { readonly type: number; readonly body: Buffer; readonly bytes: number };

function packetIn(bytes: Buffer): Packet | undefined {
	let length = 0;
	for (let at = 1; at < bytes.length && at < 5; at++) {
		const byte = bytes[at] as number;
		length += (byte & 0x7f) * 128 ** (at - 1);
		if ((byte & 0x80) !== 0) continue;
		if (bytes.length < at + 1 + length) return undefined;
		return { type: (bytes[0] as number) >> 4, body: bytes.subarray(at + 1, at + 1 + length), bytes: at + 1 + length };
	}
	return undefined;
}

function packetOf(first: number, body: readonly number[]): Buffer {
	return Buffer.from([first, ...variableByte(body.length), ...body]);
}

/** A reason string (31), where there is one. */
function propertiesOf(answer: Answer | undefined): number[] {
	if (answer?.reason === undefined) return [0];
	const text = Buffer.from(answer.reason);
	const property = [31, text.length >> 8, text.length & 0xff, ...text];
	return [...variableByte(property.length), ...property];
}

function variableByte(value: number): number[] {
	const bytes: number[] = [];
	let rest = value;
	do {
		const more = Math.floor(rest / 128);
		bytes.push((rest % 128) | (more > 0 ? 0x80 : 0));
		rest = more;
	} while (rest > 0);
	return bytes;
}

/** How many filters, each with its length and options. */
function filtersIn(bytes: Buffer): number {
	let count = 0;
	for (let at = 0; at + 2 < bytes.length; count++) at += 2 + bytes.readUInt16BE(at) + 1;
	return count;
}
