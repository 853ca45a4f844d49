import { type Line, lineText } from './line.ts';
import type { Terminal, TerminalFacts } from './terminal.ts';
import type { Size } from './view-input.ts';

/** A page that nobody may turn back to is written no more often than this. */
export const PAGE_INTERVAL_MS = 5000;

/** A terminal that cannot place its cursor (TERM=dumb), or a file: one page after the other. */
export class PaperTerminal implements Terminal {
	readonly #facts: TerminalFacts;
	readonly #bootMs: () => number;
	#events: Parameters<Terminal['start']>[0] | undefined;
	#pagedAtMs = Number.NEGATIVE_INFINITY;
	readonly #onData = (data: Buffer | string) => {
		// A key makes a page at once.
		this.#pagedAtMs = Number.NEGATIVE_INFINITY;
		for (const character of String(data)) this.#events?.onKey(KEY_NAMES[character] ?? character);
	};

	constructor(facts: TerminalFacts, bootMs: () => number) {
		this.#facts = facts;
		this.#bootMs = bootMs;
	}

	start(events: Parameters<Terminal['start']>[0]): void {
		const { input } = this.#facts;
		this.#events = events;
		if (!input.isTTY) return;
		input.setRawMode(true);
		input.on('data', this.#onData);
	}

	stop(): void {
		const { input } = this.#facts;
		if (this.#events && input.isTTY) {
			input.off('data', this.#onData);
			input.setRawMode(false);
			input.pause();
		}
		this.#events = undefined;
	}

	get size(): Size {
		const { columns, rows } = this.#facts.output;
		// A serial console often does not know its size.
		return { columns: columns || 80, rows: rows || 24 };
	}

	draw(lines: readonly Line[]): void {
		const now = this.#bootMs();
		if (now - this.#pagedAtMs < PAGE_INTERVAL_MS) return;
		this.#pagedAtMs = now;
		const text = lines.map((line) => `${lineText(line).trimEnd()}\r\n`).join('');
		this.#facts.output.write(`\r\n${text}`);
	}
}

const KEY_NAMES: Record<string, string> = {
	'\u0003': 'C-c',
	'\u001b': 'escape',
	'\r': 'enter',
	'\n': 'enter',
	'\t': 'tab',
	'\u007f': 'backspace',
};
