import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Station } from '../station.ts';
import type { CrowdOrder, NewcomerOrder, NewcomerReport } from './order.ts';

/** Only what hangs takes so long. */
const READY_TIMEOUT_MS = 120_000;

/** Somebody who wants to keep everybody else out, until he is stopped. */
export class Attacker {
	readonly #child: ChildProcess;

	private constructor(child: ChildProcess) {
		this.#child = child;
	}

	/** Resolves when all of it is under way. */
	static async start(station: Station, order: CrowdOrder): Promise<Attacker> {
		const child = station.namespace.spawn(process.execPath, [program('attacker'), JSON.stringify(order)], {
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
		const timer = setTimeout(() => child.kill('SIGKILL'), READY_TIMEOUT_MS);
		const { done } = await lines.next();
		clearTimeout(timer);
		if (done) throw new Error(`an attacker ended: ${order.crowd}`);
		return new Attacker(child);
	}

	stop(): void {
		this.#child.kill('SIGKILL');
	}
}

/** In the station's namespace. */
export async function arrive(station: Station, order: NewcomerOrder): Promise<NewcomerReport> {
	const child = station.namespace.spawn(process.execPath, [program('newcomer'), JSON.stringify(order)], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
	const said = await text(child.stdout as Readable);
	if (said === '') throw new Error(`the newcomer ended with ${await ended}`);
	return JSON.parse(said) as NewcomerReport;
}

/** A telephone that was never here: a new hardware address, and a lease that it asks for now. */
export async function becomeNew(station: Station, number: number): Promise<void> {
	const mac = `02:99:00:00:00:${(number + 1).toString(16).padStart(2, '0')}`;
	await station.namespace.ip([
		'address flush dev eth0 scope global',
		'link set eth0 down',
		`link set eth0 address ${mac}`,
		'link set eth0 up',
	]);
	await station.askForLease();
}

function program(name: 'attacker' | 'newcomer'): string {
	return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}
