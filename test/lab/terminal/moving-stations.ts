import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';
import { LAB_DIRECTORY } from '../namespace/private-namespaces.ts';
import { runProgram } from '../namespace/program.ts';
import { PROJECT_ROOT } from '../project-root.ts';
import { ROUTER_LAN_MAC, serverAddress } from '../topology.ts';

const PROGRAM = join(LAB_DIRECTORY, 'moving-stations');

/**
 * Thousands of stations whose counters really change: each of those that move sends a datagram of another size every second
 * through the router, and gets it back. Their frames come in at station 1's port of the bridge.
 */
export class MovingStations {
	readonly #lab: Lab;
	#answerer: ChildProcess | undefined;
	#sender: ChildProcess | undefined;

	constructor(lab: Lab) {
		this.#lab = lab;
	}

	/** @param count the router knows so many of them as neighbours: nobody would answer for them */
	async start(count: number): Promise<void> {
		const { internet, router } = this.#lab;
		await runProgram('cc', ['-O2', '-o', PROGRAM, join(PROJECT_ROOT, 'test/lab/terminal/moving-stations.c')]);
		await router.ip(
			Array.from(
				{ length: count },
				(_, index) =>
					`neighbour replace 10.77.${64 + (index >> 8)}.${index & 255} lladdr ${movingMac(index)} dev br-lan nud permanent`,
			),
		);
		this.#answerer = internet.spawn(PROGRAM, ['answer', serverAddress(1, 'ipv4')], {
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		await once(this.#answerer.stdout as NodeJS.ReadableStream, 'data');
	}

	/** From now on so many of them move. */
	move(count: number): void {
		this.#sender?.kill('SIGKILL');
		this.#sender = undefined;
		if (count === 0) return;
		const words = ['move', 'eth0', ROUTER_LAN_MAC, serverAddress(1, 'ipv4'), String(count)];
		this.#sender = this.#lab.station(1).namespace.spawn(PROGRAM, words, { stdio: ['ignore', 'ignore', 'inherit'] });
	}

	stop(): void {
		this.move(0);
		this.#answerer?.kill('SIGKILL');
	}
}

export function movingMac(index: number): string {
	const text = index.toString(16).padStart(4, '0');
	return `02:00:5e:20:${text.slice(0, 2)}:${text.slice(2)}`;
}
