import { setTimeout as delay } from 'node:timers/promises';
import { OctroiError } from '../../agent/core/octroi-error.ts';

const POLL_INTERVAL_MS = 20;

/** How many times slower than others this machine is: an emulated processor sets it for all processes of its lab. */
const SLOWNESS = Number(process.env.OCTROI_LAB_SLOWNESS ?? 1);

/** Only what hangs takes so long. Nothing here waits for less: a shorter bound would say how fast and how busy the machine is. */
export const HANG_MS = 180_000 * SLOWNESS;

/**
 * Asks again and again until `isTrue`; throws `lab_figure_missed`, naming what did not come, after `timeoutMs`. A bound below
 * {@link HANG_MS} is raised to it.
 */
export async function until(
	what: string,
	timeoutMs: number,
	isTrue: () => Promise<boolean> | boolean,
	intervalMs = POLL_INTERVAL_MS,
): Promise<void> {
	const boundMs = Math.max(timeoutMs, HANG_MS);
	const end = performance.now() + boundMs;
	while (!(await isTrue())) {
		if (performance.now() > end)
			throw new OctroiError('lab_figure_missed', `waited ${boundMs} ms in vain for: ${what}`);
		await delay(intervalMs);
	}
}
