import { COMPARISON_RULES, comparisonFigures } from '../comparison.ts';
import { withLab } from '../lab.ts';
import type { Scenario } from '../scenario.ts';
import { HANG_MS } from '../until.ts';
import { allWays, describeWay, movedBytes } from '../ways.ts';

const STATIONS = 4;
/** Payload of all flows together; layer 3 adds its headers, so that more than the 200 MB pass. */
const PAYLOAD_BYTES = 205_000_000;
const PAYLOAD_SHORT_BYTES = 42_000_000;
const FLOW_TIMEOUT_MS = HANG_MS;
/** Below what four stations together overflow on two cores: a datagram that is lost is no error, but it is not moved either. */
const UDP_BITS_PER_SECOND = 100_000_000;

/** Every way at once and one after the other; ledger and witness must agree to the byte. */
export const exact: Scenario = {
	name: 'exact',
	title: 'charged − counted = 0 for each station and direction: TCP, UDP, IPv4, IPv6, through NAT',
	figures: {
		...COMPARISON_RULES,
		moved_bytes: { title: 'layer-3 bytes that the witness saw', bound: { atLeast: 40_000_000 } },
		moved_long_bytes: { title: 'the same, in the long form', bound: { atLeast: 200_000_000 }, longOnly: true },
		tcp_incomplete: { title: 'TCP flows that did not arrive whole', bound: { equals: 0 } },
	},
	async run({ isShort, progress }) {
		return await withLab({ stations: STATIONS }, async (lab) => {
			const agent = await lab.startAgent();
			for (const { name, mac } of lab.stations) await agent.admit(name, 'large', [mac]);
			for (const { mac } of lab.stations) await agent.reaches(mac, 'active');
			const ways = allWays();
			const bytes = Math.ceil((isShort ? PAYLOAD_SHORT_BYTES : PAYLOAD_BYTES) / (ways.length * STATIONS));
			let tcp_incomplete = 0;
			for (let turn = 0; turn < ways.length; turn++) {
				// Each station goes another way at the same time, so that directions and families mix on the links.
				const flows = await Promise.all(
					lab.stations.map((station, index) => {
						const way = ways[(turn + index) % ways.length] as (typeof ways)[number];
						const bitsPerSecond = way.protocol === 'udp' ? UDP_BITS_PER_SECOND : undefined;
						return lab.flow(station, { ...way, bytes, bitsPerSecond });
					}),
				);
				const ends = await Promise.all(flows.map((flow) => flow.ended(FLOW_TIMEOUT_MS)));
				tcp_incomplete += ends.filter(
					(end, index) => flows[index]?.order.protocol === 'tcp' && end.receivedBytes !== bytes,
				).length;
				progress(
					`${describeWay(ways[turn] as (typeof ways)[number])} and others: ${ends.map((end) => end.receivedBytes).join(' ')}`,
				);
			}
			const figures = await comparisonFigures(lab, agent, progress);
			const moved_bytes = movedBytes(await lab.witness.read());
			await agent.verifyLedger();
			return { ...figures, moved_bytes, tcp_incomplete, ...(isShort ? {} : { moved_long_bytes: moved_bytes }) };
		});
	},
};
