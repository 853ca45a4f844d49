import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Namespace } from '../namespace/namespace.ts';
import { median } from '../packet-cost.ts';

/** A reader in a process of its own, as a display is: it prints the size of each line that it gets. */
const PROGRAM = `
	const socket = require('node:net').connect(process.argv[1]);
	socket.write('{"id":1,"command":"watch"}\\n');
	let bytes = 0;
	socket.on('data', (chunk) => {
		let start = 0;
		for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
			console.log(bytes + end + 1 - start);
			bytes = 0;
			start = end + 1;
		}
		bytes += chunk.length - start;
	});
	socket.on('close', () => process.exit());
`;

/** The greeting and the answer to `watch` come before the snapshot. */
const LINES_BEFORE = 2;

export type StreamReader = {
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
		async sizes() {
			const [snapshotBytes = 0, ...deltas] = sizes.slice(LINES_BEFORE);
			return { snapshotBytes, deltaBytes: median(deltas), smallestBytes: Math.min(...deltas) };
		},
		stop: () => void child.kill('SIGKILL'),
	};
}
