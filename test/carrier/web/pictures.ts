import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { bindAccount } from '../../../carrier/account/admission.ts';
import { systemClock } from '../../../carrier/clock.ts';
import type { Database } from '../../../carrier/database/database.ts';
import { openDatabase } from '../../../carrier/database/open-database.ts';
import { makeHttpServer } from '../../../carrier/http/http-server.ts';
import { newToken, Tokens } from '../../../carrier/http/tokens.ts';
import { KeyRing } from '../../../carrier/key/key-ring.ts';
import { silentLog } from '../../../carrier/log.ts';
import { Metrics } from '../../../carrier/metrics.ts';
import { giveSlice } from '../../../carrier/slice/give-slice.ts';
import { ingest } from '../../../carrier/usage/ingest.ts';
import { addAccessPoints, addFunded, batchOf, MEBIBYTE, recordOf, SLICES, TERMS } from '../scene.ts';

/**
 * `npm run pictures`: the carrier's page in a real browser, from sign-in to a policy's change; the first page goes into the documents.
 * With a folder as argument all pages go there.
 */
const folder = process.argv[2] ?? 'docs/images';
const SHOWN = ['carrier'];
const HOUR_MS = 3_600_000;
const POLICY = {
	plans: [
		{
			name: 'day',
			title: 'A day, 1 GiB',
			unit: 'byte',
			amount: 1024 * MEBIBYTE,
			validForSeconds: 86_400,
			atEnd: 'throttle',
			throttleBytesPerSecond: 125_000,
		},
	],
	tariffs: [],
	reportEverySeconds: 30,
};

const directory = mkdtempSync(join(tmpdir(), 'octroi-pictures-'));
const tokens = join(directory, 'tokens');
writeFileSync(tokens, '');
const token = newToken(tokens, 'grace', randomBytes);
const keys = new KeyRing(join(directory, 'keys'));
keys.create('first');
const database = await openDatabase({ directory: undefined }, silentLog);
await fill(database);
const app = await makeHttpServer({
	database,
	keys,
	clock: systemClock(),
	log: silentLog,
	slices: SLICES,
	random: randomBytes,
	tokens: Tokens.read(tokens),
	metrics: new Metrics(),
	secret: randomBytes(32),
	health: async () => ({ database: true, databaseAnsweredSecondsAgo: 0, broker: true, ingest: true }),
	privateHosts: [],
	trustedProxies: [],
	secureCookie: 'auto',
	sender: { sendDue: async () => 0, sendPolicy: async () => undefined },
});
const url = await app.listen({ host: '127.0.0.1', port: 0 });
const browser = await chromium.launch({
	executablePath: '/usr/bin/chromium',
	args: ['--no-sandbox', '--disable-background-networking'],
});
const complaints: string[] = [];
try {
	const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
	page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
	page.on(
		'request',
		(request) => request.url().startsWith(url) || request.url().startsWith('data:') || complaints.push(request.url()),
	);
	await page.goto(url);
	await page.fill('#token', token);
	await page.click('button');
	mkdirSync(folder, { recursive: true });
	await picture(page, 'carrier', 'Access points');
	if (await page.locator('text=0 B in 48 hours').count()) complaints.push('the first page shows no usage');
	await page.click('text=Accounts');
	await page.click('text=family');
	await picture(page, 'carrier-account', 'family');
	await page.click('text=Policy');
	await page.fill('#text', JSON.stringify(POLICY));
	await page.click('button');
	await picture(page, 'carrier-policy', 'What would change');
	await page.click('text=Publish');
	await page.waitForSelector('text=Version 1 is published');
	await page.setViewportSize({ width: 320, height: 700 });
	await page.goto(url);
	const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
	if (overflow !== 0) complaints.push(`scrolls sideways by ${overflow} pixels on a narrow screen`);
} finally {
	await browser.close();
	await app.close();
	await database.close();
	rmSync(directory, { recursive: true, force: true });
}
for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
process.exit(complaints.length === 0 ? 0 : 1);

async function picture(page: Page, name: string, heading: string): Promise<void> {
	await page.waitForSelector(`h1:text("${heading}")`);
	if (process.argv[2] === undefined && !SHOWN.includes(name)) return;
	const path = join(folder, `${name}.png`);
	await page.screenshot({ path });
	process.stdout.write(`${path}\n`);
}

/** Two days of a small carrier. */
async function fill(store: Database): Promise<void> {
	const now = systemClock().wallMs();
	const names = ['cafe-central', 'hotel-lobby', 'harbour', 'market-hall', 'night-bus-12'];
	await addAccessPoints(store, ...names);
	await store.query(
		"UPDATE access_point SET online = ap <> 'night-bus-12', sessions = length(ap), policy_version = 3, software_version = '0.1.0', seen_at = $1, title = initcap(replace(ap, '-', ' '))",
		[now - 20_000],
	);
	for (const account of ['family', 'alice', 'bob'])
		await addFunded(store, account, account === 'family' ? 4096 * MEBIBYTE : 200 * MEBIBYTE);
	for (const [index, ap] of names.entries()) {
		const account = index % 2 === 0 ? 'family' : 'alice';
		await store.transaction(async (tx) => await bindAccount(tx, { account, ap, by: 'grace' }, now));
	}
	for (let hour = 47; hour >= 0; hour--) {
		const to = now - hour * HOUR_MS;
		const busy = 1 + Math.sin((hour / 24) * 2 * Math.PI) ** 2;
		const batches = names.map((ap, index) =>
			batchOf(ap, 48 - hour, [
				recordOf({
					id: `${ap}-${hour}`,
					account: index % 2 === 0 ? 'family' : 'alice',
					amount: Math.round(busy * (index + 1) * 20 * MEBIBYTE),
					from: to - HOUR_MS,
					to,
				}),
			]),
		);
		await store.transaction(async (tx) => await ingest(tx, batches, { ...TERMS, now: to }));
	}
	await store.transaction(
		async (tx) => await giveSlice(tx, { ap: 'harbour', request: 'x', account: 'family', wants: MEBIBYTE }, SLICES, now),
	);
}
