import type { Part } from '../core/part.ts';
import { NeighbourWatch } from '../dataplane/neighbour-watch.ts';
import { LeaseWatch } from '../session/lease-watch.ts';
import type { Books } from './books.ts';
import type { AgentGiven } from './given.ts';
import type { Metering } from './metering.ts';

/** Who is on the network: leases, neighbours, and what is heard. */
export function networkParts(
	{ config, log }: AgentGiven,
	{ warnings }: Books,
	{ stations, dataPlane, lanMonitor }: Metering,
): readonly Part[] {
	const { gate } = dataPlane;
	const leases = new LeaseWatch({
		path: config.leases,
		log: log.child({ part: 'leases' }),
		onProblem: (sentence) => warnings.set('leases', sentence),
	});
	const neighbours = new NeighbourWatch({ ...config.devices, log: log.child({ part: 'neighbours' }) });
	return [
		{
			start: async () => {
				await leases.start(async (found) => {
					stations.leased(found);
					await gate.leased(found).catch((error) => log.warn({ error }, 'could not bind addresses to leases'));
				});
				gate.senders.refreshLeases = () => leases.refresh();
			},
			stop: () => leases.stop(),
		},
		{ start: () => neighbours.start((sighting) => stations.seen(sighting)), stop: () => neighbours.stop() },
		{
			start: () => lanMonitor.start({ hasQueue: dataPlane.queueMode('flows') !== 'none' }),
			stop: () => lanMonitor.stop(),
		},
	];
}
