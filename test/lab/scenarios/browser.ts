import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { STREAMS_PER_STATION_MAX } from '../../../agent/portal/limits.ts';
import type { AgentHandle } from '../agent-handle.ts';
import { BrowserProcess } from '../browser/browser-process.ts';
import { HeldStreams } from '../browser/held-streams.ts';
import type { BrowserOptions } from '../browser/order.ts';
import { type Lab, withLab } from '../lab.ts';
import { LAB_DIRECTORY } from '../namespace/private-namespaces.ts';
import { PROJECT_ROOT } from '../project-root.ts';
import type { Scenario } from '../scenario.ts';
import type { Station } from '../station.ts';

const MEBIBYTE = 1 << 20;
const PACKAGE_BYTES = 20 * MEBIBYTE;
const RATE_BITS_PER_SECOND = 25_000_000;
/** Of a common telephone, in CSS pixels. */
const WIDTH = 390;
const FLOW_TIMEOUT_MS = 60_000;
/** No page has more places before its code field. */
const TABS_MAX = 30;
/** The portal's first page, with its style and script. */
const FIRST_PAGE_BYTES_MAX = 30_000;

const PLANS = [
	{ name: 'small', title: 'Small · 20 MiB', bytes: PACKAGE_BYTES, validForSeconds: 604_800, atEnd: 'block' },
	{ name: 'evening', title: 'Evening · 3 hours', seconds: 10_800, atEnd: 'block' },
	{
		name: 'month',
		title: 'Month · 5 GB, then slower',
		bytes: 5_000_000_000,
		validForSeconds: 2_592_000,
		atEnd: 'throttle',
		throttleBitsPerSecond: 1_000_000,
	},
];

type Counted =
	| 'liveChanges'
	| 'streamFollowed'
	| 'streamRefused'
	| 'sameConnection'
	| 'foreignRequests'
	| 'complaints'
	| 'byKeyboard'
	| 'stops'
	| 'unreached'
	| 'unseen'
	| 'backwards'
	| 'texts';

/** `isStreamRefused`: others hold all streams of the station, so that the page has to ask for its figures. */
type Journey = BrowserOptions & { readonly name: string; readonly isStreamRefused?: true };

const JOURNEYS: readonly Journey[] = [
	{ name: 'en', language: 'en-GB', hasScript: true },
	{ name: 'en-without-script', language: 'en-GB', hasScript: false },
	{ name: 'ar', language: 'ar', hasScript: true, colours: 'dark' },
	{ name: 'ar-without-script', language: 'ar', hasScript: false },
	{ name: 'en-without-stream', language: 'en-GB', hasScript: true, isStreamRefused: true },
];

/** Pictures that the documentation shows. */
const SHOWN = [
	'portal-welcome-en.png',
	'portal-status-en.png',
	'portal-out-en.png',
	'portal-devices-en.png',
	'portal-why-en.png',
	'portal-welcome-ar.png',
	'portal-status-whole-ar.png',
];
const PORTAL = 'http://10.77.0.1:2050/';
const NOWHERE = join(LAB_DIRECTORY, 'pictures');

/** Where pictures go: into the documentation when they shall be made anew, else nowhere that stays. */
const PICTURES = process.env.UPDATE_SCREENSHOTS === '1' ? join(PROJECT_ROOT, 'docs/images') : NOWHERE;

/** A customer's whole way, in a real browser on a station. */
export const browser: Scenario = {
	name: 'browser',
	title: 'real Chromium on a station: redirected, redeems, sees live figures, runs out, tops up, goes on',
	figures: {
		journeys: {
			title: 'with and without JavaScript, left to right and right to left',
			bound: { equals: JOURNEYS.length },
		},
		live_changes: { title: 'journeys whose figures changed without a reload', bound: { equals: 3 } },
		streams_followed: { title: 'of these, by a stream alone, without asking', bound: { equals: 2 } },
		streams_refused: { title: 'of these, by asking, because a stream was refused', bound: { equals: 1 } },
		same_connection: {
			title: 'downloads that went on in the same TCP connection after the top-up',
			bound: { equals: JOURNEYS.length },
		},
		first_page_bytes: { title: 'first page in all, headers too, the largest', bound: { atMost: FIRST_PAGE_BYTES_MAX } },
		foreign_requests: { title: 'requests to any other host', bound: { equals: 0 } },
		overflow_pixels: { title: 'sideways scrolling, also at 200 % zoom of a narrow window', bound: { atMost: 0 } },
		by_keyboard: {
			title: 'codes that were entered by keyboard alone: Tab to the field, type, Enter',
			bound: { equals: JOURNEYS.length },
		},
		keyboard_stops: { title: 'places that the Tab key reached, on all pages of all journeys', bound: { atLeast: 100 } },
		keyboard_unreached: { title: 'links, buttons and fields that it did not reach', bound: { equals: 0 } },
		keyboard_unseen: {
			title: 'places where nothing shows the focus, or it is out of the window',
			bound: { equals: 0 },
		},
		keyboard_backwards: { title: 'places out of the order of the page', bound: { equals: 0 } },
		contrast_least: { title: 'contrast of text, the lowest of both themes', bound: { atLeast: 4.5 } },
		texts_read: { title: 'texts whose contrast was computed', bound: { atLeast: 300 } },
		complaints: { title: 'violations of the security policy and errors of the script', bound: { equals: 0 } },
	},
	async run({ progress }) {
		mkdirSync(NOWHERE, { recursive: true });
		return await withLab({ stations: JOURNEYS.length }, async (lab) => {
			const agent = await lab.startAgent({
				plans: PLANS,
				venue: { name: 'Café Octroi', accent: '#0b6bcb', logo: join(PROJECT_ROOT, 'test/lab/browser/venue-logo.svg') },
			});
			// Slow enough that a person, or a browser, sees the figure move.
			await lab.shape(RATE_BITS_PER_SECOND);
			const results: Awaited<ReturnType<typeof travel>>[] = [];
			for (const [index, journey] of JOURNEYS.entries()) {
				progress(`journey ${journey.name}`);
				results.push(await travel(lab, agent, lab.station(index + 1), journey));
			}
			const largest = (name: 'firstPageBytes' | 'overflowPixels') => Math.max(...results.map((one) => one[name]));
			const count = (name: Counted) => results.reduce((sum, one) => sum + one[name], 0);
			return {
				journeys: results.length,
				live_changes: count('liveChanges'),
				streams_followed: count('streamFollowed'),
				streams_refused: count('streamRefused'),
				same_connection: count('sameConnection'),
				first_page_bytes: largest('firstPageBytes'),
				foreign_requests: count('foreignRequests'),
				overflow_pixels: largest('overflowPixels'),
				by_keyboard: count('byKeyboard'),
				keyboard_stops: count('stops'),
				keyboard_unreached: count('unreached'),
				keyboard_unseen: count('unseen'),
				keyboard_backwards: count('backwards'),
				contrast_least: Math.min(...results.map((one) => one.contrast)),
				texts_read: count('texts'),
				complaints: count('complaints'),
			};
		});
	},
};

async function travel(lab: Lab, agent: AgentHandle, station: Station, journey: Journey) {
	const { name, hasScript, isStreamRefused } = journey;
	const browser = new BrowserProcess(station.namespace, journey);
	const held = new HeldStreams();
	const picture = (what: string) => {
		const file = `portal-${what}-${name}.png`;
		return join(SHOWN.includes(file) ? PICTURES : NOWHERE, file);
	};
	try {
		const [first, second] = await makeCodes(agent, station);
		// Anywhere on the internet: the kernel sends it to the portal.
		const landed = await browser.open(`http://${station.server('ipv4')}/`);
		if (!landed.startsWith(PORTAL)) throw new Error(`it landed at ${landed}`);
		const { loadedBytes, foreignRequests } = await browser.measure();
		await browser.screenshot(picture('welcome'));

		await browser.fill('#code', 'AAAA-AAAA-AA');
		await browser.send('form.card button');
		await browser.screenshot(picture('mistyped'));
		await browser.fill('#code', ` ${first?.toLowerCase().replaceAll('-', ' ')} `);
		await browser.send('form.card button');
		await browser.wait('.state', '.');
		if (isStreamRefused) {
			// A page without a stream, so that it has none itself.
			await browser.open(`${PORTAL}receipt`);
			await held.hold(station.namespace, STREAMS_PER_STATION_MAX);
			await browser.open(PORTAL);
		}
		const { streams: streamsBefore } = await browser.measure();
		const before = await browser.text('[data-live=left]');

		const flow = await lab.flow(station, {
			protocol: 'tcp',
			direction: 'down',
			bytes: 2 * PACKAGE_BYTES - 4 * MEBIBYTE,
		});
		let liveChanges = 0;
		if (hasScript) {
			// The figure moves by itself.
			await browser.wait('[data-live=left]', `^(?!${escaped(before)}$)`);
			liveChanges = 1;
			await browser.screenshot(picture('status'));
		}
		await agent.reaches(station.mac, 'blocked');
		if (hasScript) await browser.wait('.state.blocked', '.');
		else await browser.open(PORTAL);
		await browser.wait('.state.blocked', '.');
		await browser.screenshot(picture('out'));

		const byKeyboard = await enterByKeyboard(browser, second ?? '');
		await browser.wait('.notice.good', '.');
		const end = await flow.ended(FLOW_TIMEOUT_MS);
		await browser.open(PORTAL);
		await browser.screenshot(picture('status-whole'), true);
		const walked = await walk(browser, name, picture);
		const { complaints, overflowPixels, streams, polls } = await browser.measure();
		const isRefusal = (text: string) => isStreamRefused === true && text.includes('status of 503');
		const others = complaints.filter((text) => !/status of 4(04|22)/.test(text) && !isRefusal(text));
		for (const text of others) process.stderr.write(`${name}: ${text}\n`);
		return {
			liveChanges,
			streamFollowed: streams > 0 && polls === 0 ? 1 : 0,
			streamRefused: complaints.some(isRefusal) && streams === streamsBefore && polls > 0 ? 1 : 0,
			sameConnection: end.client?.state === 'finished' && end.client.error === undefined ? 1 : 0,
			firstPageBytes: loadedBytes,
			// What the browser asked for before it was redirected is not the portal's doing.
			foreignRequests: foreignRequests.filter((url) => !url.startsWith(`http://${station.server('ipv4')}/`)).length,
			overflowPixels: Math.max(walked.overflow, overflowPixels),
			byKeyboard,
			...walked,
			// A refused form is a 422 and a page that is not there a 404; the browser lists both.
			complaints: others.length,
		};
	} finally {
		browser.stop();
		held.stop();
	}
}

/** To the field, the code, and off: without a pointer. @returns 1 if the field was reached */
async function enterByKeyboard(browser: BrowserProcess, code: string): Promise<number> {
	for (let presses = 0; presses < TABS_MAX && !(await browser.isFocused('#code')); presses++)
		await browser.press(['Tab']);
	if (!(await browser.isFocused('#code'))) return 0;
	await browser.type(code);
	await browser.press(['Enter'], true);
	return 1;
}

/** Every page once: how wide it is, how it is walked by keyboard, and whether it can be read. */
async function walk(browser: BrowserProcess, name: string, picture: (what: string) => string) {
	const found = { overflow: 0, stops: 0, unreached: 0, unseen: 0, backwards: 0, contrast: 21, texts: 0 };
	for (const page of [
		'',
		'top-up',
		'devices',
		'gift',
		'alerts',
		'receipt',
		'why',
		'group',
		'join',
		'nowhere',
		'proof',
	]) {
		if (page !== 'proof') await browser.open(`${PORTAL}${page}`);
		else await openProof(browser);
		await browser.wait('h1', '.');
		await browser.screenshot(picture(page), true);
		found.overflow = Math.max(found.overflow, (await browser.measure()).overflowPixels);
		const { texts, least, faint } = await browser.read();
		found.texts += texts;
		found.contrast = Math.min(found.contrast, least);
		for (const one of faint) process.stderr.write(`${name} /${page}: faint: ${JSON.stringify(one)}\n`);
		const tour = await browser.tour();
		found.stops += tour.stops;
		found.unreached += tour.unreached;
		found.unseen += tour.unseen.length;
		found.backwards += tour.backwards.length;
		if (tour.unreached + tour.unseen.length + tour.backwards.length > 0) {
			process.stderr.write(`${name} /${page}: ${JSON.stringify(tour)}\n`);
		}
		// A telephone at 200 % zoom; and WCAG 2.2, 1.4.10.
		for (const width of [WIDTH / 2, 320]) {
			await browser.resize(width);
			found.overflow = Math.max(found.overflow, (await browser.measure()).overflowPixels);
		}
		await browser.resize(WIDTH);
	}
	return found;
}

/** The page that asks for the code of the account, before a device is added. */
async function openProof(browser: BrowserProcess): Promise<void> {
	await browser.open(`${PORTAL}devices`);
	await browser.send('form[action$="/devices/pair"] button');
	await browser.wait('label[for=proof]', '.');
}

async function makeCodes(agent: AgentHandle, station: Station): Promise<string[]> {
	const made = await agent.ask<{ codes: { code: string }[] }>('voucher.create', {
		batch: `browser-${station.number}`,
		plan: 'small',
		count: 2,
	});
	return made.codes.map(({ code }) => code);
}

function escaped(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
