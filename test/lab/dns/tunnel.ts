import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Asker } from './asker.ts';
import { decodeQuestion, encodeQuestion, TYPE } from './message.ts';
import { DOWN_LABEL, TUNNEL_DOMAIN } from './names.ts';
import type { TunnelRequest } from './request.ts';

const ANSWER_TIMEOUT_MS = 1000;
/** Questions that are open at once: more than any round trip needs. */
const WINDOW_MAX = 16;
/** When answers have run out: one is tried after this, and meanwhile names carry what they can. */
const PROBE_INTERVAL_MS = 5000;
const UP_INTERVAL_MS = 100;
/** In names: as long as a name may be (253), with labels as long as these may be. */
const LABEL_LETTERS_MAX = 63;
const NAME_LETTERS_MAX = 253;

/**
 * A tunnel as good as it can be made against a limit of bytes: first short names, whose answers carry most, as many at once as
 * are answered; when these stop, the longest names, to which the far end says nothing. Answers the bytes that came down.
 */
export async function tunnel({ server, seconds, tag, transport, sources }: TunnelRequest): Promise<number> {
	const newAsker = async () => (transport === 'tcp' ? Asker.tcp(server) : await Asker.udp(server, sources));
	// Two, so that by TCP neither direction waits for what the other one has lost.
	const asker = await newAsker();
	const sender = await newAsker();
	const end = performance.now() + seconds * 1000;
	let downBytes = 0;
	let questions = 0;
	const down = async (): Promise<boolean> => {
		const name = `${(questions++).toString(36)}.${tag}.${DOWN_LABEL}.${TUNNEL_DOMAIN}`;
		const timeoutMs = Math.min(ANSWER_TIMEOUT_MS, end - performance.now());
		const answer = await asker.ask((id) => encodeQuestion({ id, name, type: TYPE.TXT, isExtended: true }), timeoutMs);
		if (answer !== undefined) downBytes += textBytes(answer);
		return answer !== undefined;
	};
	const up = (): void => {
		const name = `${payload(`.${tag}.${TUNNEL_DOMAIN}`.length)}.${tag}.${TUNNEL_DOMAIN}`;
		void sender.ask((id) => encodeQuestion({ id, name, type: TYPE.TXT, isExtended: false }), ANSWER_TIMEOUT_MS);
	};
	while (performance.now() < end) {
		for (let window = 1; window > 0 && performance.now() < end; ) {
			const answers = await Promise.all(Array.from({ length: window }, down));
			window = answers.every((isAnswered) => isAnswered) ? Math.min(WINDOW_MAX, window * 2) : 0;
		}
		const probeAt = Math.min(end, performance.now() + PROBE_INTERVAL_MS);
		while (performance.now() < probeAt) {
			up();
			await delay(UP_INTERVAL_MS);
		}
	}
	return downBytes;
}

/** Labels of letters that nobody has sent before, as many as there is room for. */
function payload(usedLetters: number): string {
	const room = NAME_LETTERS_MAX - usedLetters;
	const letters = randomBytes(room)
		.toString('hex')
		.slice(0, room - Math.ceil(room / (LABEL_LETTERS_MAX + 1)) + 1);
	return (letters.match(new RegExp(`.{1,${LABEL_LETTERS_MAX}}`, 'g')) ?? []).join('.').slice(0, room);
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
