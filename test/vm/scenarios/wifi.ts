import { setTimeout as delay } from 'node:timers/promises';
import { type AgentHandle, PLANS } from '../../lab/agent-handle.ts';
import { LedgerReader } from '../../lab/ledger-reader.ts';
import { HANG_MS } from '../../lab/until.ts';
import { sentBytes } from '../guest/radio.ts';
import { WirelessLab } from '../guest/wireless-lab.ts';
import type { VmScenario } from '../vm-scenario.ts';

const PAID_BYTES = 2 << 20;
const PLAN = { name: 'two-mb', title: '2 MiB', bytes: PAID_BYTES, atEnd: 'block' };
const STALL_MS = 2000;
const STALL_TIMEOUT_MS = HANG_MS;
/** Retransmissions, acknowledgements and frames in the air have arrived after this. */
const QUIET_MS = 1000;
const GARDEN_BYTES = 5000;

/** The whole promise over real 802.11: associated, addressed, paid, metered to the byte, cut off. */
export const wifi: VmScenario = {
	name: 'wifi',
	title: 'a station on real 802.11 (hostapd, wpa_supplicant) buys 2 MiB and wants more',
	radios: 2,
	figures: {
		association_seconds: {
			title: 'from the start of wpa_supplicant to the first data',
			bound: { atMost: 30 },
			kind: 'speed',
		},
		difference_bytes: { title: 'charged − counted, larger of both directions', bound: { equals: 0 } },
		unpaid_bytes: { title: 'forwarded without payment, by the ledger', bound: { equals: 0 } },
		losses_after_meter: { title: 'packets lost between meter and witness', bound: { equals: 0 } },
		stray_bytes: { title: 'bytes from the LAN that belong to nobody', bound: { equals: 0 } },
		delivered_to_paid_max: { title: 'delivered ÷ paid', bound: { atMost: 1 }, anywhere: 'both are amounts of bytes' },
		delivered_to_paid_min: {
			title: 'delivered ÷ paid',
			bound: { atLeast: 0.98 },
			anywhere: 'both are amounts of bytes',
		},
		air_bytes: {
			title: 'bytes that the access point sent the station by radio',
			bound: { atLeast: PAID_BYTES * 0.98 },
		},
		late_bytes: { title: 'bytes that passed after the cut, in old and new flows', bound: { equals: 0 } },
		garden_bytes: { title: 'payload of the walled garden after the cut', bound: { equals: GARDEN_BYTES } },
	},
	async run({ progress }) {
		const lab = new WirelessLab();
		try {
			await lab.start();
			progress('the access point is on the air');
			const start = performance.now();
			await lab.associate();
			const association_seconds = Math.round((performance.now() - start) / 10) / 100;
			progress(`associated and authorized after ${association_seconds} s`);
			await lab.address();
			progress(`the station has ${lab.station.ipv4} and ${lab.station.ipv6}`);
			const agent = await lab.startAgent({ plans: [...PLANS, PLAN] });
			await agent.admit('guest', PLAN.name, [lab.station.mac]);
			await agent.reaches(lab.station.mac, 'active');
			progress('paid 2 MiB; downloading more');
			return {
				association_seconds,
				...(await spendAll(lab)),
				air_bytes: await sentBytes(lab.access, lab.station.mac),
				...(await compare(lab, agent, progress)),
			};
		} finally {
			lab.stop();
		}
	},
};

/** Downloads until nothing comes any more, then tries every other way. */
async function spendAll(lab: WirelessLab): Promise<Record<string, number>> {
	const old = await lab.flow({ protocol: 'tcp', direction: 'down' });
	await old.stalled(STALL_MS, STALL_TIMEOUT_MS);
	const atCut = await movedBytes(lab);
	const flows = [old];
	for (const family of ['ipv4', 'ipv6'] as const) {
		flows.push(await lab.flow({ protocol: 'tcp', direction: 'down', family }));
		flows.push(await lab.flow({ protocol: 'udp', direction: 'up', family, bitsPerSecond: 1_000_000 }));
	}
	await delay(STALL_MS);
	const late = await movedBytes(lab);
	const garden = await lab.flow({ protocol: 'tcp', direction: 'down', server: 'garden', bytes: GARDEN_BYTES });
	const { receivedBytes } = await garden.stalled(STALL_MS, STALL_TIMEOUT_MS);
	for (const flow of flows) await flow.stop();
	return {
		delivered_to_paid_max: late / PAID_BYTES,
		delivered_to_paid_min: late / PAID_BYTES,
		late_bytes: late - atCut,
		garden_bytes: receivedBytes,
	};
}

/** Ledger beside witness. Detaches the station first, so that all is charged. */
async function compare(
	lab: WirelessLab,
	agent: AgentHandle,
	progress: (line: string) => void,
): Promise<Record<string, number>> {
	await delay(QUIET_MS);
	const { mac } = lab.station;
	await agent.ask('station.detach', { mac });
	const ledger = new LedgerReader(agent.database);
	const charged = ledger.charged().get(mac) ?? { up: 0, down: 0 };
	const [counted] = await lab.witness.read();
	const differences = (['up', 'down'] as const).map((direction) => {
		const countedBytes = counted?.[direction] ?? Number.NaN;
		progress(`${direction}: charged ${charged[direction]}, counted ${countedBytes}`);
		return Math.abs(charged[direction] - countedBytes);
	});
	const unpaid = ledger.moved(['overrun', 'throttled', 'included']);
	await agent.verifyLedger();
	await agent.stop();
	return {
		difference_bytes: Math.max(...differences),
		unpaid_bytes: [...unpaid.values()].reduce((sum, bytes) => sum + bytes, 0),
		losses_after_meter: await lab.witness.lossesAfterMeter(),
		stray_bytes: await lab.witness.strayBytes(),
	};
}

async function movedBytes(lab: WirelessLab): Promise<number> {
	const [reading] = await lab.witness.read();
	return reading === undefined ? Number.NaN : reading.up + reading.down;
}
