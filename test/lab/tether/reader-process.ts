import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Namespace } from '../namespace/namespace.ts';
import { HANG_MS, until } from '../until.ts';
import type { Measured, ReaderOrder, StandingAnswer, Verdict } from './reader.ts';

const PROGRAM = fileURLToPath(new URL('./reader.js', import.meta.url));
const TIMEOUT_MS = HANG_MS;

/** The lab's handle for the sensor and classifier on the router. */
export class ReaderProcess {
	readonly #child: ChildProcess;
	/** By station, then by flow: `own` or `tethered`. */
	readonly #verdicts = new Map<string, Map<string, string>>();
	readonly #standings = new Map<string, StandingAnswer>();
	#isReady = false;
	#measured: Measured | undefined;

	constructor(namespace: Namespace, device: string) {
		this.#child = namespace.spawn(process.execPath, [PROGRAM, device], { stdio: ['pipe', 'pipe', 'inherit'] });
		const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
		lines.on('line', (line) => this.#take(line));
	}

	async ready(): Promise<void> {
		await until('the reader', TIMEOUT_MS, () => this.#isReady);
	}

	async forget(mac: string): Promise<void> {
		this.#verdicts.delete(mac);
		this.#order({ kind: 'forget', mac });
		await until(`${mac} to be forgotten`, TIMEOUT_MS, () => this.verdicts(mac).has('forgotten'));
	}

	/** What was said of each flow since {@link forget}. */
	verdicts(mac: string): ReadonlyMap<string, string> {
		return this.#verdicts.get(mac) ?? new Map();
	}

	async standing(mac: string): Promise<StandingAnswer> {
		// One that was asked before is of the case before.
		this.#standings.delete(mac);
		this.#order({ kind: 'standing', mac });
		await until(`the standing of ${mac}`, TIMEOUT_MS, () => this.#standings.has(mac));
		return this.#standings.get(mac) as StandingAnswer;
	}

	/** Classifies what it has seen once more, many times. */
	async measure(rounds: number): Promise<Measured> {
		this.#order({ kind: 'measure', rounds });
		await until('the measurement', TIMEOUT_MS, () => this.#measured !== undefined);
		return this.#measured as Measured;
	}

	stop(): void {
		this.#child.kill('SIGKILL');
	}

	#order(order: ReaderOrder): void {
		this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
	}

	#take(line: string): void {
		if (line === '') {
			this.#isReady = true;
			return;
		}
		const answer = JSON.parse(line) as Verdict | StandingAnswer | Measured;
		if ('of' in answer) this.#standings.set(answer.of, answer);
		else if ('packets' in answer) this.#measured = answer;
		else {
			const verdicts = this.#verdicts.get(answer.mac) ?? new Map<string, string>();
			this.#verdicts.set(answer.mac, verdicts.set(answer.flow, answer.as));
		}
	}
}
