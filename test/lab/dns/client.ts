import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { decodeQuestion, encodeQuestion, TYPE } from './message.ts';
import { TUNNEL_DOMAIN } from './names.ts';

/**
 * `client.js SERVER A|AAAA NAME…`: asks for all names at once, as a page does; prints how many were answered.
 * `client.js SERVER tunnel SECONDS LETTERS`: a tunnel that sends as much as it can in names of so many letters and takes
 * what comes back; prints the bytes that came down.
 */
const RETRY_MS = 1000;
const TRIES = 3;
/** Questions that the tunnel has open at once: more than any round trip needs. */
const WINDOW = 16;
const LABEL_LETTERS = 60;

const [server = '', mode = '', ...rest] = process.argv.slice(2);
const socket = createSocket(server.includes(':') ? 'udp6' : 'udp4');
const waiting = new Map<number, (message: Buffer) => void>();
socket.on('message', (message) => {
	const { id } = decodeQuestion(message);
	waiting.get(id)?.(message);
	waiting.delete(id);
});
let lastId = 0;

/** The answer; undefined when none came in time. */
async function ask(name: string, type: number, tries: number): Promise<Buffer | undefined> {
	for (let attempt = 0; attempt < tries; attempt++) {
		lastId = (lastId + 1) & 0xffff;
		const id = lastId;
		const answer = await new Promise<Buffer | undefined>((resolve) => {
			waiting.set(id, resolve);
			socket.send(encodeQuestion({ id, name, type }), 53, server, () => undefined);
			setTimeout(() => resolve(undefined), RETRY_MS);
		});
		waiting.delete(id);
		if (answer !== undefined) return answer;
	}
	return undefined;
}

async function lookUp(type: number, names: string[]): Promise<object> {
	const answers = await Promise.all(names.map((name) => ask(name, type, TRIES)));
	return { answered: answers.filter((answer) => answer !== undefined && decodeQuestion(answer).answers > 0).length };
}

async function tunnel(seconds: number, letters: number): Promise<object> {
	const end = performance.now() + seconds * 1000;
	let downBytes = 0;
	const worker = async () => {
		while (performance.now() < end) {
			const payload = randomBytes(letters).toString('hex').slice(0, letters);
			const labels = payload.match(new RegExp(`.{1,${LABEL_LETTERS}}`, 'g')) ?? [];
			const answer = await ask([...labels, TUNNEL_DOMAIN].join('.'), TYPE.TXT, 1);
			if (answer && performance.now() < end) downBytes += textBytes(answer);
		}
	};
	await Promise.all(Array.from({ length: WINDOW }, worker));
	return { downBytes };
}

/** What the first record's texts hold. */
function textBytes(message: Buffer): number {
	const { end, answers } = decodeQuestion(message);
	if (answers === 0) return 0;
	const dataBytes = message.readUInt16BE(end + 10);
	let bytes = 0;
	for (let at = end + 12; at < end + 12 + dataBytes; at += 1 + message.readUInt8(at)) bytes += message.readUInt8(at);
	return bytes;
}

const result =
	mode === 'tunnel' ? await tunnel(Number(rest[0]), Number(rest[1])) : await lookUp(TYPE[mode as 'A' | 'AAAA'], rest);
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
