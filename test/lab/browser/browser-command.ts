import { createInterface } from 'node:readline';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import type { BrowserAnswer, BrowserOptions, BrowserOrder, Measure } from './order.ts';

/** A real Chromium that a lab drives from outside of its namespace: orders on stdin, answers on stdout. */

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const HEIGHT = 844;
const STEP_TIMEOUT_MS = 20_000;

const options = JSON.parse(process.argv[2] as string) as BrowserOptions;
const browser = await chromium.launch({
	executablePath: EXECUTABLE,
	args: [
		'--no-sandbox',
		'--disable-gpu',
		'--disable-background-networking',
		'--disable-component-update',
		'--disable-sync',
		'--no-first-run',
		'--disable-features=OptimizationHints,MediaRouter,Translate,HttpsUpgrades',
	],
});
const context: BrowserContext = await browser.newContext({
	locale: options.language,
	javaScriptEnabled: options.hasScript,
	colorScheme: options.colours ?? 'light',
	viewport: { width: options.width ?? 390, height: HEIGHT },
	deviceScaleFactor: 1,
	timezoneId: 'UTC',
});
context.setDefaultTimeout(STEP_TIMEOUT_MS);
const page: Page = await context.newPage();
let loaded: Promise<number>[] = [];
let foreignRequests: string[] = [];
const complaints: string[] = [];
page.on('console', (message) => {
	if (message.type() === 'error') complaints.push(message.text());
});
page.on('pageerror', (error) => complaints.push(error.message));
page.on('requestfinished', (request) => {
	const sizes = request
		.sizes()
		.then(({ responseBodySize, responseHeadersSize }) => responseBodySize + responseHeadersSize);
	// A page that was left before its sizes were asked for has none.
	loaded.push(sizes.catch(() => 0));
	const url = new URL(request.url());
	if (url.protocol !== 'data:' && url.host !== new URL(page.url()).host) foreignRequests.push(request.url());
});

for await (const line of createInterface({ input: process.stdin })) {
	let answer: BrowserAnswer;
	try {
		answer = { ok: true, value: await carryOut(JSON.parse(line) as BrowserOrder) };
	} catch (error) {
		answer = { ok: false, problem: error instanceof Error ? error.message : String(error) };
	}
	process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();

async function carryOut(order: BrowserOrder): Promise<unknown> {
	switch (order.order) {
		case 'open':
			[loaded, foreignRequests] = [[], []];
			await page.goto(order.url);
			return page.url();
		case 'fill':
			return await page.fill(order.field, order.text);
		case 'send':
			await Promise.all([page.waitForEvent('load'), page.locator(order.button).first().click()]);
			return page.url();
		case 'click':
			await Promise.all([page.waitForEvent('load'), page.locator(order.link).first().click()]);
			return page.url();
		case 'text':
			return await page.locator(order.of).first().innerText();
		case 'attribute':
			return await page.locator(order.of).first().getAttribute(order.name);
		case 'wait':
			return await page
				.locator(order.of)
				.filter({ hasText: new RegExp(order.pattern, 'u') })
				.first()
				.waitFor();
		case 'screenshot':
			return void (await page.screenshot({ path: order.path, fullPage: order.isWhole === true }));
		case 'resize':
			return await page.setViewportSize({ width: order.width, height: HEIGHT });
		case 'measure':
			return await measure();
		case 'close':
			return await browser.close();
	}
}

async function measure(): Promise<Measure> {
	const sizes = await Promise.all(loaded);
	// Runs in the browser, also where the page's own scripts may not.
	const overflowPixels = options.hasScript
		? await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
		: 0;
	return { loadedBytes: sizes.reduce((sum, size) => sum + size, 0), foreignRequests, overflowPixels, complaints };
}
