import { cellsOf, characterCells } from '../../agent/text/cells.ts';

/** One run of cells that look the same. */
type Run = { text: string; column: number; look: Look };
type Look = { foreground: number | undefined; background: number | undefined; bold: boolean; inverse: boolean };

/** DejaVu Sans Mono's own at this size. */
const CELL_WIDTH = 8.43;
const CELL_HEIGHT = 17;
const FONT_SIZE = 14;
const BASELINE = 13;
const MARGIN = 10;
const BACKGROUND = '#1b1f27';
const FOREGROUND = '#d7dae0';
/** The 16 colours of a terminal, as a dark theme has them. */
const PALETTE = [
	'#2b303b',
	'#e06c75',
	'#98c379',
	'#e5c07b',
	'#61afef',
	'#c678dd',
	'#56b6c2',
	'#d7dae0',
	'#7f8794',
	'#ff7b86',
	'#b5e890',
	'#ffd68a',
	'#7fc4ff',
	'#e39bff',
	'#7fe0ec',
	'#ffffff',
];
const PLAIN: Look = { foreground: undefined, background: undefined, bold: false, inverse: false };

/** A picture (SVG) of a captured screen: text with SGR escape sequences (ECMA-48, 8.3.117), as tmux writes it. */
export function terminalPicture(
	ansi: string,
	{ title, columns, rows }: { title: string; columns: number; rows: number },
): string {
	const width = Math.ceil(columns * CELL_WIDTH + 2 * MARGIN);
	const height = rows * CELL_HEIGHT + 2 * MARGIN;
	const lines = ansi.split('\n').slice(0, rows);
	let look = PLAIN;
	const drawn: string[] = [];
	for (const [row, line] of lines.entries()) {
		const runs = runsOf(line, look);
		look = runs.look;
		for (const run of runs.runs) drawn.push(...runPicture(run, row));
	}
	return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="${FONT_SIZE}" shape-rendering="crispEdges">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" rx="6" fill="${BACKGROUND}"/>
${drawn.join('\n')}
</svg>
`;
}

function runsOf(line: string, first: Look): { runs: Run[]; look: Look } {
	const runs: Run[] = [];
	let look = first;
	let column = 0;
	for (const part of line.split(ESCAPE)) {
		const sequence = /^\[([\d;]*)m/.exec(part);
		const text = sequence ? part.slice(sequence[0].length) : part.replace(/^[()][A-Z0-9]/, '');
		if (sequence) look = applied(look, sequence[1] ?? '');
		if (text !== '') runs.push({ text, column, look });
		column += cellsOf(text);
	}
	return { runs, look };
}

const ESCAPE = String.fromCharCode(27);

function applied(before: Look, codes: string): Look {
	let look = { ...before };
	const numbers = codes.split(';').map(Number);
	for (let index = 0; index < numbers.length; index++) {
		const code = numbers[index] ?? 0;
		if (code === 0) look = { ...PLAIN };
		else if (code === 1) look.bold = true;
		else if (code === 7) look.inverse = true;
		else if (code >= 30 && code <= 37) look.foreground = code - 30;
		else if (code >= 90 && code <= 97) look.foreground = code - 82;
		else if (code >= 40 && code <= 47) look.background = code - 40;
		else if (code === 39) look.foreground = undefined;
		else if (code === 49) look.background = undefined;
		else if (code === 38 || code === 48) {
			look[code === 38 ? 'foreground' : 'background'] = numbers[index + 2];
			index += 2;
		}
	}
	return look;
}

function runPicture({ text, column, look }: Run, row: number): string[] {
	const x = MARGIN + column * CELL_WIDTH;
	const y = MARGIN + row * CELL_HEIGHT;
	const ink = look.foreground === undefined ? FOREGROUND : (PALETTE[look.foreground] ?? FOREGROUND);
	const paper = look.background === undefined ? BACKGROUND : (PALETTE[look.background] ?? BACKGROUND);
	const [foreground, background] = look.inverse ? [paper, ink] : [ink, paper];
	const width = cellsOf(text) * CELL_WIDTH;
	const pieces: string[] = [];
	if (background !== BACKGROUND) {
		pieces.push(
			`<rect x="${fixed(x)}" y="${y}" width="${fixed(width)}" height="${CELL_HEIGHT}" fill="${background}"/>`,
		);
	}
	// Blocks are drawn as boxes: fonts leave gaps between them.
	let words = '';
	let wordsAt = 0;
	let at = 0;
	const flush = () => {
		if (words.trim() === '') return;
		const left = x + wordsAt * CELL_WIDTH;
		pieces.push(
			`<text x="${fixed(left)}" y="${y + BASELINE}" textLength="${fixed(cellsOf(words) * CELL_WIDTH)}" xml:space="preserve" fill="${foreground}"${look.bold ? ' font-weight="bold"' : ''}>${escaped(words)}</text>`,
		);
	};
	for (const character of text) {
		const block = blockBox(character);
		if (block) {
			flush();
			words = '';
			wordsAt = at + 1;
			pieces.push(
				`<rect x="${fixed(x + at * CELL_WIDTH)}" y="${fixed(y + CELL_HEIGHT * (1 - block.height))}" width="${fixed(CELL_WIDTH * block.width + 0.2)}" height="${fixed(CELL_HEIGHT * block.height)}" fill="${foreground}"${block.opacity === 1 ? '' : ` opacity="${block.opacity}"`}/>`,
			);
		} else {
			words += character;
		}
		at += characterCells(character);
	}
	flush();
	return pieces;
}

/** U+2581 … U+2588 grow from below, U+2589 … U+258F shrink from the right, U+2591 is a shade. */
function blockBox(character: string): { width: number; height: number; opacity: number } | undefined {
	const code = character.codePointAt(0) ?? 0;
	if (code >= 0x2581 && code <= 0x2588) return { width: 1, height: (code - 0x2580) / 8, opacity: 1 };
	if (code >= 0x2589 && code <= 0x258f) return { width: (0x2590 - code) / 8, height: 1, opacity: 1 };
	return code === 0x2591 ? { width: 1, height: 1, opacity: 0.25 } : undefined;
}

function fixed(value: number): string {
	return String(Math.round(value * 10) / 10);
}

function escaped(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
