import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { upTopic } from '../../../protocol/topics.ts';

/**
 * `flood URL NAME KIND CONNECTIONS`: publishes as fast as the broker takes it, and waits for no acknowledgement, until its standard input ends.
 * Then it prints how many messages it has sent. It writes MQTT 3.1.1 (OASIS, 2.2, 3.1, 3.3) by itself: a client library would be slower than a
 * broker.
 */
const [url = '', name = '', kind = '', connections = '1'] = process.argv.slice(2);

/** Messages of one write. */
const CHUNK_MESSAGES = 50;
const RECONNECT_MS = 100;
const NAMES_A_BATCH = 100;
const LARGE_BYTES = 200_000;
/** Account of the platform that is not bound to the flooding access point. */
const VICTIM = 'bob';

let count = 0;
let isOver = false;

const stream = randomBytes(16).toString('hex');
const now = Date.now();

/** What is sent, by its kind: topic, quality of service, and the text of the message with this number. */
const KINDS: Readonly<Record<string, { topic: string; qos: 0 | 1; text: (number: number) => string }>> = {
	requests: { topic: upTopic(name, 'event'), qos: 1, text: requestText },
	'requests-qos0': { topic: upTopic(name, 'event'), qos: 0, text: requestText },
	names: { topic: upTopic(name, 'usage'), qos: 1, text: batchText },
	garbage: { topic: upTopic(name, 'usage'), qos: 1, text: () => '{' },
	large: { topic: upTopic(name, 'usage'), qos: 1, text: () => `{"a":"${'x'.repeat(LARGE_BYTES)}"}` },
};

function requestText(number: number): string {
	const details = { wants: 1 << 20, remaining: 0, reason: 'first' };
	const id = `flood-${stream.slice(0, 8)}-${number}`;
	return JSON.stringify({ version: 1, ap: name, id, kind: 'slice.request', account: VICTIM, at: now, details });
}

function batchText(number: number): string {
	const records = Array.from({ length: NAMES_A_BATCH }, (_, index) => ({
		id: `r-${number}-${index}`,
		account: `name-${stream.slice(0, 8)}-${number}-${index}`,
		session: 'one',
		class: 'own',
		unit: 'byte',
		amount: 1,
		upBytes: 0,
		downBytes: 1,
		paid: true,
		from: now,
		to: now,
		clockSet: true,
	}));
	return JSON.stringify({ version: 1, ap: name, stream, sequence: number, records, events: [] });
}

const chosen = KINDS[kind];
if (chosen === undefined) throw new RangeError(`there is no flood "${kind}"`);
process.stdin.resume().once('end', () => {
	isOver = true;
	process.stdout.write(`${count}\n`, () => process.exit());
});
await Promise.all(Array.from({ length: Number(connections) }, async (_, index) => await flood(index, chosen)));

/** A broker that lets each user have one connection ends the others: they come again at once. */
async function flood(index: number, what: (typeof KINDS)[string] & object): Promise<void> {
	while (!isOver) {
		await floodOnce(index, what).catch(() => undefined);
		await delay(RECONNECT_MS);
	}
}

async function floodOnce(index: number, { topic, qos, text }: (typeof KINDS)[string] & object): Promise<void> {
	const socket = await connected(`${name}-${index}`);
	let packetId = 0;
	while (!isOver && !socket.destroyed) {
		const packets: Buffer[] = [];
		for (let message = 0; message < CHUNK_MESSAGES; message++) {
			packetId = (packetId % 65_535) + 1;
			packets.push(publishPacket(topic, qos, packetId, text(++count)));
		}
		if (socket.write(Buffer.concat(packets))) await turn();
		else await drained(socket);
	}
}

/** Until more can be written, or nothing any more. */
async function drained(socket: Socket): Promise<void> {
	await new Promise<void>((resolve) => {
		const done = () => {
			socket.off('drain', done).off('close', done);
			resolve();
		};
		socket.on('drain', done).on('close', done);
	});
}

async function connected(clientId: string): Promise<Socket> {
	const { hostname, port, username, password } = new URL(url);
	const socket = connect(Number(port), hostname);
	await once(socket, 'connect');
	// What the broker says is read and thrown away.
	socket.on('error', () => undefined).resume();
	const variable = Buffer.from([0, 4, ...Buffer.from('MQTT'), 4, 0b1100_0010, 0, 0]);
	const payload = [clientId, username, password].map((part) => field(part));
	socket.write(packet(0x10, Buffer.concat([variable, ...payload])));
	return socket;
}

function publishPacket(topic: string, qos: 0 | 1, packetId: number, text: string): Buffer {
	const id = qos === 0 ? [] : [Buffer.from([packetId >> 8, packetId & 255])];
	return packet(0x30 | (qos << 1), Buffer.concat([field(topic), ...id, Buffer.from(text)]));
}

function field(text: string): Buffer {
	const bytes = Buffer.from(text);
	return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

function packet(head: number, rest: Buffer): Buffer {
	const length: number[] = [];
	for (let left = rest.length; ; left >>= 7) {
		length.push(left > 127 ? (left & 127) | 128 : left);
		if (left <= 127) break;
	}
	return Buffer.concat([Buffer.from([head, ...length]), rest]);
}
