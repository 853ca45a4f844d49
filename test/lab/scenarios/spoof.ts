import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { COMPARISON_RULES, comparisonFigures } from '../comparison.ts';
import { type ArpReply, arpReply, neighbourAdvertisement } from '../frames/ethernet.ts';
import { type Lab, withLab } from '../lab.ts';
import { nftCounters } from '../nft-counters.ts';
import type { Scenario } from '../scenario.ts';
import type { Station } from '../station.ts';
import { HostProcess } from '../tether/host-process.ts';
import { ROUTER_LAN_IPV4, ROUTER_LAN_IPV6, ROUTER_LAN_MAC } from '../topology.ts';
import { HANG_MS, until } from '../until.ts';
import { movedBytes } from '../ways.ts';
import { Browser } from '../web/browser.ts';
import type { WitnessReading } from '../witness.ts';

const BYTES = 20_000_000;
const BYTES_SHORT = 4_000_000;
const FLOW_SECONDS = 9;
const SECOND_BITS_PER_SECOND = 500_000;
const SETTLE_MS = 150;
const REPORT_TIMEOUT_MS = HANG_MS;
const LOOK_MS = 20;
const CAPTURED_MIN = 20;
const BORROWED_TABLE = 'lab_borrowed';
const NOT_REACHED = ['silence', 'ECONNREFUSED', 'EHOSTUNREACH', 'ECONNRESET', 'EACCES', 'closed'];
/** pcap-savefile(5). */
const FILE_HEADER_BYTES = 24;
const FRAME_HEADER_BYTES = 16;

/** Station 1 pays and is robbed; station 2 robs, with a session of its own; station 3 is told lies. */
export const spoof: Scenario = {
	name: 'spoof',
	title: 'a station that claims the address of the router or of another is reported; a borrowed address spends nothing',
	figures: {
		gateway_report_ms: {
			title: 'from the lie about the router (ARP) to the warning',
			bound: { atMost: 2000 },
			kind: 'speed',
		},
		gateway_ipv6_report_ms: { title: 'the same by neighbour discovery', bound: { atMost: 2000 }, kind: 'speed' },
		neighbour_report_ms: {
			title: 'from the lie about a neighbour to the warning',
			bound: { atMost: 2000 },
			kind: 'speed',
		},
		reports_with_both_addresses: { title: 'of these three, logged with owner and claimant', bound: { equals: 3 } },
		// Whoever sends from a borrowed address may be heard claiming it, too, when its neighbour is looked for: three at least.
		metric_of_spoofing: { title: 'spoofing as the metrics count it', bound: { atLeast: 3, atMost: 4 } },
		metric_difference: { title: 'the same − what the log says', bound: { equals: 0 } },
		false_reports: { title: 'reports of what honest stations sent', bound: { equals: 0 } },
		capture_frames: { title: 'frames of the owner that `octroi capture` wrote', bound: { atLeast: CAPTURED_MIN } },
		capture_difference_frames: { title: 'frames in the file − frames that it told', bound: { equals: 0 } },
		borrowed_probes: { title: 'probes from borrowed addresses, IPv4 and IPv6', bound: { equals: 8 } },
		borrowed_unsent: { title: "of these, those that never came to the router's device", bound: { equals: 0 } },
		borrowed_reached: { title: 'of these, those that reached anything', bound: { equals: 0 } },
		owner_bytes: { title: "the owner's own layer-3 bytes meanwhile", bound: { atLeast: BYTES_SHORT } },
		thief_bytes: { title: "bytes at the thief's server", bound: { equals: 0 } },
		...COMPARISON_RULES,
	},
	async run({ isShort, progress }) {
		return await withLab({ stations: 3, addressing: 'static' }, async (lab) => {
			const agent = await lab.startAgent({ metrics: { listen: '127.0.0.1:9469' } });
			const owner = lab.station(1);
			const thief = lab.station(2);
			const victim = lab.station(3);
			const host = new HostProcess(thief.namespace, 'eth0');
			const browser = new Browser(thief.namespace);
			try {
				await host.ready();
				await lab.router.nft(borrowedCounters(owner, thief));
				await agent.admit('owner', 'large', [owner.mac]);
				await agent.admit('thief', 'large', [thief.mac]);
				const bytes = isShort ? BYTES_SHORT : BYTES;
				const flow = await lab.flow(owner, {
					protocol: 'udp',
					direction: 'down',
					// It goes on until the thief has done everything.
					bitsPerSecond: (bytes * 8) / FLOW_SECONDS,
				});
				// Its other address is in use, too: one that nobody uses would be the thief's for the taking, and his to pay.
				const other = await lab.flow(owner, {
					protocol: 'udp',
					direction: 'down',
					family: 'ipv6',
					bitsPerSecond: SECOND_BITS_PER_SECOND,
				});
				// An honest station tells its neighbours where it is, too, when it asks where they are.
				await owner.namespace.run('ping', ['-c', '2', '-i', '0.2', '-w', '2', victim.ipv4]);
				await delay(500);
				const false_reports = spoofLines(agent).length;

				const lie = { source: thief.mac, destination: victim.mac, mac: thief.mac };
				const reported = (told: Omit<ArpReply, 'source' | 'destination' | 'mac'>, whose: string) =>
					reportTime(agent, host, { lie: { ...lie, ...told }, owner: whose });
				const gateway_report_ms = await reported({ address: ROUTER_LAN_IPV4, askedBy: victim.ipv4 }, ROUTER_LAN_MAC);
				const gateway_ipv6_report_ms = await reported(
					{ address: ROUTER_LAN_IPV6, askedBy: victim.ipv6 },
					ROUTER_LAN_MAC,
				);
				const neighbour_report_ms = await reported({ address: owner.ipv4, askedBy: victim.ipv4 }, owner.mac);
				progress(`told after ${[gateway_report_ms, gateway_ipv6_report_ms, neighbour_report_ms].map(Math.round)} ms`);

				const capture = await captureOf(agent, owner.mac);
				progress(`captured ${capture.said} frames of the owner`);
				const borrowed = await borrow(lab, browser);
				progress(`from borrowed addresses: ${JSON.stringify(borrowed)}`);
				await other.stop();
				await until('the owner to have moved enough', HANG_MS, async () => (await lab.passed(owner)) >= bytes);
				await flow.stop();
				await flow.stalled(SETTLE_MS, HANG_MS);
				const figures = await comparisonFigures(lab, agent, progress);
				const [own, stolen] = await lab.witness.read();
				const metric = await spoofingMetric(lab);
				return {
					gateway_report_ms,
					gateway_ipv6_report_ms,
					neighbour_report_ms,
					reports_with_both_addresses: spoofLines(agent).filter(
						({ owner: whose, claimant, address }) =>
							claimant === thief.mac && (whose === ROUTER_LAN_MAC || (whose === owner.mac && address === owner.ipv4)),
					).length,
					metric_of_spoofing: metric,
					metric_difference: metric - spoofLines(agent).length,
					false_reports,
					capture_frames: capture.said,
					capture_difference_frames: capture.found - capture.said,
					borrowed_probes: borrowed.probes,
					borrowed_unsent: borrowed.unsent,
					borrowed_reached: borrowed.reached,
					owner_bytes: movedBytes([own as WitnessReading]),
					thief_bytes: movedBytes([stolen as WitnessReading]),
					...figures,
				};
			} finally {
				host.stop();
				browser.stop();
			}
		});
	},
};

type SpoofLine = { owner: string; claimant: string; address: string };

/** What the agent's log says of spoofing. */
function spoofLines(agent: AgentHandle): SpoofLine[] {
	return readFileSync(agent.logFile, 'utf8')
		.split('\n')
		.filter((line) => line.includes('claims the address of another'))
		.map((line) => JSON.parse(line) as SpoofLine);
}

/** From the lie until `octroi status` warns of it with both hardware addresses. */
async function reportTime(
	agent: AgentHandle,
	host: HostProcess,
	{ lie, owner }: { lie: ArpReply; owner: string },
): Promise<number> {
	const began = performance.now();
	await host.send(lie.address.includes(':') ? neighbourAdvertisement(lie) : arpReply(lie));
	await until(`a warning about ${lie.address}`, REPORT_TIMEOUT_MS, async () => {
		const { warnings } = await agent.ask<{ warnings: string[] }>('status');
		if (warnings.some((text) => [lie.mac, owner, lie.address].every((word) => text.includes(word)))) return true;
		await delay(LOOK_MS);
		return false;
	});
	return performance.now() - began;
}

/** The thief takes the owner's addresses, beside its own, one after the other, and sends from them. */
async function borrow(lab: Lab, browser: Browser): Promise<{ probes: number; unsent: number; reached: number }> {
	const owner = lab.station(1);
	const thief = lab.station(2);
	const found = { probes: 0, unsent: 0, reached: 0 };
	for (const family of ['ipv4', 'ipv6'] as const) {
		// Else the real owner would be noticed, and the address not be used.
		const address = family === 'ipv4' ? `${owner.ipv4}/32 dev eth0` : `${owner.ipv6}/128 dev eth0 nodad`;
		await thief.namespace.ip([`address add ${address}`]);
		for (const kind of ['get', 'datagram'] as const) {
			for (const port of [443, 5001]) {
				const before = await sentFrom(lab, owner[family]);
				const probe = { kind, host: thief.server(family), port, source: owner[family] };
				const { outcome } = await browser.probe(probe);
				found.probes++;
				if ((await sentFrom(lab, owner[family])) === before) found.unsent++;
				if (!NOT_REACHED.includes(outcome)) found.reached++;
			}
		}
		await thief.namespace.ip([`address del ${address.replace(' nodad', '')}`]);
	}
	return found;
}

/** Packets from the thief's hardware address with this source that came to the router's device, whatever became of them. */
async function sentFrom(lab: Lab, source: string): Promise<number> {
	const counters = await nftCounters(lab.router, 'netdev', BORROWED_TABLE);
	return counters.get(source.includes(':') ? 'ipv6' : 'ipv4')?.packets ?? Number.NaN;
}

/** Counts before anything else of the router sees a packet. */
function borrowedCounters(owner: Station, thief: Station): string {
	return `table netdev ${BORROWED_TABLE} {
	counter ipv4 { }
	counter ipv6 { }
	chain arriving {
		type filter hook ingress device "lan${thief.number}" priority -500; policy accept;
		ip saddr ${owner.ipv4} counter name "ipv4"
		ip6 saddr ${owner.ipv6} meta l4proto { tcp, udp } counter name "ipv6"
	}
}
`;
}

/** By the real command; the file is read by other means than it was written. */
async function captureOf(agent: AgentHandle, mac: string): Promise<{ said: number; found: number }> {
	const file = join(agent.directory, 'owner.pcap');
	let said = 0;
	let found = 0;
	// On a busy machine few frames pass in a second: then it is captured once more.
	await until('frames of the owner to be captured', HANG_MS, async () => {
		const words = ['capture', mac, '--seconds', '1', '--output', file];
		said = (await agent.octroi<{ frames: number }>(...words)).frames;
		const bytes = readFileSync(file);
		found = 0;
		for (let at = FILE_HEADER_BYTES; at < bytes.length; at += FRAME_HEADER_BYTES + bytes.readUInt32LE(at + 8)) found++;
		return said >= CAPTURED_MIN || said !== found;
	});
	return { said, found };
}

async function spoofingMetric(lab: Lab): Promise<number> {
	const program =
		"fetch('http://127.0.0.1:9469/metrics').then((answer) => answer.text()).then((text) => process.stdout.write(text))";
	const text = await lab.router.run(process.execPath, ['-e', program]);
	return [...text.matchAll(/^octroi_spoofing_total\{[^}]*\} (\d+)$/gm)].reduce(
		(sum, [, value]) => sum + Number(value),
		0,
	);
}
