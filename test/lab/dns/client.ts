import { setTimeout as delay } from 'node:timers/promises';
import { Asker } from './asker.ts';
import { decodeQuestion, encodeQuestion, TYPE } from './message.ts';
import type { LookUpAnswer, LookUpRequest } from './request.ts';
import { tunnel } from './tunnel.ts';

/**
 * `client.js look-up REQUEST`: asks for names as a system does; prints how many questions were answered, and until when.
 * `client.js tunnel REQUEST`: a tunnel through names; prints the bytes that came down.
 */
const RETRY_MS = 1000;

async function lookUp({ server, names, types, gapMs, tries }: LookUpRequest): Promise<LookUpAnswer> {
	const asker = await Asker.udp(server, []);
	const began = performance.now();
	let answered = 0;
	let ms = 0;
	const one = async (name: string, type: number): Promise<void> => {
		for (let attempt = 0; attempt < tries; attempt++) {
			const answer = await asker.ask((id) => encodeQuestion({ id, name, type, isExtended: false }), RETRY_MS);
			if (answer === undefined) continue;
			if (decodeQuestion(answer).answers > 0) answered++;
			ms = performance.now() - began;
			return;
		}
	};
	const all: Promise<void>[] = [];
	for (const name of names) {
		for (const type of types) all.push(one(name, TYPE[type]));
		if (gapMs > 0) await delay(gapMs);
	}
	await Promise.all(all);
	return { answered, ms };
}

const [mode = '', request = ''] = process.argv.slice(2);
const result = mode === 'tunnel' ? { downBytes: await tunnel(JSON.parse(request)) } : await lookUp(JSON.parse(request));
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
