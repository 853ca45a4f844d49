import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import type { Namespace } from '../namespace/namespace.ts';
import type { EndpointOrder } from './endpoint-command.ts';
import type { FlowReport } from './flow-request.ts';

const PROGRAM = fileURLToPath(new URL('./endpoint.js', import.meta.url));

/** The lab's handle for one endpoint process in one namespace. */
export class EndpointProcess {
	readonly #child: ChildProcess;
	readonly #waiting = new Map<number, (flows: FlowReport[]) => void>();
	readonly #ready: Promise<FlowReport[]>;
	#lastRequest = 0;

	constructor(namespace: Namespace, endpointArguments: string[]) {
		this.#child = namespace.spawn(process.execPath, [PROGRAM, ...endpointArguments], {
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		this.#ready = new Promise((resolve, reject) => {
			this.#waiting.set(0, resolve);
			this.#child.once('error', reject);
			this.#child.once('exit', (code, signal) =>
				reject(new OctroiError('internal', `endpoint in ${namespace.name} ended (${signal ?? code})`)),
			);
		});
		const output = this.#child.stdout;
		if (output === null) throw new OctroiError('internal', 'endpoint without stdout');
		createInterface({ input: output }).on('line', (line) => this.#answer(line));
	}

	/** Resolves when it listens. */
	async ready(): Promise<void> {
		await this.#ready;
	}

	async order(command: EndpointOrder): Promise<FlowReport[]> {
		const request = ++this.#lastRequest;
		const answer = new Promise<FlowReport[]>((resolve) => this.#waiting.set(request, resolve));
		this.#child.stdin?.write(`${JSON.stringify({ ...command, request })}\n`);
		return await answer;
	}

	async report(id: number): Promise<FlowReport | undefined> {
		return (await this.order({ command: 'report' })).find((flow) => flow.id === id);
	}

	stop(): void {
		this.#child.kill('SIGKILL');
	}

	#answer(line: string): void {
		const { request, flows } = JSON.parse(line) as { request: number; flows?: FlowReport[] };
		this.#waiting.get(request)?.(flows ?? []);
		this.#waiting.delete(request);
	}
}
