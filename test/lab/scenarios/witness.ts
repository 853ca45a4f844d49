import { setTimeout as delay } from 'node:timers/promises';
import { Lab } from '../lab.ts';
import { nftCounters } from '../nft-counters.ts';
import type { Scenario } from '../scenario.ts';
import { HANG_MS } from '../until.ts';
import { allWays, describeWay, movedBytes } from '../ways.ts';

const STATIONS = 4;
const BYTES_LONG = 200_000_000;
const BYTES_SHORT = 24_000_000;
const FLOW_TIMEOUT_MS = HANG_MS;

/** Counters in the router's forward hook by station, the simplest that can be: what the lab's own instruments are compared with. */
const RULESET = `table inet lab_plain {
${Array.from({ length: STATIONS }, (_, index) => `\tcounter u${index + 1} { }\n\tcounter d${index + 1} { }`).join('\n')}
	map station { type ether_addr : mark; elements = { ${Array.from({ length: STATIONS }, (_, index) => `02:00:5e:10:00:0${index + 1} : ${index + 1}`).join(', ')} }; }
	map up_of { type mark : counter; elements = { ${Array.from({ length: STATIONS }, (_, index) => `${index + 1} : "u${index + 1}"`).join(', ')} }; }
	map down_of { type mark : counter; elements = { ${Array.from({ length: STATIONS }, (_, index) => `${index + 1} : "d${index + 1}"`).join(', ')} }; }
	chain prerouting {
		type filter hook prerouting priority mangle - 10; policy accept;
		iifname "br-lan" ct mark 0 ct mark set ether saddr map @station
	}
	chain forward {
		type filter hook forward priority filter + 10; policy accept;
		iifname "br-lan" counter name ct mark map @up_of
		oifname "br-lan" counter name ct mark map @down_of
	}
}
`;

/** Proves the lab itself, without Octroi: its witness agrees with a router that counts plainly, and with the devices. */
export const witness: Scenario = {
	name: 'witness',
	title: "the lab's own proof: counters in the forward hook, the witness and the devices agree to the byte",
	figures: {
		moved_bytes: { title: 'layer-3 bytes of all stations', bound: { atLeast: BYTES_SHORT } },
		difference_bytes: {
			title: 'forward hook against witness, largest of all stations and directions',
			bound: { equals: 0 },
		},
		device_difference_bytes: { title: "devices' totals against witness", bound: { equals: 0 } },
		losses_after_meter: { title: 'packets lost between the hook and the witness', bound: { equals: 0 } },
		stray_bytes: { title: 'bytes from the LAN that belong to nobody', bound: { equals: 0 } },
		tcp_mbit_per_second: { title: 'payload of one TCP download at full speed', bound: { atLeast: 50 }, kind: 'speed' },
		udp_mbit_per_second: { title: 'payload of one UDP download at full speed', bound: { atLeast: 50 }, kind: 'speed' },
		bring_up_ms: { title: 'from nothing to four addressed stations', bound: { atMost: 10_000 }, kind: 'speed' },
	},
	async run({ isShort, progress }) {
		const start = performance.now();
		const lab = await new Lab({ stations: STATIONS }).start();
		const bring_up_ms = Math.round(performance.now() - start);
		await lab.router.nft(RULESET);
		progress(`the lab is up after ${bring_up_ms} ms`);
		const ways = allWays();
		const bytes = Math.ceil((isShort ? BYTES_SHORT : BYTES_LONG) / (ways.length * STATIONS));
		for (const way of ways) {
			const flows = await Promise.all(lab.stations.map((station) => lab.flow(station, { ...way, bytes })));
			const ends = await Promise.all(flows.map((flow) => flow.ended(FLOW_TIMEOUT_MS)));
			progress(`${describeWay(way)}: ${ends.map(({ receivedBytes }) => receivedBytes).join(' ')}`);
		}
		const speeds: Record<string, number> = {};
		for (const protocol of ['tcp', 'udp'] as const) {
			const flow = await lab.flow(lab.station(1), {
				protocol,
				direction: 'down',
				bytes: isShort ? 20_000_000 : 200_000_000,
			});
			const { receivedBytes, client } = await flow.ended(FLOW_TIMEOUT_MS);
			const seconds = ((client?.lastByteAtMs ?? 0) - (client?.firstByteAtMs ?? 0)) / 1000;
			speeds[protocol] = Math.round((receivedBytes * 8) / seconds / 1e6);
			progress(`${protocol} down at full speed: ${receivedBytes} bytes, ${speeds[protocol]} Mbit/s`);
		}
		await delay(300); // the last acknowledgements are on their way
		const counted = await lab.witness.read();
		const router = await nftCounters(lab.router, 'inet', 'lab_plain');
		const forwarded = (name: string) => router.get(name)?.bytes ?? -1;
		const differences = counted.flatMap(({ up, down }, index) => [
			forwarded(`u${index + 1}`) - up,
			forwarded(`d${index + 1}`) - down,
		]);
		progress(`differences: ${differences.join(' ')}`);
		const figures = {
			moved_bytes: movedBytes(counted),
			difference_bytes: Math.max(...differences.map(Math.abs)),
			device_difference_bytes: await lab.witness.deviceDifference(),
			losses_after_meter: await lab.witness.lossesAfterMeter(),
			stray_bytes: await lab.witness.strayBytes(),
			tcp_mbit_per_second: speeds.tcp ?? 0,
			udp_mbit_per_second: speeds.udp ?? 0,
			bring_up_ms,
		};
		await lab.stop();
		return figures;
	},
};
