import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { wifiCode } from '../../../agent/text/wifi-code.ts';
import type { DisplayModel } from '../../../ui/lcd/display-model.ts';
import { drawPage, PAGE_NAMES, type PageName, pagesNow } from '../../../ui/pixels/pages.ts';
import { exampleAccount, exampleFigures, exampleModel } from '../lcd/example-model.ts';
import { pixelsOfPng, pngOf } from './png.ts';

const join = {
	code: wifiCode({ name: 'Guest house', password: 'correct horse' }),
	title: 'Guest house',
	hint: 'Scan to join the Wi-Fi',
};

const models: Readonly<Record<string, readonly [PageName, DisplayModel]>> = {
	overview: ['overview', exampleModel({ account: exampleAccount, join })],
	'overview-crowd': [
		'overview',
		exampleModel({
			warnings: ['the wall clock is not set'],
			figures: {
				...exampleFigures,
				counts: { unknown: 12, walled: 950, active: 3100, throttled: 34, blocked: 12, gone: 0 },
				downBytesPerSecond: 117_000_000,
				carrier: { state: 'offline', text: '' },
			},
		}),
	],
	account: ['account', exampleModel({ account: exampleAccount })],
	'account-time': [
		'account',
		exampleModel({
			account: { ...exampleAccount, unit: 'second', amount: 403, amountBought: 7200, stations: 1 },
		}),
	],
	'account-names': [
		'account',
		exampleModel({ account: { ...exampleAccount, account: 'Zoë Łukasz \u202eΩ Ж 東京\u001b[31m', blocked: true } }),
	],
	join: ['join', exampleModel({ join })],
	pairing: ['pairing', exampleModel({ pairingCode: '4827-1935' })],
	alert: [
		'alert',
		exampleModel({
			warnings: ['the wall clock is not set: packages do not expire by date', 'br-lan is gone'],
		}),
	],
	lost: ['lost', exampleModel({ link: { state: 'lost', reason: '', seconds: 75 } })],
	starting: ['starting', exampleModel({ figures: undefined })],
	resting: ['resting', exampleModel()],
};

/** These are in the documentation, which therefore cannot be out of date. */
const SHOWN = new Set([
	'128x64-overview',
	'128x64-account',
	'128x64-join',
	'240x135-overview',
	'240x135-account',
	'320x240-overview',
	'320x240-account',
	'320x240-join',
	'320x240-alert',
]);

const panels = [
	{ width: 128, height: 64, isMono: true, zoom: 4 },
	{ width: 240, height: 135, isMono: false, zoom: 2 },
	{ width: 320, height: 240, isMono: false, zoom: 2 },
] as const;

for (const { width, height, isMono, zoom } of panels) {
	for (const [name, [page, model]] of Object.entries(models)) {
		test(`${name} on ${width}×${height} is as drawn`, (t) => {
			const png = pngOf(drawPage(page, model, { size: { width, height }, turn: 3 }), { zoom, isMono });
			const picture = `${width}x${height}-${name}`;
			const path = SHOWN.has(picture) ? `docs/images/panel-${picture}.png` : `test/ui/pixels/golden/${picture}.png`;
			if (process.env.UPDATE_GOLDEN === '1') {
				mkdirSync(dirname(path), { recursive: true });
				writeFileSync(path, png);
			}
			t.deepEqual(pixelsOfPng(png), pixelsOfPng(readFileSync(path)), `${path}: UPDATE_GOLDEN=1 writes it anew`);
		});
	}
}

test('what matters most keeps the other pages away', (t) => {
	const calm = { alert: undefined, account: false };
	const all = exampleModel({ account: exampleAccount, join, warnings: ['x'] });
	t.deepEqual(pagesNow(all, calm), ['account', 'overview', 'join', 'alert']);
	t.deepEqual(pagesNow(all, { alert: 'x', account: true }), ['alert']);
	t.deepEqual(pagesNow({ ...all, pairingCode: '1' }, calm), ['pairing']);
	t.deepEqual(pagesNow(all, { ...calm, account: true }), ['account']);
	t.deepEqual(pagesNow({ ...all, link: { state: 'lost', reason: '', seconds: 1 } }, calm), ['lost']);
	t.deepEqual(pagesNow({ ...all, figures: undefined }, calm), ['starting']);
});

test('whatever names and figures come, every page can be drawn on every panel', (t) => {
	const amount = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
	const text = fc.string({ unit: 'binary', maxLength: 200 });
	fc.assert(
		fc.property(
			fc.record({ width: fc.integer({ min: 32, max: 400 }), height: fc.integer({ min: 16, max: 300 }) }),
			fc.record({ amount, text, page: fc.constantFrom(...PAGE_NAMES) }),
			(size, given) => {
				const model = exampleModel({
					account: { ...exampleAccount, account: given.text, amount: given.amount },
					warnings: [given.text],
					pairingCode: given.text,
					join: { code: given.text, title: given.text, hint: given.text },
				});
				drawPage(given.page, model, { size, turn: given.amount });
			},
		),
		{ numRuns: 60 },
	);
	t.pass();
});
