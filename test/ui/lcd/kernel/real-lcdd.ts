import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** Debian's and OpenWrt's packages; where the drivers lie differs by architecture. */
export const LCDD = '/usr/sbin/LCDd';

export function driverFolder(): string {
	const triple = execFileSync('sh', ['-c', 'ls -d /usr/lib/*/lcdproc /usr/lib/lcdproc 2>/dev/null | head -1']);
	return triple.toString().trim();
}

export function hasLcdd(): boolean {
	return existsSync(LCDD) && driverFolder() !== '';
}

/** A configuration for a display that is drawn as text; `driver` is `text` or `curses`. */
export function writeLcddConfig(
	path: string,
	{ driver, size, port }: { driver: string; size: string; port: number },
): void {
	const lines = [
		'[server]',
		`DriverPath=${driverFolder()}/`,
		`Driver=${driver}`,
		'Bind=127.0.0.1',
		`Port=${port}`,
		'Foreground=yes',
		'ReportToSyslog=no',
		'ReportLevel=1',
		'ServerScreen=no',
		'NextScreenKey=Right',
		'PrevScreenKey=Left',
		`[${driver}]`,
		`Size=${size}`,
		...(driver === 'curses' ? ['UseACS=no', 'DrawBorder=no', 'TopLeftX=1', 'TopLeftY=1'] : []),
	];
	writeFileSync(path, `${lines.join('\n')}\n`);
}

/** LCDd with its text driver: what it shows, as rows of text, whenever it changes. */
export class RealLcdd {
	readonly #config: string;
	readonly #rows: number;
	#process: ChildProcess | undefined;
	#text = '';
	#frame: readonly string[] = [];
	#waiting: { check: (frame: string) => boolean; resolve: (frame: string) => void }[] = [];

	constructor({ config, rows }: { config: string; rows: number }) {
		this.#config = config;
		this.#rows = rows;
	}

	start(): void {
		// Into a pipe its text driver would write only when 4 KiB have come together.
		this.#process = spawn('stdbuf', ['-oL', LCDD, '-c', this.#config, '-f'], { stdio: ['ignore', 'pipe', 'ignore'] });
		(this.#process.stdout as Readable).setEncoding('latin1').on('data', (text: string) => this.#read(text));
	}

	signal(name: NodeJS.Signals): void {
		this.#process?.kill(name);
	}

	async stop(): Promise<void> {
		const gone = new Promise((resolve) => this.#process?.once('exit', resolve));
		this.#process?.kill('SIGKILL');
		await gone;
	}

	/** The next frame that has this in it, from now on. */
	shows(wanted: RegExp): Promise<string> {
		return new Promise((resolve) => this.#waiting.push({ check: (frame) => wanted.test(frame), resolve }));
	}

	#read(text: string): void {
		const lines = (this.#text + text).split('\n');
		this.#text = lines.pop() as string;
		for (const line of lines) {
			this.#frame = line.startsWith('+') ? [] : [...this.#frame, line];
			if (this.#frame.length === this.#rows) {
				const frame = this.#frame.join('\n');
				this.#waiting = this.#waiting.filter(({ check, resolve }) => {
					const isShown = check(frame);
					if (isShown) {
						resolve(frame);
					}
					return !isShown;
				});
			}
		}
	}
}
