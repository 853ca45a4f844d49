import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { HANG_MS } from '../until.ts';
import type { NewcomerOrder, NewcomerReport } from './order.ts';

const PORTAL = 'http://10.77.0.1:2050';
/** Only what hangs takes so long. */
const PAGE_TIMEOUT_MS = HANG_MS;
const TRY_AGAIN_MS = 500;

/** `newcomer.js ORDER`: opens the portal and enters a good code; prints what came of it. */
async function enter({ page, code, pages, tries }: NewcomerOrder): Promise<NewcomerReport> {
	let pagesFailed = 0;
	let pageMs = 0;
	let refused = 0;
	for (let count = 0; count < pages; count++) {
		const began = performance.now();
		const { status, body } = await ask('/');
		if (status === 200 && body.includes('</html>')) pageMs = Math.max(pageMs, performance.now() - began);
		else pagesFailed += 1;
	}
	const began = performance.now();
	for (let count = 0; count < tries; count++) {
		if ((await enterOnce(page, code)) === 303) {
			return {
				pagesFailed,
				pageMs: Math.round(pageMs),
				refused,
				isIn: true,
				inMs: Math.round(performance.now() - began),
			};
		}
		refused += 1;
		await delay(TRY_AGAIN_MS);
	}
	return { pagesFailed, pageMs: Math.round(pageMs), refused, isIn: false, inMs: Math.round(performance.now() - began) };
}

async function enterOnce(page: string, code: string): Promise<number> {
	const form = await ask(page);
	const token = /name="token" value="([^"]+)"/.exec(form.body.slice(form.body.indexOf(`action="${page}"`)))?.[1];
	return token === undefined ? form.status : (await ask(page, new URLSearchParams({ code, token }))).status;
}

/** Status 0: no whole answer. Each request has a connection of its own, as one of a new telephone has. */
async function ask(path: string, form?: URLSearchParams): Promise<{ status: number; body: string }> {
	return await new Promise((resolve) => {
		const nothing = () => resolve({ status: 0, body: '' });
		const headers = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
		const sent = request(PORTAL + path, {
			method: form === undefined ? 'GET' : 'POST',
			headers: { 'accept-language': 'en', ...headers },
			agent: false,
		});
		const timer = setTimeout(() => sent.destroy(new Error('nothing came')), PAGE_TIMEOUT_MS);
		sent.once('error', nothing);
		sent.once('close', () => {
			clearTimeout(timer);
			nothing();
		});
		sent.once('response', (answer) => {
			let body = '';
			answer.setEncoding('utf8').on('data', (text: string) => (body += text));
			answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body }));
		});
		sent.end(form?.toString());
	});
}

process.stdout.write(JSON.stringify(await enter(JSON.parse(process.argv[2] as string) as NewcomerOrder)));
process.exit(0);
