import type { Card } from './batch-file.ts';
import { qrCodeSvg } from './qr-code.ts';
import type { SheetLayout, SheetOptions } from './sheet-layout.ts';

const CARDS_ON_PAGE = 21;
/** Of the four light modules that a QR code needs around it: the others are the gaps of the card. */
const QUIET_MODULES = 2;
/** So many letters of the steps fit beside two QR codes in each size of type. */
const STEPS_SIZES = [
	{ charactersMax: 80, name: '' },
	{ charactersMax: 120, name: ' class="small"' },
	{ charactersMax: Number.POSITIVE_INFINITY, name: ' class="tiny"' },
] as const;

/** Where both layouts agree: millimetres of a sheet of 3 × 7. */
const GEOMETRY: Readonly<Record<SheetLayout, string>> = {
	a4: 'padding:12mm 10mm 0;grid-template-columns:repeat(3,63.3mm);grid-auto-rows:39mm;gap:0',
	labels: 'padding:15.1mm 7.2mm 0;grid-template-columns:repeat(3,63.5mm);grid-auto-rows:38.1mm;gap:0 2.5mm',
};

/** A page for a printer, whole in one file: no script, no font, no picture from elsewhere. */
export function sheetHtml(cards: readonly Card[], options: SheetOptions): string {
	// The same on every card: its QR code is made once.
	const join =
		options.network === undefined
			? ''
			: figure(options.network.code, `QR code that joins ${options.network.name}`, 'Wi-Fi');
	const pages: string[] = [];
	for (let from = 0; from < cards.length; from += CARDS_ON_PAGE) {
		const page = cards.slice(from, from + CARDS_ON_PAGE).map((card) => cardHtml(card, options, join));
		pages.push(`<section>${page.join('')}</section>`);
	}
	return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(cards[0]?.batch ?? '')} – ${escaped(options.venue)}</title>
<meta name="robots" content="noindex"><style>${style(options.layout)}</style></head>
<body>${pages.join('\n')}</body></html>
`;
}

function cardHtml(card: Card, options: SheetOptions, join: string): string {
	const { batch, serial, role, code, title, devices, validUntil, validFor = '' } = card;
	const price = options.price ?? card.price ?? '';
	const notes = [
		...(role === 'control' ? ['Control card: recharges the set and blocks its cards'] : []),
		...(devices > 1 ? [`for ${devices} devices`] : []),
		...(validUntil === '' ? [] : [`use by ${validUntil}`]),
		...(validFor === '' ? [] : [`valid for ${validFor}`]),
	];
	const address = `${options.url}${encodeURIComponent(code.replaceAll('-', ''))}`;
	const head = `<header><b>${escaped(options.venue)}</b>${price === '' ? '' : `<b>${escaped(price)}</b>`}</header>`;
	const way = `<div>${join}${figure(address, `QR code of ${code}`, 'Code')}${stepsHtml(options)}</div>`;
	const foot = `<small>${[...notes.map(escaped), `<i>${escaped(batch)} ${serial}</i>`].join(' · ')}</small>`;
	const long = code.length > 20 ? ' class="long"' : '';
	return `<article>${head}<span>${escaped(title)}</span>${way}<code${long}>${escaped(code)}</code>${foot}</article>`;
}

function figure(text: string, label: string, caption: string): string {
	return `<figure>${qrCodeSvg(text, escaped(label), QUIET_MODULES)}<figcaption>${caption}</figcaption></figure>`;
}

function stepsHtml(options: SheetOptions): string {
	const steps = options.steps.map((step) => filled(step, options));
	const characters = steps.join('').length;
	const size = STEPS_SIZES.find(({ charactersMax }) => characters <= charactersMax);
	// An address is broken behind its dots, not in its words.
	const items = steps.map((step) => `<li>${escaped(step).replace(/[./:](?=\w)/g, '$&<wbr>')}</li>`);
	return `<ol${size?.name ?? ''}>${items.join('')}</ol>`;
}

function filled(step: string, { network, url }: SheetOptions): string {
	const values: Readonly<Record<string, string>> = {
		network: network?.name ?? '',
		password: network?.password ?? '',
		address: addressInLetters(url),
	};
	return step.replace(/\{(network|password|address)\}/g, (_, name: string) => values[name] as string);
}

/** What somebody types who cannot scan: without what a browser adds, and without what only the QR code has. */
function addressInLetters(url: string): string {
	return url
		.replace(/^http:\/\//i, '')
		.replace(/[?#].*$/, '')
		.replace(/\/(?:code)?$/, '');
}

function style(layout: SheetLayout): string {
	const lines = layout === 'a4' ? 'outline:.2mm dashed #888;' : '';
	return [
		'@page{size:A4;margin:0}',
		'*{box-sizing:border-box;margin:0;padding:0}',
		'body{background:#ddd;color:#000;font:3.2mm/1.25 system-ui,"Liberation Sans",Arial,sans-serif}',
		`section{background:#fff;width:210mm;height:297mm;margin:4mm auto;overflow:hidden;display:grid;align-content:start;${GEOMETRY[layout]}}`,
		// The rows of words take what they need, the QR codes what is left.
		`article{${lines}display:grid;grid-template-columns:minmax(0,1fr);grid-template-rows:auto auto minmax(0,1fr) auto auto;gap:.4mm;padding:1.4mm 2mm 1.4mm 2.4mm;overflow:hidden}`,
		'header{display:flex;justify-content:space-between;gap:2mm;font-size:3.5mm;line-height:1.15}',
		'header b{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}header b+b{flex-shrink:0;max-width:50%}',
		'span{white-space:nowrap;overflow:hidden;text-overflow:ellipsis;font-size:3mm}',
		'div{display:flex;gap:1mm;min-height:0;align-items:center}',
		'figure{display:flex;flex-direction:column;height:100%;aspect-ratio:.885;flex-shrink:0}svg{flex:1;min-height:0;width:100%}',
		'figcaption{font-size:2.1mm;line-height:1;text-align:center}',
		'ol{flex:1;min-width:0;max-height:100%;padding-left:2.8mm;font-size:2.4mm;line-height:1.15;overflow:hidden;overflow-wrap:anywhere}.small{font-size:1.9mm}.tiny{font-size:1.5mm}',
		// A code is never cut off.
		'code{text-align:center;font:700 4.3mm/1.2 ui-monospace,"DejaVu Sans Mono","Liberation Mono",monospace;word-break:keep-all;overflow-wrap:normal}',
		'.long{font-size:3.2mm}',
		'small{text-align:center;font-size:2.2mm;line-height:1.2;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden}i{font-style:normal;white-space:nowrap}',
		'@media print{body{background:none}section{margin:0;break-after:page}section:last-child{break-after:auto}}',
	].join('');
}

function escaped(text: string): string {
	return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
