import { join } from 'node:path';
import type { Lab } from './lab.ts';
import type { Namespace } from './namespace/namespace.ts';
import { LAB_DIRECTORY } from './namespace/private-namespaces.ts';
import { runProgram } from './namespace/program.ts';
import { PROJECT_ROOT } from './project-root.ts';
import { serverAddress } from './topology.ts';

const PROGRAM = join(LAB_DIRECTORY, 'packet-cost');
/** The lab's other processes rest meanwhile; the sender has this one for itself. */
const SENDER_CPU = 1;

/** The far end throws the packets away at once, before its own witness rules: they are no part of the path that is measured. */
const SINK = `table netdev lab_sink {
	chain ingress {
		type filter hook ingress device "eth0" priority -500; policy accept;
		udp dport 9 drop
	}
}
`;

export type PacketCost = { plainNs: number; meteredNs: number; addedPercent: number };

/** Compiles the sender and prepares the sink. */
export async function preparePacketCost(lab: Lab): Promise<void> {
	await runProgram('cc', ['-O2', '-o', PROGRAM, join(PROJECT_ROOT, 'test/lab/packet-cost.c')]);
	await lab.internet.nft(SINK);
}

/**
 * The cost of one forwarded packet of station 1, with the table and without: `rounds` pairs, alternating, medians of both and of the
 * pairs' differences. The plain router is the same one with Octroi's table dormant: its hooks are taken out, nothing else changes.
 */
export async function measurePacketCost(
	lab: Lab,
	options: { rounds: number; milliseconds: number },
): Promise<PacketCost> {
	const pairs: { plain: number; metered: number }[] = [];
	for (let round = 0; round < options.rounds; round++) {
		const plainFirst = round % 2 === 0;
		const first = await measureOnce(lab, plainFirst, options.milliseconds);
		const second = await measureOnce(lab, !plainFirst, options.milliseconds);
		pairs.push(plainFirst ? { plain: first, metered: second } : { plain: second, metered: first });
	}
	await wake(lab.router);
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

async function measureOnce(lab: Lab, isPlain: boolean, milliseconds: number): Promise<number> {
	await (isPlain ? sleep(lab.router) : wake(lab.router));
	const words = [serverAddress(1, 'ipv4'), String(milliseconds), String(SENDER_CPU)];
	return Number(await lab.station(1).namespace.run(PROGRAM, words));
}

async function sleep(router: Namespace): Promise<void> {
	await router.nft('add table inet octroi { flags dormant; }\n');
}

async function wake(router: Namespace): Promise<void> {
	await router.nft('add table inet octroi\n');
}
