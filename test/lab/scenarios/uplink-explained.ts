import type { AgentHandle } from '../agent-handle.ts';
import { Resolver } from '../dns/resolver.ts';
import { type Lab, withLab } from '../lab.ts';
import { loadRouterFirewall } from '../router-firewall.ts';
import type { Scenario } from '../scenario.ts';
import type { Station } from '../station.ts';
import {
	GARDEN_IPV4,
	GARDEN_IPV6,
	INTERNET_IPV4,
	INTERNET_IPV6,
	ROUTER_LAN_IPV4,
	ROUTER_LAN_IPV6,
	ROUTER_WAN_IPV4,
	ROUTER_WAN_IPV6,
	ZERO_RATED_IPV4,
	ZERO_RATED_IPV6,
} from '../topology.ts';
import {
	ACCOMPLICE,
	type Attackers,
	type Carried,
	gardenAttack,
	internetAttacks,
	internetSender,
	meteredBytes,
	stationSender,
	stationsAttack,
} from '../uplink/borrowed-sources.ts';
import { prepareOddPackets, sendOddPackets } from '../uplink/odd-packets.ts';
import { internetTotals, UplinkWitness } from '../uplink/uplink-witness.ts';

/** With each of them one of the first stations tries everything. */
const FIREWALLS = ['none', 'ping', 'drop'] as const;
type Firewall = (typeof FIREWALLS)[number];
const STATIONS = 5;
/** Odd packets of one station in one state, and of the internet. */
const ODD = { long: { station: 12_000, internet: 6000 }, short: { station: 700, internet: 400 } };
const ATTACK_PACKETS = { long: 20_000, short: 400 };
const ODD_BYTES_MAX = 1300;
const GARDEN_RATE = 1000;
/** So many seconds of it may come at once. */
const GARDEN_BURST_SECONDS = 60;
const STATES = ['before-login', 'with-credit', 'after-end'] as const;
const SERVED_BYTES = 200_000;
const FLOW_TIMEOUT_MS = 60_000;
/** A package of 10 MiB, and some. */
const SPENDING_PACKETS = 9000;

/** Errors of the kernel have limits of their own, that would hide most of what leaks; and it waits long for fragments. */
const ROUTER_PARAMETERS = {
	'net.ipv4.icmp_ratelimit': 0,
	'net.ipv4.icmp_msgs_per_sec': 1_000_000,
	'net.ipv4.icmp_msgs_burst': 1_000_000,
	'net.ipv6.icmp.ratelimit': 0,
	'net.ipv4.ipfrag_time': 1,
	'net.ipv6.ip6frag_time': 1,
	'net.netfilter.nf_conntrack_frag6_timeout': 1,
};

const NOTHING = { equals: 0 } as const;

/** What leaves by the uplink belongs to somebody, and so does what a station gets from it. */
export const uplinkExplained: Scenario = {
	name: 'uplink-explained',
	title: 'spoofed, odd and quoted packets, three firewalls: no byte on the uplink that no meter, no budget explains',
	figures: {
		generated_packets: { title: 'odd packets and attacks', bound: { atLeast: 5000 } },
		unexplained_up_bytes: {
			title: 'odd packets of stations: left by the uplink and nobody was charged',
			bound: NOTHING,
		},
		unexplained_down_bytes: { title: 'odd packets of the internet: reached a station, unpaid', bound: NOTHING },
		uncarried_bytes: { title: 'charged for odd packets that did not arrive', bound: NOTHING },
		attack_up_bytes: { title: "known attacks of stations: left by the uplink, nobody's", bound: NOTHING },
		attack_down_bytes: { title: 'known attacks of a far end that spoofs: reached a station, unpaid', bound: NOTHING },
		charged_to_others_bytes: { title: 'charged to a customer for the attacks of others', bound: NOTHING },
		garden_excess_bytes: { title: "a false walled garden's, above a station's budget", bound: NOTHING },
		garden_bytes: { title: 'the same within it: the instrument works', bound: { atLeast: GARDEN_RATE } },
		metered_bytes: { title: 'odd packets that a meter explains: the instrument works', bound: { atLeast: 100_000 } },
		device_difference_bytes: { title: "the uplink device's total against all classes", bound: NOTHING },
		not_served: { title: 'of DHCP, names, and flows that are paid for: did not work afterwards', bound: NOTHING },
	},
	async run({ isShort, progress }) {
		await prepareOddPackets();
		return await withLab({ stations: STATIONS, addressing: 'static' }, async (lab) => {
			await lab.router.sysctl(ROUTER_PARAMETERS);
			const agent = await lab.startAgent({
				sample: { intervalMs: 100, commitIntervalMs: 300_000 },
				zeroRated: { ipv4: [`${ZERO_RATED_IPV4}/32`], ipv6: [`${ZERO_RATED_IPV6}/128`] },
				garden: {
					...{ ipv4: [`${GARDEN_IPV4}/32`], ipv6: [`${GARDEN_IPV6}/128`] },
					bytesPerSecond: GARDEN_RATE,
				},
			});
			const resolver = await Resolver.start(lab, agent);
			const witness = new UplinkWitness(lab);
			try {
				// The first one to come has the first meter.
				const customer = lab.station(5);
				await agent.admit(customer.name, 'large', [customer.mac]);
				const form = isShort ? 'short' : 'long';
				const device = await internetTotals(lab.internet);
				await witness.start();
				const run = { lab, agent, witness, form, progress } as const;
				const odd = await oddPackets(run);
				const attacks = await knownAttacks(run);
				const device_difference_bytes = await witness.deviceDifference(device);
				await witness.stop();
				return {
					...odd,
					...attacks,
					generated_packets: odd.generated_packets + attacks.generated_packets,
					device_difference_bytes,
					not_served: await notServed(run, resolver),
				};
			} finally {
				resolver.stop();
			}
		});
	},
};

type Run = {
	lab: Lab;
	agent: AgentHandle;
	witness: UplinkWitness;
	form: 'long' | 'short';
	progress: (line: string) => void;
};

/** Each firewall, each state of a station: odd packets of the station, then of the internet. */
async function oddPackets(run: Run) {
	const { lab, progress } = run;
	const figures = {
		generated_packets: 0,
		unexplained_up_bytes: 0,
		unexplained_down_bytes: 0,
		uncarried_bytes: 0,
		metered_bytes: 0,
	};
	for (const [index, firewall] of FIREWALLS.entries()) {
		await setFirewall(lab, firewall);
		const station = lab.station(index + 1);
		for (const [turn, state] of STATES.entries()) {
			await enterState(run, station, state);
			for (const side of ['station', 'internet'] as const) {
				const found = await oddTurn(run, { station, side, seed: index * 10 + turn + 1 });
				const { up, down, metered } = found;
				progress(`${firewall}, ${state}, ${side}: ${up} bytes up and ${down} down unexplained, ${metered} metered`);
				figures.generated_packets += found.packets;
				figures.unexplained_up_bytes += Math.max(0, up);
				figures.unexplained_down_bytes += Math.max(0, down);
				figures.uncarried_bytes += Math.max(0, -up) + Math.max(0, -down);
				figures.metered_bytes += metered;
			}
		}
	}
	return figures;
}

/** @returns bytes of each direction that were seen less those that a meter has */
async function oddTurn(run: Run, { station, side, seed }: { station: Station; side: Side; seed: number }) {
	const { lab, agent, witness, form } = run;
	const [before, paidBefore] = [await witness.read(), await meteredBytes(agent)];
	const { packets } = await sendOddPackets(side === 'station' ? stationSender(station) : internetSender(lab), {
		...{ kind: 'odd', count: ODD[form][side], bytes: ODD_BYTES_MAX, seed },
		...(side === 'station' ? fromStation(station) : fromInternet(station)),
	});
	const [after, paid] = [await witness.read(), await meteredBytes(agent)];
	const [paidUp, paidDown] = [paid.up - paidBefore.up, paid.down - paidBefore.down];
	// Who asks from the internet is answered; a station must not be, by this way.
	const answers = side === 'station' ? after.up.answers - before.up.answers : 0;
	// What the router says to a station that sends comes by no uplink.
	const down = side === 'station' ? 0 : after.down.other - before.down.other - paidDown;
	return { packets, up: after.up.other - before.up.other + answers - paidUp, down, metered: paidUp + paidDown };
}

type Side = 'station' | 'internet';

/** The station's own addresses are as frequent as all others together. */
function fromStation(station: Station) {
	const own = [station.ipv4, station.ipv6];
	const servers = [station.server('ipv4'), station.server('ipv6')];
	return {
		sources: [
			...[...own, ...own, ...own, ...own, ...own, ...own],
			...[ACCOMPLICE.ipv4, ACCOMPLICE.ipv6, ROUTER_LAN_IPV4, ROUTER_LAN_IPV6, ROUTER_WAN_IPV4, ROUTER_WAN_IPV6],
			...['169.254.7.7', '0.0.0.0', '127.0.0.1', '255.255.255.255', '224.0.0.1', '10.77.255.255', '10.78.0.1'],
			...['::', '::1', 'fe80::1:2', 'ff02::1', '2001:db8:10:1::1', INTERNET_IPV4, INTERNET_IPV6],
		],
		destinations: [
			...[...servers, ...servers, ACCOMPLICE.ipv4, ACCOMPLICE.ipv6, INTERNET_IPV4, INTERNET_IPV6],
			...[ROUTER_LAN_IPV4, ROUTER_LAN_IPV6, ROUTER_WAN_IPV4, ROUTER_WAN_IPV6, ZERO_RATED_IPV4, ZERO_RATED_IPV6],
			...[GARDEN_IPV4, GARDEN_IPV6, '198.18.0.1', '255.255.255.255', '224.0.0.251', '239.255.255.250'],
			...['10.77.255.255', 'ff02::1', 'ff02::fb', 'ff05::2', 'fe80::5eff:fe10:ff01'],
		],
	};
}

/** The internet's own addresses, and those that it cannot have. */
function fromInternet(station: Station) {
	const own = [station.server('ipv4'), station.server('ipv6'), ACCOMPLICE.ipv4, ACCOMPLICE.ipv6];
	const stations = [station.ipv4, station.ipv6];
	return {
		sources: [
			...[...own, ...stations, ...stations, ROUTER_LAN_IPV4, ROUTER_LAN_IPV6, ROUTER_WAN_IPV4, ROUTER_WAN_IPV6],
			...[GARDEN_IPV4, GARDEN_IPV6, ZERO_RATED_IPV4, ZERO_RATED_IPV6, '10.77.9.9', '10.77.255.255'],
			...['0.0.0.0', '127.0.0.1', '224.0.0.1', '::', '::1', 'fe80::1:2', 'ff02::1'],
		],
		destinations: [
			...[...stations, ...stations, ROUTER_WAN_IPV4, ROUTER_WAN_IPV6, ROUTER_LAN_IPV4, ROUTER_LAN_IPV6],
			...['255.255.255.255', '224.0.0.251', '10.77.255.255', 'ff02::1', 'ff02::fb'],
		],
	};
}

/** Nobody has attached the station; it has a package; the package is spent. */
async function enterState({ agent, lab }: Run, station: Station, state: (typeof STATES)[number]): Promise<void> {
	if (state === 'with-credit') await agent.admit(station.name, 'ten-mb', [station.mac]);
	if (state !== 'after-end') return;
	for (const direction of ['ipv4', 'ipv6'] as const) {
		await sendOddPackets(stationSender(station), {
			...{ kind: 'udp', count: SPENDING_PACKETS, bytes: ODD_BYTES_MAX, sourcePort: 4100, destinationPort: 4100 },
			...{ sources: [station[direction]], destinations: [lab.station(station.number).server(direction)] },
		});
	}
	await agent.reaches(station.mac, 'blocked');
}

async function setFirewall({ router }: Lab, firewall: Firewall): Promise<void> {
	await router.nft('add table inet lab_firewall\ndelete table inet lab_firewall\n');
	if (firewall === 'none') await router.nft('flush chain inet lab_nat input\n');
	else await loadRouterFirewall(router, firewall);
}

async function knownAttacks({ lab, agent, witness, form, progress }: Run) {
	const count = ATTACK_PACKETS[form];
	const [thief, customer] = [lab.station(4), lab.station(5)];
	const sum = (carried: Carried) => Object.values(carried).reduce((total, bytes) => total + bytes, 0);
	const figures = { generated_packets: 0, attack_up_bytes: 0, attack_down_bytes: 0, charged_to_others_bytes: 0 };
	const bytesOf = async ({ mac }: Station) => {
		await meteredBytes(agent);
		const row = (await agent.stations()).find((one) => one.mac === mac);
		if (row === undefined) throw new Error(`${mac} is not there`);
		const { upBytes, downBytes, zeroRated = { upBytes: 0, downBytes: 0 } } = row;
		return upBytes + downBytes + zeroRated.upBytes + zeroRated.downBytes;
	};
	for (const [index, firewall] of FIREWALLS.entries()) {
		await setFirewall(lab, firewall);
		const payer = lab.station(1);
		if (index === 0) await agent.topUp(payer.name, 'ten-mb');
		const attackers: Attackers = { lab, agent, witness, thief, payer, count, progress };
		const before = await bytesOf(customer);
		const [up, down] = [await stationsAttack(attackers), await internetAttacks(attackers)];
		figures.charged_to_others_bytes += (await bytesOf(customer)) - before;
		figures.attack_up_bytes += sum(up);
		figures.attack_down_bytes += sum(down);
		figures.generated_packets += count * (Object.keys(up).length + Object.keys(down).length);
		progress(`${firewall}: ${sum(up)} bytes up and ${sum(down)} down by known attacks`);
	}
	const { bytes, seconds } = await gardenAttack({ lab, agent, witness, thief, payer: thief, count, progress });
	const allowed = Math.ceil(GARDEN_RATE * (GARDEN_BURST_SECONDS + seconds));
	return { ...figures, garden_bytes: bytes, garden_excess_bytes: Math.max(0, bytes - allowed) };
}

/** What must go on as if nothing had happened. @returns how many things did not */
async function notServed({ lab, agent, progress }: Run, resolver: Resolver): Promise<number> {
	const [newcomer, customer] = [lab.station(4), lab.station(5)];
	await setFirewall(lab, 'ping');
	const failed: string[] = [];
	const leased = await newcomer.askForLease().then(
		() => true,
		() => false,
	);
	if (!leased) failed.push('DHCP');
	for (const server of [ROUTER_LAN_IPV4, ROUTER_LAN_IPV6]) {
		const { answered } = await resolver.lookUp(customer, { names: ['host1.cdn.lab.example'], server });
		if (answered !== 1) failed.push(`names by ${server}`);
	}
	for (const family of ['ipv4', 'ipv6'] as const) {
		for (const protocol of ['tcp', 'udp'] as const) {
			for (const direction of ['up', 'down'] as const) {
				const way = { protocol, direction, family, bytes: SERVED_BYTES };
				const rate = protocol === 'udp' ? { bitsPerSecond: 20_000_000 } : {};
				const end = await (await lab.flow(customer, { ...way, ...rate })).ended(FLOW_TIMEOUT_MS);
				if (end.receivedBytes < SERVED_BYTES) failed.push(`${protocol} ${direction} by ${family}`);
			}
		}
	}
	await agent.verifyLedger();
	progress(failed.length === 0 ? 'everything works afterwards' : `does not work: ${failed.join(', ')}`);
	return failed.length;
}
