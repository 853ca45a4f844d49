import blessed, { type Widgets } from 'blessed';
import { characterCells } from '../../agent/text/cells.ts';
import type { Line } from './line.ts';
import type { Terminal, TerminalFacts } from './terminal.ts';
import { TerminalInput } from './terminal-input.ts';
import type { Look, Theme } from './theme.ts';
import type { Size } from './view-input.ts';

/** A cell of blessed's screen: attributes (flags, foreground and background, 9 bits each) and a character. */
type Cell = [attributes: number, character: string];
type CellLine = Cell[] & { dirty: boolean };
/** What blessed has and its types do not: the cells to draw and the cells on the terminal. */
type CellScreen = Widgets.Screen & {
	lines: CellLine[];
	olines: Cell[][];
	tput: { brokenACS: boolean; colors: number };
	draw(start: number, end: number): void;
};

const DEFAULT_COLOUR = 0x1ff;
const BOLD = 1;
const INVERSE = 8;

/** A terminal that can place its cursor. Blessed finds what has changed and how to say it; what is on the screen is ours. */
export class BlessedTerminal implements Terminal {
	readonly #facts: TerminalFacts;
	readonly #theme: Theme;
	readonly #isUnicode: boolean;
	#hasBrightColours = false;
	#screen: CellScreen | undefined;
	#input: TerminalInput | undefined;

	constructor(facts: TerminalFacts, { theme, isUnicode }: { theme: Theme; isUnicode: boolean }) {
		this.#facts = facts;
		this.#isUnicode = isUnicode;
		this.#theme = theme;
	}

	start(events: Parameters<Terminal['start']>[0]): void {
		const { output, name } = this.#facts;
		this.#input = new TerminalInput(this.#facts.input);
		const screen = blessed.screen({
			input: this.#input,
			output,
			terminal: name,
			forceUnicode: this.#isUnicode,
			fullUnicode: false,
			fastCSR: false,
			smartCSR: false,
			// A burst of events while a window's edge is pulled becomes one.
			resizeTimeout: 100,
			title: 'octroi top',
			warnings: false,
		} as Widgets.IScreenOptions) as CellScreen;
		this.#screen = screen;
		// It would send `·` and `░` as letters of the alternate character set, which UTF-8 terminals need not have.
		screen.tput.brokenACS = true;
		// Where its description is not installed, blessed takes a terminal for one of eight colours, and grey for black.
		if (name.includes('256color')) screen.tput.colors = 256;
		this.#hasBrightColours = screen.tput.colors >= 16;
		screen.program.hideCursor();
		screen.on('keypress', (character: string | undefined, key: Widgets.Events.IKeyEventArg) => {
			const name = keyName(character, key);
			if (name !== undefined) events.onKey(name);
		});
		screen.on('mouse', ({ action, x, y }: { action: string; x: number; y: number }) => {
			if (action === 'wheelup' || action === 'wheeldown') events.onKey(action);
			else if (action === 'mousedown') events.onClick(x, y);
		});
		screen.enableMouse();
		screen.on('resize', () => events.onResize());
	}

	stop(): void {
		const screen = this.#screen;
		this.#screen = undefined;
		screen?.destroy();
		this.#input?.stop();
	}

	get size(): Size {
		const { columns = 80, rows = 24 } = this.#facts.output;
		return { columns, rows };
	}

	draw(lines: readonly Line[]): void {
		const screen = this.#screen;
		if (!screen) return;
		const count = Math.min(lines.length, screen.lines.length);
		for (let row = 0; row < count; row++) this.#place(screen, row, lines[row] as Line);
		screen.draw(0, count - 1);
		screen.program.flush();
	}

	/** On a terminal of eight colours a bright one is left out: black on black cannot be read. */
	#attributesOf({ foreground = DEFAULT_COLOUR, bold, inverse }: Look): number {
		const colour = foreground >= 8 && !this.#hasBrightColours ? DEFAULT_COLOUR : foreground;
		return (((bold ? BOLD : 0) | (inverse ? INVERSE : 0)) << 18) | (colour << 9) | DEFAULT_COLOUR;
	}

	#place(screen: CellScreen, row: number, line: Line): void {
		const cells = screen.lines[row];
		const shown = screen.olines[row];
		if (!cells || !shown) return;
		let column = 0;
		let hasWide = false;
		const put = (attributes: number, character: string) => {
			const cell = cells[column];
			if (cell && (cell[0] !== attributes || cell[1] !== character)) {
				cell[0] = attributes;
				cell[1] = character;
				cells.dirty = true;
			}
			column += 1;
		};
		for (const { text, style } of line) {
			const attributes = this.#attributesOf(this.#theme[style]);
			for (const character of text) {
				put(attributes, character);
				if (characterCells(character) === 1) continue;
				hasWide = true;
				// The second half of a wide character is on the terminal already.
				put(attributes, '');
			}
		}
		// Blessed counts one column a cell when it skips what has not changed: a line with wide characters is sent whole,
		// and so is the one that replaces it.
		if (cells.dirty && (hasWide || shown.some(([, character]) => character === ''))) {
			for (const cell of shown) cell[1] = '\u0000';
		}
	}
}

/** Blessed tells some keys twice, as `enter` and `return`. */
function keyName(character: string | undefined, key: Widgets.Events.IKeyEventArg): string | undefined {
	if (key?.ctrl && key.name === 'c') return 'C-c';
	if (key?.name === 'return') return undefined;
	// What was typed before the terminal was ours comes as a line feed.
	if (key?.name === 'linefeed') return 'enter';
	if (character !== undefined && /^[^\p{C}]$/u.test(character)) return character;
	return key?.name;
}
