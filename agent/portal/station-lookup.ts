import type { Clock } from '../core/clock.ts';
import type { MacAddress } from '../core/units.ts';
import { NEIGHBOUR_LOOK_INTERVAL_MS, NEIGHBOUR_WAIT_MS } from './limits.ts';

/**
 * Whose an address is, by the kernel's neighbour table: the answer of this very connection goes to that hardware address. The
 * kernel knows it before the first request can arrive; we may hear of it a moment later.
 */
export async function stationAt(
	address: string,
	{ find, clock }: { find: (address: string) => MacAddress | undefined; clock: Clock },
): Promise<MacAddress | undefined> {
	const untilMs = clock.bootMs() + NEIGHBOUR_WAIT_MS;
	for (let found = find(address); ; found = find(address)) {
		if (found !== undefined || clock.bootMs() >= untilMs) return found;
		await new Promise<void>((resolve) => clock.after(NEIGHBOUR_LOOK_INTERVAL_MS, resolve));
	}
}
