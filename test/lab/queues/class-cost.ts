import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AgentHandle } from '../agent-handle.ts';
import type { Lab } from '../lab.ts';
import type { Namespace } from '../namespace/namespace.ts';
import { median, PacketCostBench } from '../packet-cost.ts';
import type { FigureRules } from '../scenario.ts';
import type { Station } from '../station.ts';

const CLASSES = 2000;
const ROUNDS = 24;
const ROUNDS_SHORT = 6;
const ROUND_MS = 250;
const PROGRAM = fileURLToPath(new URL('./many-classes.js', import.meta.url));
const DEVICES = ['br-lan', 'wan'] as const;

const figures: FigureRules = {
	make_classes_ms: {
		title: `${CLASSES} classes with their queues on two devices, until the kernel has them`,
		bound: { atMost: 5000 },
		kind: 'speed',
	},
	adopt_classes_ms: { title: 'the same adopted by the next agent', bound: { atMost: 1000 }, kind: 'speed' },
	class_kib: { title: "kernel memory of a class with its queue, from the system's slabs", bound: { atMost: 16 } },
	no_queue_packet_ns: {
		title: 'whole path of an unshaped packet while nobody is slowed',
		bound: { atLeast: 1 },
		kind: 'speed',
	},
	one_class_added_percent: {
		title: 'added to it when one is slowed, of the path',
		bound: { atMost: 10 },
		kind: 'speed',
	},
	many_classes_added_percent: {
		title: `added when ${CLASSES} are slowed, of the path`,
		bound: { atMost: 10 },
		kind: 'speed',
	},
};

/** What queues cost those who are not slowed, and the kernel. */
async function measure(
	lab: Lab,
	agent: AgentHandle,
	{ isShort, progress }: { isShort: boolean; progress: (line: string) => void },
): Promise<Record<string, number>> {
	const station = lab.station(1) as Station;
	await agent.admit(station.name, 'huge', [station.mac]);
	await agent.kill('SIGSTOP');
	const bench = new PacketCostBench(lab);
	try {
		await bench.start();
		const before = slabKib();
		const { makeMs, adoptMs } = await makeClasses(lab.router, CLASSES, DEVICES);
		const classKib = (slabKib() - before) / (2 * CLASSES);
		progress(
			`${CLASSES} classes on two devices: made in ${Math.round(makeMs)} ms, adopted in ${Math.round(adoptMs)} ms, ${classKib.toFixed(1)} KiB each`,
		);
		const costs: Record<'none' | 'one' | 'many', number>[] = [];
		for (let round = 0; round < (isShort ? ROUNDS_SHORT : ROUNDS); round++) {
			const cost = { none: 0, one: 0, many: 0 };
			const order = ['none', 'one', 'many'] as const;
			for (const mode of round % 2 === 0 ? order : order.toReversed()) {
				await removeAll(lab);
				if (mode !== 'none') await makeClasses(lab.router, mode === 'one' ? 1 : CLASSES, DEVICES);
				cost[mode] = await bench.packetNs(ROUND_MS);
			}
			costs.push(cost);
		}
		await removeAll(lab);
		const none = median(costs.map((cost) => cost.none));
		const added = (mode: 'one' | 'many') => (median(costs.map((cost) => cost[mode] - cost.none)) / none) * 100;
		return {
			make_classes_ms: makeMs,
			adopt_classes_ms: adoptMs,
			class_kib: classKib,
			no_queue_packet_ns: none,
			one_class_added_percent: added('one'),
			many_classes_added_percent: added('many'),
		};
	} finally {
		bench.stop();
		await agent.kill('SIGCONT');
	}
}

/** Classes for so many pools, made by the shaper in a namespace and left there. */
export async function makeClasses(
	space: Namespace,
	count: number,
	devices: readonly [down: string, up: string],
): Promise<{ makeMs: number; adoptMs: number }> {
	return JSON.parse(await space.run(process.execPath, [PROGRAM, String(count), ...devices]));
}

async function removeAll(lab: Lab): Promise<void> {
	for (const device of DEVICES)
		await lab.router.run('sh', ['-c', `tc qdisc del dev ${device} root 2>/dev/null || true`]);
}

/** Of the whole machine: others' use is in it, and is small beside thousands of classes. */
function slabKib(): number {
	return Number(/^Slab:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]);
}

export const classCost = { figures, measure };
