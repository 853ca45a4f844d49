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
	const html = sheetHtml([card], { layout: 'a4', venue: 'Pier', url: 'http://octroi.lan/code?c=' });
	t.notRegex(html, /<script|<link|<img|<iframe|@import|url\(|\son\w+=|src=|href=/i);
	t.true(html.includes('J19W-F2T-D0F'));
});

test('names are text, whatever they contain', (t) => {
	const evil = `"><script>alert(1)</script>&'`;
	const html = sheetHtml([{ ...card, title: evil, batch: evil, code: evil, validUntil: evil }], {
		layout: 'labels',
		venue: evil,
		url: evil,
	});
	t.notRegex(html, /<script/);
	t.false(html.includes('alert(1)</'));
});

test('each 21 cards have a page of their own', (t) => {
	const pages = (count: number) =>
		sheetHtml(
			Array.from({ length: count }, () => card),
			{ layout: 'a4', venue: 'x', url: 'x' },
		).split('<section>').length - 1;
	t.deepEqual([1, 21, 22, 42, 43].map(pages), [1, 1, 2, 2, 3]);
});

test('a control card says what it is for', (t) => {
	const html = sheetHtml([{ ...card, role: 'control', devices: 3, validUntil: '2027-01-31' }], {
		layout: 'a4',
		venue: 'x',
		url: 'x',
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
