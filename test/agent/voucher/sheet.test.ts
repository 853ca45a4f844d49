import test from 'ava';
import type { Card } from '../../../agent/voucher/batch-file.ts';
import { qrCodeSvg } from '../../../agent/voucher/qr-code.ts';
import { sheetHtml } from '../../../agent/voucher/sheet.ts';

const card: Card = {
	batch: 'may',
	serial: 1,
	role: 'single',
	code: 'J19W-F2T-D0F',
	title: 'One hour',
	devices: 1,
	validUntil: '',
};

test('a sheet needs nothing from elsewhere and runs nothing', (t) => {
	const html = sheetHtml([card], { layout: 'a4', venue: 'Pier', url: 'http://octroi.lan/code?c=', steps: [] });
	t.notRegex(html, /<script|<link|<img|<iframe|@import|url\(|\son\w+=|src=|href=/i);
	t.true(html.includes('J19W-F2T-D0F'));
});

test('names are text, whatever they contain', (t) => {
	const evil = `"><script>alert(1)</script>&'`;
	const html = sheetHtml([{ ...card, title: evil, batch: evil, code: evil, validUntil: evil }], {
		layout: 'labels',
		venue: evil,
		url: evil,
		network: { name: evil, password: evil, code: evil },
		steps: [evil, '{network}{password}{address}'],
		price: evil,
	});
	t.notRegex(html, /<script/);
	t.false(html.includes('alert(1)</'));
});

test('each 21 cards have a page of their own', (t) => {
	const pages = (count: number) =>
		sheetHtml(
			Array.from({ length: count }, () => card),
			{ layout: 'a4', venue: 'x', url: 'x', steps: [] },
		).split('<section>').length - 1;
	t.deepEqual([1, 21, 22, 42, 43].map(pages), [1, 1, 2, 2, 3]);
});

test('a control card says what it is for', (t) => {
	const html = sheetHtml([{ ...card, role: 'control', devices: 3, validUntil: '2027-01-31' }], {
		layout: 'a4',
		venue: 'x',
		url: 'x',
		steps: [],
	});
	for (const words of ['Control card', 'for 3 devices', 'use by 2027-01-31']) t.true(html.includes(words));
});

test('a QR code has its three finder patterns and a quiet zone', (t) => {
	const svg = qrCodeSvg('http://octroi.lan/code?c=J19WF2TD0F', 'x');
	const size = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1]);
	t.is((size - 8 - 17) % 4, 0);
	t.true(svg.includes('M4 4h7v1h-7z'));
	t.true(svg.includes(`M${size - 11} 4h7v1h-7z`));
	t.true(svg.includes(`M4 ${size - 5}h7v1h-7z`));
});

test('a card says the network, the steps, the address in letters, the price, until when, and joins by a QR code of its own', (t) => {
	const html = plain([{ ...card, price: '2.00 EUR', validFor: '30 days', validUntil: '2027-01-31' }], {
		layout: 'a4',
		venue: 'Pier',
		url: 'http://portal.home.arpa:2050/code?c=',
		network: { name: 'Pier guests', password: 'sea;horse', code: 'WIFI:S:Pier guests;T:WPA;P:sea\\;horse;;' },
		steps: ['Join {network}, password {password}', 'Open {address}', 'Enter the code {else}'],
	});
	for (const words of [
		'<li>Join Pier guests, password sea;horse</li>',
		'<li>Open portal.home.arpa:2050</li>',
		'<li>Enter the code {else}</li>',
		'2.00 EUR',
		'valid for 30 days',
		'use by 2027-01-31',
	]) {
		t.true(html.includes(words), words);
	}
	t.is(html.split('<svg').length - 1, 2);
	t.true(html.includes(qrCodeSvg('WIFI:S:Pier guests;T:WPA;P:sea\\;horse;;', 'QR code that joins Pier guests', 2)));
	t.true(html.includes(qrCodeSvg('http://portal.home.arpa:2050/code?c=J19WF2TD0F', 'QR code of J19W-F2T-D0F', 2)));
});

for (const [url, letters] of [
	['http://portal.home.arpa/code?c=', 'portal.home.arpa'],
	['https://pier.example/v/', 'https://pier.example/v'],
	['https://pier.example/?code=', 'https://pier.example'],
	['http://10.0.0.1:2050/#c=', '10.0.0.1:2050'],
] as const) {
	test(`the address ${url} in letters is ${letters}`, (t) => {
		const html = plain([card], { layout: 'a4', venue: 'x', url, steps: ['{address}'] });
		t.true(html.includes(`<li>${letters}</li>`));
	});
}

function plain(...given: Parameters<typeof sheetHtml>): string {
	return sheetHtml(...given).replaceAll('<wbr>', '');
}
