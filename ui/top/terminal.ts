import type { Line } from './line.ts';
import type { Size } from './view-input.ts';

/** What the dashboard needs of a terminal. */
export type Terminal = {
	/** @param onKey names of keys as in `press.ts`; @param onClick column and row from 0 */
	start(events: { onKey(key: string): void; onClick(column: number, row: number): void; onResize(): void }): void;
	/** Gives the terminal back as it was. May be called twice. */
	stop(): void;
	readonly size: Size;
	draw(lines: readonly Line[]): void;
};

/** What main knows of the terminal; nothing else reads the process. */
export type TerminalFacts = {
	readonly input: NodeJS.ReadStream;
	readonly output: NodeJS.WriteStream;
	/** TERM */
	readonly name: string;
	/** The locale says UTF-8. */
	readonly isUtf8: boolean;
	/** NO_COLOR is set. */
	readonly noColour: boolean;
};

/** Reads the facts from the variables of the one who looks (TERM, LC_ALL, LC_CTYPE, LANG, NO_COLOR; no-color.org). */
export function terminalFacts(
	input: NodeJS.ReadStream,
	output: NodeJS.WriteStream,
	{ TERM = '', LC_ALL, LC_CTYPE, LANG, NO_COLOR = '' }: NodeJS.ProcessEnv,
): TerminalFacts {
	const isUtf8 = /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
	return { input, output, name: TERM, isUtf8, noColour: NO_COLOR !== '' };
}
