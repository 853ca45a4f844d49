import { setTimeout as delay } from 'node:timers/promises';
import { tokenOf } from './http-client.ts';

/** Runs in a station's namespace: enters one code each time that a line comes; answers with the status, which is 303 if it opened. */
const [, , portal = '', code = ''] = process.argv;
const HEADERS = { 'accept-language': 'en' };
/** The portal takes 20 requests a second of one address. */
const BUSY = 429;
const PAUSE_MS = 100;

async function redeem(): Promise<number> {
	const page = await fetch(`${portal}/redeem`, { headers: HEADERS });
	const text = await page.text();
	if (page.status === BUSY) return BUSY;
	const body = new URLSearchParams({ code, token: tokenOf(text, '/redeem') });
	const answer = await fetch(`${portal}/redeem`, { method: 'POST', body, redirect: 'manual', headers: HEADERS });
	await answer.text();
	return answer.status;
}

for await (const _line of process.stdin) {
	let status = await redeem();
	while (status === BUSY) {
		await delay(PAUSE_MS);
		status = await redeem();
	}
	process.stdout.write(`${status}\n`);
}
