import { createInterface } from 'node:readline';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { HANG_MS } from '../until.ts';
import type { BrowserAnswer, BrowserOptions, BrowserOrder, Measure, Tour } from './order.ts';
import { faintTexts, placesOf, type Stop, stopAt } from './reading.ts';

/** A real Chromium that a lab drives from outside of its namespace: orders on stdin, answers on stdout. */

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const HEIGHT = 844;
const STEP_TIMEOUT_MS = HANG_MS;
/** A page that has more places is no page for a keyboard. */
const STOPS_MAX = 100;

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
let streams = 0;
let polls = 0;
// A stream never finishes; its answer has come when its head has.
page.on('response', (response) => {
	const { pathname } = new URL(response.url());
	if (pathname.endsWith('/api/events') && response.status() === 200) streams += 1;
	if (pathname.endsWith('/api/status')) polls += 1;
});
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
		case 'press':
			if (order.loads === true) await Promise.all([page.waitForEvent('load'), press(order.keys)]);
			else await press(order.keys);
			return page.url();
		case 'type':
			return await page.keyboard.type(order.text);
		case 'focused':
			return (await page.locator(`${order.field}:focus`).count()) === 1;
		case 'tour':
			return await tour();
		case 'read':
			return await page.locator('html').evaluate(faintTexts);
		case 'measure':
			return await measure();
		case 'close':
			return await browser.close();
	}
}

async function press(keys: string[]): Promise<void> {
	for (const key of keys) await page.keyboard.press(key);
}

/** From the first place to the last: the next Tab leaves the page, or begins again. */
async function tour(): Promise<Tour> {
	const places = await page.locator('html').evaluate(placesOf);
	const stops: Stop[] = [];
	for (let presses = 0; presses < STOPS_MAX; presses++) {
		await page.keyboard.press('Tab');
		const focused = page.locator('body :focus');
		if ((await focused.count()) === 0) break;
		const stop = await focused.evaluate(stopAt);
		if (stops.some(({ index }) => index === stop.index)) break;
		stops.push(stop);
	}
	return {
		stops: stops.length,
		unreached: places.filter((place) => !stops.some(({ index }) => index === place)).length,
		unseen: stops.filter(({ isRinged, isInView }) => !isRinged || !isInView).map(({ name }) => name),
		backwards: stops.filter(({ index }, at) => index < (stops[at - 1]?.index ?? -1)).map(({ name }) => name),
	};
}

async function measure(): Promise<Measure> {
	const sizes = await Promise.all(loaded);
	// Runs in a world of its own, also where the page's own scripts may not.
	const overflowPixels = await page.locator('html').evaluate((root) => root.scrollWidth - root.clientWidth);
	return {
		loadedBytes: sizes.reduce((sum, size) => sum + size, 0),
		foreignRequests,
		overflowPixels,
		streams,
		polls,
		complaints,
	};
}
