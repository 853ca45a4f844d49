import { COMPARISON_RULES, comparisonFigures } from '../comparison.ts';
import { dryOrEnded } from '../dry-or-ended.ts';
import { withLab } from '../lab.ts';
import type { Scenario } from '../scenario.ts';
import { movedBytes } from '../ways.ts';

const PACKAGE_BYTES = 10 << 20;
const TOP_UPS = 10;
/** With headers and acknowledgements more than ten packages and less than eleven: it runs dry ten times. */
const DOWNLOAD_BYTES = 99 << 20;

/** One download outlives ten top-ups. */
export const topUp: Scenario = {
	name: 'topup',
	title: 'a running download is topped up 10 times while it is dry: the same TCP connection finishes',
	figures: {
		...COMPARISON_RULES,
		top_ups: { title: 'times that it ran dry and was topped up', bound: { equals: TOP_UPS } },
		received_bytes: { title: 'payload of the one connection, every byte checked', bound: { equals: DOWNLOAD_BYTES } },
		connection_errors: { title: 'errors of the one connection', bound: { equals: 0 } },
		delivered_above_paid_bytes: { title: 'delivered − paid, the largest at any stall', bound: { atMost: 0 } },
		unspent_at_stall_bytes: {
			title: 'paid − delivered at a stall, the largest: credit that could not be used',
			bound: { atMost: 15_000 },
		},
	},
	async run({ progress }) {
		return await withLab({ stations: 1 }, async (lab) => {
			const agent = await lab.startAgent();
			const station = lab.station(1);
			await agent.admit('telephone', 'ten-mb', [station.mac]);
			await agent.reaches(station.mac, 'active');
			let top_ups = 0;
			let delivered_above_paid_bytes = Number.NEGATIVE_INFINITY;
			let unspent_at_stall_bytes = Number.NEGATIVE_INFINITY;
			const flow = await lab.flow(station, { protocol: 'tcp', direction: 'down', bytes: DOWNLOAD_BYTES });
			let end = await dryOrEnded(flow, agent);
			while (end.client?.state === 'open' && top_ups <= TOP_UPS) {
				const unspent = PACKAGE_BYTES * (top_ups + 1) - movedBytes(await lab.witness.read());
				delivered_above_paid_bytes = Math.max(delivered_above_paid_bytes, -unspent);
				unspent_at_stall_bytes = Math.max(unspent_at_stall_bytes, unspent);
				top_ups++;
				progress(`dry after ${end.receivedBytes} bytes, ${unspent} bytes unspent; top-up ${top_ups}`);
				await agent.topUp('telephone', 'ten-mb', `top-up-${top_ups}`);
				end = await dryOrEnded(flow, agent);
			}
			return {
				...(await comparisonFigures(lab, agent, progress)),
				top_ups,
				received_bytes: end.receivedBytes,
				connection_errors: end.client?.state === 'finished' && end.client.error === undefined ? 0 : 1,
				delivered_above_paid_bytes,
				unspent_at_stall_bytes,
			};
		});
	},
};
