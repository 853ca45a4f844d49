import { readFileSync } from 'node:fs';
import type { Namespace } from '../namespace/namespace.ts';
import { LAB_DIRECTORY } from '../namespace/private-namespaces.ts';
import { HANG_MS, until } from '../until.ts';

const SCREEN_TIMEOUT_MS = HANG_MS;

export type TerminalOptions = {
	columns?: number;
	rows?: number;
	/** What the program sees as TERM. */
	term?: string;
	env?: Record<string, string>;
};

let last = 0;

/** A real terminal (tmux) with one program in it: keys go in, the screen comes out. */
export class TmuxTerminal {
	readonly #space: Namespace;
	readonly #socket: string;

	constructor(space: Namespace) {
		this.#space = space;
		last += 1;
		this.#socket = `${LAB_DIRECTORY}/tmux-${last}`;
	}

	async start(program: string, words: readonly string[], options: TerminalOptions = {}): Promise<void> {
		const { columns = 80, rows = 24, term = 'tmux-256color', env = {} } = options;
		const variables = { LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TERM: term, ...env };
		const settings = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
		// -u: UTF-8 whatever the locale of the one who starts the lab.
		await this.#tmux(
			...['-u', '-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', String(rows)],
			...['env', ...settings, program, ...words],
		);
		await this.#tmux('set-option', '-g', 'status', 'off');
		await this.#tmux('set-option', '-g', 'remain-on-exit', 'on');
		await this.resize({ columns, rows });
	}

	/** Names as tmux has them: `Enter`, `Escape`, `Down`, `F1`; other words are typed. */
	async keys(...names: string[]): Promise<void> {
		for (const name of names) await this.#tmux('send-keys', name);
	}

	/** Clicks: the button's press and release as a terminal in SGR mode sends them. @param times at once, so that all of them wait in one read */
	async click(column: number, row: number, times = 1): Promise<void> {
		const at = `0;${column + 1};${row + 1}`;
		await this.#tmux('send-keys', '-l', `\u001b[<${at}M\u001b[<${at}m`.repeat(times));
	}

	async resize({ columns, rows }: { columns: number; rows: number }): Promise<void> {
		await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
	}

	/** The screen as text. */
	async text(): Promise<string> {
		return await this.#tmux('capture-pane', '-p');
	}

	/** The screen with its colours, as escape sequences, to the last column. */
	async ansi(): Promise<string> {
		return await this.#tmux('capture-pane', '-e', '-N', '-p');
	}

	/** Resolves with the screen once it has that text. */
	async shows(wanted: string | RegExp, timeoutMs = SCREEN_TIMEOUT_MS): Promise<string> {
		let text = '';
		const has = () => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text));
		try {
			await until(`the screen to show ${wanted}`, timeoutMs, async () => {
				text = await this.text();
				return has();
			});
		} catch (error) {
			throw new Error(`${error instanceof Error ? error.message : error}; it shows:\n${text}`, { cause: error });
		}
		return text;
	}

	/** The program's process. */
	async pid(): Promise<number> {
		return Number(await this.#tmux('display-message', '-p', '#{pane_pid}'));
	}

	async hasEnded(): Promise<boolean> {
		return (await this.#tmux('display-message', '-p', '#{pane_dead}')).trim() === '1';
	}

	async stop(): Promise<void> {
		await this.#tmux('kill-server').catch(() => ''); // it may have ended by itself
	}

	async #tmux(...words: string[]): Promise<string> {
		return await this.#space.run('tmux', ['-S', this.#socket, ...words]);
	}
}

/** Resident memory of a process, in MiB. */
export function residentMib(pid: number): number {
	const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
	return Math.round(Number(kibibytes) / 102.4) / 10;
}
