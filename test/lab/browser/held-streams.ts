import type { ChildProcess } from 'node:child_process';
import type { Namespace } from '../namespace/namespace.ts';

const PROGRAM = `fetch('http://10.77.0.1:2050/api/events').then(async (answer) => {
	if (!answer.ok) process.exit(1);
	for await (const part of answer.body) process.stdout.write(part);
});`;

/** All streams of figures that a station may have, held by somebody else: the next one is refused. */
export class HeldStreams {
	readonly #children: ChildProcess[] = [];

	/** Resolves when each has had its first figures; throws when one is refused. */
	async hold(space: Namespace, count: number): Promise<void> {
		for (let opened = 0; opened < count; opened++) {
			const child = space.spawn(process.execPath, ['-e', PROGRAM], { stdio: ['ignore', 'pipe', 'ignore'] });
			this.#children.push(child);
			await new Promise<void>((resolve, reject) => {
				child.once('exit', (status) => reject(new Error(`a stream was refused: its reader ended with ${status}`)));
				child.stdout?.on('data', () => resolve());
			});
		}
	}

	stop(): void {
		for (const child of this.#children) child.kill('SIGTERM');
	}
}
