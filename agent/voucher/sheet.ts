import type { Card } from './batch-file.ts';
import { qrCodeSvg } from './qr-code.ts';
import type { SheetLayout, SheetOptions } from './sheet-layout.ts';

const CARDS_ON_PAGE = 21;

/** Where both layouts agree: millimetres of a sheet of 3 × 7. */
const GEOMETRY: Readonly<Record<SheetLayout, string>> = {
	a4: 'padding:12mm 10mm 0;grid-template-columns:repeat(3,63.3mm);grid-auto-rows:39mm;gap:0',
	labels: 'padding:15.1mm 7.2mm 0;grid-template-columns:repeat(3,63.5mm);grid-auto-rows:38.1mm;gap:0 2.5mm',
};

/** A page for a printer, whole in one file: no script, no font, no picture from elsewhere. */
export function sheetHtml(cards: readonly Card[], { layout, venue, url }: SheetOptions): string {
	const pages: string[] = [];
	for (let from = 0; from < cards.length; from += CARDS_ON_PAGE) {
		const page = cards.slice(from, from + CARDS_ON_PAGE).map((card) => cardHtml(card, venue, url));
		pages.push(`<section>${page.join('')}</section>`);
	}
	return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(cards[0]?.batch ?? '')} – ${escaped(venue)}</title>
<meta name="robots" content="noindex"><style>${style(layout)}</style></head>
<body>${pages.join('\n')}</body></html>
`;
}

function cardHtml(card: Card, venue: string, url: string): string {
	const { batch, serial, role, code, title, devices, validUntil } = card;
	const notes = [
		...(role === 'control' ? ['Control card: recharges the set and blocks its cards'] : []),
		...(devices > 1 ? [`for ${devices} devices`] : []),
		...(validUntil === '' ? [] : [`use by ${validUntil}`]),
	];
	const qr = qrCodeSvg(`${url}${encodeURIComponent(code.replaceAll('-', ''))}`, `QR code of ${escaped(code)}`);
	return `<article>${qr}<div><b>${escaped(venue)}</b><span>${escaped(title)}</span><code${code.length > 20 ? ' class="long"' : ''}>${escaped(code)}</code><small>${[...notes.map(escaped), `<i>${escaped(batch)} ${serial}</i>`].join(' · ')}</small></div></article>`;
}

function style(layout: SheetLayout): string {
	const lines = layout === 'a4' ? 'outline:.2mm dashed #888;' : '';
	return [
		'@page{size:A4;margin:0}',
		'*{box-sizing:border-box;margin:0}',
		'body{background:#ddd;color:#000;font:3.4mm/1.3 system-ui,"Liberation Sans",Arial,sans-serif}',
		`section{background:#fff;width:210mm;height:297mm;margin:4mm auto;overflow:hidden;display:grid;align-content:start;${GEOMETRY[layout]}}`,
		`article{${lines}display:flex;align-items:center;gap:1mm;padding:1.5mm 2mm 1.5mm 1mm;overflow:hidden}`,
		'svg{flex:0 0 27mm;width:27mm;height:27mm}',
		'div{min-width:0;display:flex;flex-direction:column;gap:.6mm;overflow-wrap:anywhere}',
		'code{font:700 4.1mm/1.25 ui-monospace,"DejaVu Sans Mono","Liberation Mono",monospace;word-break:keep-all;overflow-wrap:normal}',
		'.long{font-size:3.2mm}',
		// Long names give way: a code is never cut off.
		'b,span,small{flex-shrink:1;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden}',
		'b{font-size:3.6mm;line-height:1.15}span{font-size:3.2mm;line-height:1.2}',
		'small{font-size:2.4mm;line-height:1.25;-webkit-line-clamp:4}i{font-style:normal;white-space:nowrap}',
		'@media print{body{background:none}section{margin:0;break-after:page}section:last-child{break-after:auto}}',
	].join('');
}

function escaped(text: string): string {
	return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
