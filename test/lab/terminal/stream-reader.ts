import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Namespace } from '../namespace/namespace.ts';
import { median } from '../packet-cost.ts';
import { processorMs } from '../processor-time.ts';

/**
 * A reader in a process of its own, as a display is: it parses each line that it gets, prints the size and forgets it. What it uses
 * is the floor under every display: less than the reading nobody can do.
 */
const PROGRAM = `
	const socket = require('node:net').connect(process.argv[1]);
	socket.write('{"id":1,"command":"watch"}\\n');
	let rest = Buffer.alloc(0);
	socket.on('data', (chunk) => {
		rest = Buffer.concat([rest, chunk]);
		let start = 0;
		for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
			JSON.parse(rest.toString('utf8', start, end));
			console.log(end + 1 - start);
			start = end + 1;
		}
		rest = rest.subarray(start);
	});
	socket.on('close', () => process.exit());
`;

/** The greeting and the answer to `watch` come before the snapshot. */
const LINES_BEFORE = 2;

export type StreamReader = {
	/** Its processor time. Throws when the agent has dropped it, as it does with a reader that does not follow. */
	usedMs(): number;
	/** Of the snapshot, and of the deltas so far: the median, and the smallest. */
	sizes(): Promise<{ snapshotBytes: number; deltaBytes: number; smallestBytes: number }>;
	stop(): void;
};

/** Starts a reader, and waits for its snapshot. */
export async function startReader(space: Namespace, path: string): Promise<StreamReader> {
	const child: ChildProcess = space.spawn(process.execPath, ['--eval', PROGRAM, path], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const sizes: number[] = [];
	const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
	lines.on('line', (line) => sizes.push(Number(line)));
	while (sizes.length <= LINES_BEFORE) await once(lines, 'line');
	return {
		usedMs() {
			if (child.exitCode !== null || child.signalCode !== null)
				throw new Error('the agent has dropped a reader: the machine is too busy to follow');
			return processorMs(child.pid as number);
		},
		async sizes() {
			const [snapshotBytes = 0, ...deltas] = sizes.slice(LINES_BEFORE);
			return { snapshotBytes, deltaBytes: median(deltas), smallestBytes: Math.min(...deltas) };
		},
		stop: () => void child.kill('SIGKILL'),
	};
}
