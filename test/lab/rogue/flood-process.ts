import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PROJECT_ROOT } from '../project-root.ts';

const PROGRAM = join(PROJECT_ROOT, 'build/test/lab/rogue/flood.js');

/** A flood in a process of its own, so that whoever measures is not slowed by it. It begins at once. */
export class FloodProcess {
	readonly #child: ChildProcess;
	readonly #output: Promise<string>;

	constructor({ url, name, kind, connections }: { url: string; name: string; kind: string; connections: number }) {
		this.#child = spawn(process.execPath, [PROGRAM, url, name, kind, String(connections)], {
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		if (this.#child.stdout === null) throw new Error('the flood has no output');
		this.#output = text(this.#child.stdout);
	}

	/** @returns how many messages it has sent */
	async stop(): Promise<number> {
		const isGone = this.#child.exitCode !== null || this.#child.signalCode !== null;
		const ended = isGone ? undefined : once(this.#child, 'exit');
		this.#child.stdin?.end();
		await ended;
		const sent = Number(await this.#output);
		if (!Number.isSafeInteger(sent)) throw new Error(`a flood ended with ${JSON.stringify(await this.#output)}`);
		return sent;
	}
}
