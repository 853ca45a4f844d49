import { setTimeout as delay } from 'node:timers/promises';
import { OctroiError } from '../../agent/core/octroi-error.ts';

const POLL_INTERVAL_MS = 20;

/** Asks again and again until `isTrue`; throws `lab_figure_missed`, naming what did not come, after `timeoutMs`. */
export async function until(
	what: string,
	timeoutMs: number,
	isTrue: () => Promise<boolean> | boolean,
	intervalMs = POLL_INTERVAL_MS,
): Promise<void> {
	const end = performance.now() + timeoutMs;
	while (!(await isTrue())) {
		if (performance.now() > end)
			throw new OctroiError('lab_figure_missed', `waited ${timeoutMs} ms in vain for: ${what}`);
		await delay(intervalMs);
	}
}
