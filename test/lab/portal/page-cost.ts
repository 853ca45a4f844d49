import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Lab } from '../lab.ts';
import { median } from '../packet-cost.ts';
import { processorMs } from '../processor-time.ts';

const BARE_PAGE = fileURLToPath(new URL('./bare-page.js', import.meta.url));
export const BARE_PORT = 2051;

/** Serves this page on the router by a bare node:http. */
export async function startBarePage(lab: Lab, page: string): Promise<ChildProcess> {
	const child = lab.router.spawn(process.execPath, [BARE_PAGE, String(BARE_PORT)], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	child.stdin?.end(page);
	await once(child.stdout as NodeJS.ReadableStream, 'data');
	return child;
}

export type PageCost = { portalUs: number; bareUs: number; ratio: number };

/**
 * Processor time of one page, the portal's and the same one from a bare server, in pairs, which comes first by turns: medians, and
 * the median of the pairs' ratios. `burst` asks one of them for `pages` pages at once, and calls back when they are about to be asked
 * for. The first pair is not counted: its servers compile their code.
 */
export async function pageCost(
	{ portalPid, barePid }: { portalPid: number; barePid: number },
	{ rounds, pages }: { rounds: number; pages: number },
	burst: (isBare: boolean, onBegin: () => void) => Promise<void>,
): Promise<PageCost> {
	const pairs: { portal: number; bare: number }[] = [];
	const one = async (isBare: boolean): Promise<number> => {
		const pid = isBare ? barePid : portalPid;
		let before = 0;
		await burst(isBare, () => {
			before = processorMs(pid);
		});
		return ((processorMs(pid) - before) / pages) * 1000;
	};
	for (let round = 0; round <= rounds; round++) {
		const isBareFirst = round % 2 === 1;
		const first = await one(isBareFirst);
		const second = await one(!isBareFirst);
		if (round > 0) pairs.push(isBareFirst ? { bare: first, portal: second } : { portal: first, bare: second });
	}
	return {
		portalUs: Math.round(median(pairs.map(({ portal }) => portal))),
		bareUs: Math.round(median(pairs.map(({ bare }) => bare))),
		ratio: Math.round(median(pairs.map(({ portal, bare }) => portal / bare)) * 100) / 100,
	};
}
