import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import type { RoomAnswer, RoomCommand, RoomReading } from './room-command.ts';

const ROOM = fileURLToPath(new URL('./room.js', import.meta.url));

/** The scenario's handle for an access point that lives in namespaces of its own. */
export class RoomProcess {
	readonly name: string;
	readonly #child: ChildProcess;
	readonly #lines: AsyncIterator<string>;

	private constructor(name: string) {
		this.name = name;
		const { OCTROI_LAB_INSIDE: _, ...environment } = process.env;
		this.#child = spawn(process.execPath, [ROOM], { stdio: ['pipe', 'pipe', 'inherit'], env: environment });
		this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
	}

	/** Resolves when its lab stands. */
	static async start(name: string): Promise<RoomProcess> {
		const room = new RoomProcess(name);
		await room.#answer();
		return room;
	}

	async tell(command: RoomCommand): Promise<RoomReading | undefined> {
		this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
		return await this.#answer();
	}

	async read(): Promise<RoomReading> {
		return (await this.tell({ command: 'read' })) as RoomReading;
	}

	async stop(): Promise<void> {
		if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
		const ended = new Promise((done) => this.#child.once('exit', done));
		this.#child.stdin?.end();
		this.#child.kill('SIGTERM');
		await ended;
	}

	async #answer(): Promise<RoomReading | undefined> {
		const line = await this.#lines.next();
		if (line.done) throw new OctroiError('internal', `the room ${this.name} ended`);
		const answer = JSON.parse(line.value) as RoomAnswer;
		if (answer.ok) return answer.reading;
		throw new OctroiError('internal', `${this.name}: ${answer.problem}`);
	}
}
