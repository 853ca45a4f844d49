import mqtt from 'mqtt';
import { downTopic, upTopic } from '../../../protocol/topics.ts';

/**
 * `load URL ACCESS_POINTS WINDOW RECORDS INTERVAL_MS SECONDS`: publishes batches as fast as they are acknowledged (an interval of 0), or
 * one each interval. What it measures is from a batch's publish to the platform's acknowledgement, which comes after the commit.
 */
const [url, count, window, records, interval, seconds] = process.argv.slice(2) as [
	string,
	string,
	string,
	string,
	string,
	string,
];

/** One batch of so many is said twice, as an access point does that has not heard the acknowledgement; not by all at the same time. */
const REPEAT_EVERY = 50;

type Sender = {
	readonly name: string;
	readonly stream: string;
	/** Of the last batch that was published; what came of it after the end nobody knows. */
	sequence: number;
	/** Up to here the platform says that it has stored all. */
	acknowledged: number;
	readonly sentAt: Map<number, number>;
	send: () => void;
};

const latencies: number[] = [];
let acknowledgedRecords = 0;
let isOver = false;
let repeated = 0;

const senders = await Promise.all(Array.from({ length: Number(count) }, async (_, index) => await start(index)));
const startedAt = performance.now();
if (interval === '0') {
	for (const sender of senders) for (let batch = 0; batch < Number(window); batch++) sender.send();
} else {
	for (const [index, sender] of senders.entries()) {
		// Not all in one moment.
		setTimeout(
			() => setInterval(() => !isOver && sender.send(), Number(interval)),
			(index * Number(interval)) / senders.length,
		);
	}
}
setTimeout(() => {
	isOver = true;
	const elapsedSeconds = (performance.now() - startedAt) / 1000;
	const sorted = latencies.toSorted((a, b) => a - b);
	const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
	const streams = senders.map(({ name, stream, acknowledged, sequence: sent }) => ({
		name,
		stream,
		acknowledged,
		sent,
	}));
	const figures = { acknowledgedRecords, elapsedSeconds, batches: sorted.length, medianMs: at(0.5), p99Ms: at(0.99) };
	process.stdout.write(`${JSON.stringify({ ...figures, repeated, streams })}\n`, () => process.exit());
}, Number(seconds) * 1000);

async function start(index: number): Promise<Sender> {
	const name = `ap-${index}`;
	const client = await mqtt.connectAsync(url, { protocolVersion: 4, clean: true });
	await client.subscribeAsync(downTopic(name, 'ack'), { qos: 1 });
	const stream = [...crypto.getRandomValues(new Uint8Array(16))]
		.map((byte) => byte.toString(16).padStart(2, '0'))
		.join('');
	const sender: Sender = {
		name,
		stream,
		sequence: 0,
		acknowledged: 0,
		sentAt: new Map(),
		send() {
			const sequence = ++sender.sequence;
			sender.sentAt.set(sequence, performance.now());
			const text = batchText(sender, sequence);
			client.publish(upTopic(name, 'usage'), text, { qos: 1 });
			if (sequence % REPEAT_EVERY !== index % REPEAT_EVERY) return;
			client.publish(upTopic(name, 'usage'), text, { qos: 1 });
			repeated += 1;
		},
	};
	client.on('message', (_topic, payload) => acknowledge(sender, payload));
	return sender;
}

function acknowledge(sender: Sender, payload: Buffer): void {
	const [, body = ''] = payload.toString('latin1').split('.');
	const upTo = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')).body.sequence as number;
	const now = performance.now();
	// What is acknowledged while the figures are printed is not in them; it is less than what is stored.
	sender.acknowledged = Math.max(sender.acknowledged, upTo);
	for (const [sequence, at] of sender.sentAt) {
		if (sequence > upTo) break;
		sender.sentAt.delete(sequence);
		latencies.push(now - at);
		acknowledgedRecords += Number(records);
		if (interval === '0' && !isOver) sender.send();
	}
}

function batchText({ name, stream }: Sender, sequence: number): string {
	const now = Date.now();
	const rows = Array.from({ length: Number(records) }, (_, index) => {
		const rest = `"session":"s","class":"own","unit":"byte","amount":1000,"upBytes":100,"downBytes":900,"paid":true`;
		return `{"id":"${stream}.${sequence}.${index}","account":"guest-${index}.${name}",${rest},"from":${now - 1000},"to":${now},"clockSet":true}`;
	});
	return `{"version":1,"ap":"${name}","stream":"${stream}","sequence":${sequence},"records":[${rows.join(',')}],"events":[]}`;
}
