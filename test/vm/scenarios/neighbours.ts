import { setTimeout as delay } from 'node:timers/promises';
import { describeNeighbourLimits, NEIGHBOURS_FIX } from '../../../agent/dataplane/neighbour-limits.ts';
import { Attacker, arrive, becomeNew } from '../../lab/crowd/crowd.ts';
import { type Lab, withLab } from '../../lab/lab.ts';
import { runProgram } from '../../lab/namespace/program.ts';
import type { Station } from '../../lab/station.ts';
import type { VmScenario } from '../vm-scenario.ts';

const PER_SECOND = 2500;
/** More than the kernel's usual table holds. */
const STATIONS = 3000;
/** What fills that: 1,024 entries, each kept for five seconds at least. */
const FILLS_PER_SECOND = 205;
const MEASURED_MS = 5000;
const TRIES = 5;

/** The tables of neighbours are one for the whole machine, so a flood of them is tried on one of our own. */
export const neighbours: VmScenario = {
	name: 'neighbours',
	title:
		'a flood of made-up stations keeps newcomers out of a kernel as it comes, and not of one that the doctor likes',
	radios: 0,
	figures: {
		flood_per_second: { title: 'made-up stations a second', bound: { atLeast: FILLS_PER_SECOND } },
		doctor_at_first: { title: '1: the doctor likes the tables of neighbours as they come', bound: { equals: 0 } },
		kept_out_at_first: { title: '1: then a newcomer with a good code is kept out', bound: { equals: 1 } },
		doctor: { title: '1: the doctor likes them after its fix', bound: { equals: 1 } },
		kept_out: { title: '1: then a newcomer with a good code is kept out', bound: { equals: 0 } },
		pages_failed: { title: 'of his pages, those that did not come', bound: { equals: 0 } },
	},
	async run({ progress }) {
		return await withLab({ stations: 2 }, async (lab) => {
			const [attacker, newcomer] = lab.stations as [Station, Station];
			const agent = await lab.startAgent();
			const batch = { batch: 'crowd', plan: 'ten-mb', count: 2 };
			const { codes } = await agent.ask<{ codes: { code: string }[] }>('voucher.create', batch);
			const doctor_at_first = isLiked() ? 1 : 0;
			const order = { crowd: 'frames', what: 'neighbours', perSecond: PER_SECOND, stations: STATIONS } as const;
			const crowd = await Attacker.start(attacker, order);
			try {
				const flood_per_second = await floodPerSecond(lab);
				progress(`${flood_per_second} made-up stations a second`);
				const before = await visit(newcomer, { number: 0, code: codes[0]?.code as string, pages: 0, tries: 1 });
				progress(`with the tables as they come: ${JSON.stringify(before)}`);
				const lines = NEIGHBOURS_FIX.match(/net\.\S+=\d+/g) ?? [];
				await runProgram('sysctl', ['-q', '-w', ...lines]);
				const after = await visit(newcomer, { number: 1, code: codes[1]?.code as string, pages: 5, tries: TRIES });
				progress(`with larger ones: ${JSON.stringify(after)}`);
				return {
					flood_per_second,
					doctor_at_first,
					kept_out_at_first: before.isIn ? 0 : 1,
					doctor: isLiked() ? 1 : 0,
					kept_out: after.isIn ? 0 : 1,
					pages_failed: after.pagesFailed,
				};
			} finally {
				crowd.stop();
			}
		});
	},
};

function isLiked(): boolean {
	try {
		describeNeighbourLimits();
		return true;
	} catch {
		return false; // that it does not like them is the figure
	}
}

type Visit = { number: number; code: string; pages: number; tries: number };

/** Without an address nobody gets in either. */
async function visit(newcomer: Station, { number, code, pages, tries }: Visit) {
	try {
		await becomeNew(newcomer, number);
	} catch (error) {
		return { isIn: false, pagesFailed: pages, why: (error as Error).message.slice(0, 100) };
	}
	return await arrive(newcomer, { page: '/redeem', code, pages, tries });
}

async function floodPerSecond({ router }: Lab): Promise<number> {
	const packets = async () => {
		const [row] = await router.ipJson<{ stats64: { rx: { packets: number } } }[]>('-s', 'link', 'show', 'lan1');
		return row?.stats64.rx.packets ?? Number.NaN;
	};
	const [began, before] = [performance.now(), await packets()];
	await delay(MEASURED_MS);
	return Math.round(((await packets()) - before) / ((performance.now() - began) / 1000));
}
