import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import type { Namespace } from './namespace/namespace.ts';
import { LAB_DIRECTORY } from './namespace/private-namespaces.ts';
import { runProgram } from './namespace/program.ts';
import { PROJECT_ROOT } from './project-root.ts';
import { loadRouterFirewall, setRouterFirewall } from './router-firewall.ts';
import { serverAddress } from './topology.ts';

const SENSOR_TAP = join(PROJECT_ROOT, 'build/test/lab/sensor-tap.js');
const PROGRAM = join(LAB_DIRECTORY, 'packet-cost');
/** The lab's other processes rest meanwhile; the sender has this one for itself. */
const SENDER_CPU = 1;

/**
 * The far end throws the packets away at once, before its own witness rules: they are no part of the path that is measured. A
 * flow's first datagram, of one byte, comes through and is answered.
 */
const SINK = `table netdev lab_sink {
	chain ingress {
		type filter hook ingress device "eth0" priority -500; policy accept;
		udp dport 9 udp length > 9 drop
	}
}
`;

/** What stands beside us on the router: nothing but NAT, or the firewall that OpenWrt has. */
export const SURROUNDINGS = ['bare', 'firewall'] as const;
export type Surrounding = (typeof SURROUNDINGS)[number];

export type PacketCost = { plainNs: number; meteredNs: number; addedPercent: number };

/** What a forwarded packet costs on the lab's router, with Octroi and without. */
export class PacketCostBench {
	readonly #lab: Lab;
	#answerer: ChildProcess | undefined;

	constructor(lab: Lab) {
		this.#lab = lab;
	}

	/** Compiles the sender, and prepares the far end and the firewall. */
	async start(): Promise<void> {
		const { internet, router } = this.#lab;
		await runProgram('cc', ['-O2', '-o', PROGRAM, join(PROJECT_ROOT, 'test/lab/packet-cost.c')]);
		await internet.nft(SINK);
		await loadRouterFirewall(router);
		await setRouterFirewall(router, false);
		this.#answerer = internet.spawn(PROGRAM, ['answer', serverAddress(1, 'ipv4')], {
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		await once(this.#answerer.stdout as NodeJS.ReadableStream, 'data');
	}

	stop(): void {
		this.#answerer?.kill();
		this.#answerer = undefined;
	}

	/**
	 * The cost of one packet of station 1 in an established flow, in each surrounding: `rounds` pairs with our table and without,
	 * alternating; medians of both, and of the pairs' differences. The router without Octroi is the same one with its table
	 * dormant: its hooks are taken out, nothing else changes.
	 */
	async measure(options: { rounds: number; milliseconds: number }): Promise<Record<Surrounding, PacketCost>> {
		const { router } = this.#lab;
		const pairs = { bare: [] as Pair[], firewall: [] as Pair[] };
		for (let round = 0; round < options.rounds; round++) {
			for (const surrounding of SURROUNDINGS) {
				await setRouterFirewall(router, surrounding === 'firewall');
				pairs[surrounding].push(await this.#pair(round % 2 === 0, options.milliseconds));
			}
		}
		await wake(router);
		await setRouterFirewall(router, false);
		return { bare: costOf(pairs.bare), firewall: costOf(pairs.firewall) };
	}

	/**
	 * What the agent's sensor adds to an uploaded packet beside the firewall, metered both times: pairs with its tap on the device and
	 * without, alternating; the median of their differences, in nanoseconds.
	 */
	async measureSensor(options: { rounds: number; milliseconds: number; device: string }): Promise<number> {
		const { router } = this.#lab;
		await setRouterFirewall(router, true);
		const differences: number[] = [];
		const withTap = async () => {
			const tap = router.spawn(process.execPath, [SENSOR_TAP, options.device], {
				stdio: ['ignore', 'pipe', 'inherit'],
			});
			try {
				await once(tap.stdout as NodeJS.ReadableStream, 'data');
				return await this.#send(options.milliseconds);
			} finally {
				const gone = once(tap, 'exit');
				tap.kill('SIGKILL');
				await gone;
			}
		};
		for (let round = 0; round < options.rounds; round++) {
			const first = round % 2 === 0 ? await withTap() : await this.#send(options.milliseconds);
			const second = round % 2 === 0 ? await this.#send(options.milliseconds) : await withTap();
			differences.push(round % 2 === 0 ? first - second : second - first);
		}
		await setRouterFirewall(router, false);
		return median(differences);
	}

	/** The cost of one packet as things stand: nanoseconds of the sender's processor time. */
	async packetNs(milliseconds: number): Promise<number> {
		return this.#send(milliseconds);
	}

	async #pair(plainFirst: boolean, milliseconds: number): Promise<Pair> {
		const first = await this.#once(plainFirst, milliseconds);
		const second = await this.#once(!plainFirst, milliseconds);
		return plainFirst ? { plain: first, metered: second } : { plain: second, metered: first };
	}

	async #once(isPlain: boolean, milliseconds: number): Promise<number> {
		await (isPlain ? sleep(this.#lab.router) : wake(this.#lab.router));
		return this.#send(milliseconds);
	}

	async #send(milliseconds: number): Promise<number> {
		const words = [serverAddress(1, 'ipv4'), String(milliseconds), String(SENDER_CPU)];
		return Number(await this.#lab.station(1).namespace.run(PROGRAM, words));
	}
}

type Pair = { plain: number; metered: number };

function costOf(pairs: readonly Pair[]): PacketCost {
	const plainNs = median(pairs.map(({ plain }) => plain));
	const meteredNs = median(pairs.map(({ metered }) => metered));
	const addedNs = median(pairs.map(({ plain, metered }) => metered - plain));
	return { plainNs, meteredNs, addedPercent: (addedNs / plainNs) * 100 };
}

export function median(values: number[]): number {
	const sorted = [...values].sort((left, right) => left - right);
	const middle = sorted.length >> 1;
	const upper = sorted[middle] ?? Number.NaN;
	return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

async function sleep(router: Namespace): Promise<void> {
	await router.nft('add table inet octroi { flags dormant; }\n');
}

async function wake(router: Namespace): Promise<void> {
	await router.nft('add table inet octroi\n');
}
