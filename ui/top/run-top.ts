import { BlessedTerminal } from './blessed-terminal.ts';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from './glyphs.ts';
import { PaperTerminal } from './paper-terminal.ts';
import type { Terminal, TerminalFacts } from './terminal.ts';
import { COLOUR_THEME, PLAIN_THEME } from './theme.ts';
import { Top, type TopEnding, type TopParts } from './top.ts';

export type RunTopOptions = Omit<TopParts, 'terminal' | 'glyphs'> & {
	readonly facts: TerminalFacts;
	/** Wished for, though the terminal might know more. */
	readonly isAscii: boolean;
	readonly stop: AbortSignal;
};

/** Terminals of the time before colours. */
const COLOURLESS = /^(?:vt[0-9]|dumb|unknown|ansi-m|linux-m)/;
/** They cannot place a cursor, or there is nobody to look. */
const PAPER = /^(?:dumb|unknown|)$/;

/** Runs the dashboard on the terminal until it is quit. Answers how it ended. */
export async function runTop({ facts, isAscii, stop, ...parts }: RunTopOptions): Promise<TopEnding> {
	const glyphs = isAscii || !facts.isUtf8 || COLOURLESS.test(facts.name) ? ASCII_GLYPHS : UNICODE_GLYPHS;
	const theme = facts.noColour || COLOURLESS.test(facts.name) ? PLAIN_THEME : COLOUR_THEME;
	const terminal: Terminal =
		PAPER.test(facts.name) || facts.output.isTTY !== true
			? new PaperTerminal(facts, () => parts.timer.bootMs())
			: new BlessedTerminal(facts, { theme, isUnicode: !glyphs.ascii });
	const top = new Top({ ...parts, terminal, glyphs });
	stop.addEventListener('abort', () => top.stop(), { once: true });
	return await top.run();
}
