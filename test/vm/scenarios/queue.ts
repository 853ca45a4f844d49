import { setTimeout as delay } from 'node:timers/promises';
import { type AgentHandle, PLANS } from '../../lab/agent-handle.ts';
import { LedgerReader } from '../../lab/ledger-reader.ts';
import { bytesAboveLimit, type LimitReading, readBetween } from '../../lab/speed-limit.ts';
import { TetheredDevice } from '../../lab/tethered-device.ts';
import { HANG_MS } from '../../lab/until.ts';
import { allWays, describeWay } from '../../lab/ways.ts';
import { WirelessLab } from '../guest/wireless-lab.ts';
import type { VmScenario } from '../vm-scenario.ts';

const BYTES = 300_000;
const BYTES_SHORT = 120_000;
const FLOW_TIMEOUT_MS = HANG_MS;
const UDP_BITS_PER_SECOND = 2_000_000;
const LIMIT_BITS_PER_SECOND = 1_000_000;
const MEASURE_MS = 15_000;
const MEASURE_SHORT_MS = 8000;
const SETTLE_MS = 2000;
/** Retransmissions, acknowledgements and frames in the air have arrived after this. */
const QUIET_MS = 1000;

const SLOW = {
	name: 'slow',
	title: 'tethering slowed',
	bytes: 2 ** 30,
	tethered: 'slowed',
	tetheredBitsPerSecond: LIMIT_BITS_PER_SECOND,
};

type StatusAnswer = { flows?: { queue: string; own: number; tethered: number } };

/** The kernel's own `queue`, which others lack: the rest is the scenario `tether` of the lab, over real 802.11. */
export const queue: VmScenario = {
	name: 'queue',
	title: 'a station on real 802.11 with a device behind it: native queue, own and tethered to the byte',
	radios: 2,
	figures: {
		native_queue: { title: '1: the agent uses the queue of the kernel itself', bound: { equals: 1 } },
		own_difference_bytes: { title: 'own: charged − counted, larger of both directions', bound: { equals: 0 } },
		tethered_difference_bytes: {
			title: 'tethered: charged − counted, larger of both directions',
			bound: { equals: 0 },
		},
		own_bytes: {
			title: 'layer-3 bytes of the station itself: its TCP arrives whole, of its datagrams the radio may lose some',
			bound: { atLeast: 4 * BYTES_SHORT },
		},
		tethered_bytes: { title: 'layer-3 bytes of the device behind it, likewise', bound: { atLeast: 4 * BYTES_SHORT } },
		judged_tethered: { title: 'flows that were judged to be tethered', bound: { atLeast: 8 } },
		tethered_rate_ratio: {
			title: 'rate of the tethered part / its limit, on an emulated processor, whose timers are late',
			bound: { atLeast: 0.85, atMost: 1.05 },
			kind: 'speed',
		},
		tethered_above_bytes: {
			title: 'passed of the tethered part − what its limit allows in that time, with a full bucket',
			bound: { atMost: 0 },
		},
		fq_codel_under_htb: { title: '1: what is slowed has a fair queue', bound: { equals: 1 } },
		unpaid_bytes: { title: 'forwarded without payment, by the ledger', bound: { equals: 0 } },
		losses_after_meter: { title: 'packets lost between meter and witness', bound: { equals: 0 } },
		stray_bytes: { title: 'bytes from the LAN that belong to nobody', bound: { equals: 0 } },
	},
	async run({ isShort, progress }) {
		const lab = new WirelessLab();
		try {
			await lab.start();
			await lab.associate();
			await lab.address();
			progress(`the station has ${lab.station.ipv4} and ${lab.station.ipv6}`);
			const device = await new TetheredDevice(lab.station, lab.silent).start();
			const agent = await lab.startAgent({ tethered: { detect: true }, plans: [...PLANS, SLOW] });
			await agent.admit('guest', 'large', [lab.station.mac]);
			await agent.reaches(lab.station.mac, 'active');
			for (const way of allWays()) {
				const order = {
					...way,
					bytes: isShort ? BYTES_SHORT : BYTES,
					bitsPerSecond: way.protocol === 'udp' ? UDP_BITS_PER_SECOND : undefined,
				};
				const flows = await Promise.all([lab.station, device].map((client) => lab.flow(order, client)));
				const ends = await Promise.all(flows.map((flow) => flow.ended(FLOW_TIMEOUT_MS)));
				progress(`${describeWay(way)}: own and tethered ${ends.map(({ receivedBytes }) => receivedBytes).join(' ')}`);
			}
			const held = await heldRate(lab, agent, device, isShort ? MEASURE_SHORT_MS : MEASURE_MS);
			const { flows } = await agent.ask<StatusAnswer>('status');
			progress(`new flows: ${JSON.stringify(flows)}`);
			return {
				native_queue: flows?.queue === 'native' ? 1 : 0,
				judged_tethered: flows?.tethered ?? 0,
				...held,
				...(await compare(lab, agent, device, progress)),
			};
		} finally {
			lab.stop();
		}
	},
};

/** Under a plan that slows what is behind the station. */
async function heldRate(
	lab: WirelessLab,
	agent: AgentHandle,
	device: TetheredDevice,
	milliseconds: number,
): Promise<Record<string, number>> {
	const { mac } = lab.station;
	await agent.ask('station.detach', { mac });
	await agent.admit('slowed', SLOW.name, [mac]);
	const flow = await lab.flow({ protocol: 'udp', direction: 'down', bitsPerSecond: 3 * LIMIT_BITS_PER_SECOND }, device);
	await delay(SETTLE_MS);
	const first = await readBetween(() => device.downBytes());
	await delay(milliseconds);
	const last = await readBetween(() => device.downBytes());
	const queues = await lab.router.run('tc', ['qdisc', 'show']);
	await flow.stop();
	const atMs = ({ beganMs, endedMs }: LimitReading) => (beganMs + endedMs) / 2;
	const rate = ((last.bytes - first.bytes) * 8000) / (atMs(last) - atMs(first));
	return {
		tethered_above_bytes: bytesAboveLimit(first, last, LIMIT_BITS_PER_SECOND),
		tethered_rate_ratio: rate / LIMIT_BITS_PER_SECOND,
		fq_codel_under_htb: /^qdisc htb /m.test(queues) && /^qdisc fq_codel /m.test(queues) ? 1 : 0,
	};
}

/** Ledger beside witness, class by class. Detaches the station first, so that all is charged. */
async function compare(
	lab: WirelessLab,
	agent: AgentHandle,
	device: TetheredDevice,
	progress: (line: string) => void,
): Promise<Record<string, number>> {
	await delay(QUIET_MS);
	const { mac } = lab.station;
	await agent.ask('station.detach', { mac });
	const ledger = new LedgerReader(agent.database);
	const [own, behind] = await lab.witness.read();
	const counted = {
		own: { up: own?.up ?? Number.NaN, down: own?.down ?? Number.NaN },
		tethered: { up: behind?.up ?? Number.NaN, down: await device.downBytes() },
	};
	const difference = (of: 'own' | 'tethered') => {
		const charged = ledger.charged(of).get(mac) ?? { up: 0, down: 0 };
		const { up, down } = counted[of];
		progress(`${of}: charged ${charged.up} up ${charged.down} down, counted ${up} up ${down} down`);
		return Math.max(Math.abs(charged.up - up), Math.abs(charged.down - down));
	};
	const differences = { own_difference_bytes: difference('own'), tethered_difference_bytes: difference('tethered') };
	const unpaid = ledger.moved(['overrun', 'throttled', 'included']);
	await agent.verifyLedger();
	await agent.stop();
	return {
		...differences,
		own_bytes: counted.own.up + counted.own.down,
		tethered_bytes: counted.tethered.up + counted.tethered.down,
		unpaid_bytes: [...unpaid.values()].reduce((sum, bytes) => sum + bytes, 0),
		losses_after_meter: await lab.witness.lossesAfterMeter(),
		stray_bytes: await lab.witness.strayBytes(),
	};
}
