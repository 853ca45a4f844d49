import { setTimeout as delay } from 'node:timers/promises';
import { type AgentHandle, PLANS } from '../agent-handle.ts';
import { Resolver } from '../dns/resolver.ts';
import { type Lab, withLab } from '../lab.ts';
import { loadRouterFirewall } from '../router-firewall.ts';
import type { Scenario } from '../scenario.ts';
import type { Station } from '../station.ts';
import {
	GARDEN_IPV4,
	GARDEN_IPV6,
	ROUTER_LAN_IPV4,
	ROUTER_LAN_IPV6,
	ZERO_RATED_IPV4,
	ZERO_RATED_IPV6,
} from '../topology.ts';
import { HANG_MS, until } from '../until.ts';
import {
	type Attack,
	type Attackers,
	attacksOfInternet,
	attacksOfStations,
	gardenAttack,
	gardenCrowd,
	internetSender,
	stationSender,
} from '../uplink/borrowed-sources.ts';
import { fromInternet, fromStation } from '../uplink/odd-ends.ts';
import { prepareOddPackets, sendOddPackets } from '../uplink/odd-packets.ts';
import { meteredBytes, type Side, UplinkBalance } from '../uplink/uplink-balance.ts';
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
/** Made-up stations, more than may have it at once; and what all stations with a lease, or all without one, may have in seconds of one's rate. */
const GARDEN_CROWD = 100;
const GARDEN_TOTAL = { stations: 25, burstSeconds: 8 };
const STATES = ['before-login', 'with-credit', 'after-end'] as const;
const SERVED_BYTES = 200_000;
const FLOW_TIMEOUT_MS = HANG_MS;
/** Lasts for the odd packets of the long form, and not for what follows. */
const SMALL_PLAN = { name: 'eight-mib', title: '8 MiB', bytes: 8 << 20, atEnd: 'block' };
const SPENDING_PACKETS = 1000;
const SPENDING_TIMEOUT_MS = HANG_MS;
/** More than the routers' patience with fragments. */
const FRAGMENT_WAIT_MS = 1500;

/** Errors of the kernel have limits of their own, that would hide most of what leaks; and it waits long for fragments. */
const ROUTER_PARAMETERS = {
	'net.ipv4.icmp_ratelimit': 0,
	'net.ipv4.icmp_msgs_per_sec': 1_000_000,
	'net.ipv4.icmp_msgs_burst': 1_000_000,
	'net.ipv6.icmp.ratelimit': 0,
	// What a station has left half open must not be answered again in somebody else's turn.
	'net.ipv4.tcp_synack_retries': 0,
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
		odd_packets: { title: 'odd packets, each at random', bound: { atLeast: 100_000 }, longOnly: true },
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
		garden_crowd_excess_bytes: {
			title: `the same by ${GARDEN_CROWD} made-up stations, above what all together may have`,
			bound: NOTHING,
		},
		garden_crowd_bytes: { title: 'what they had: the instrument works', bound: { atLeast: 100 * GARDEN_RATE } },
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
				plans: [...PLANS, SMALL_PLAN],
				sample: { intervalMs: 100, commitIntervalMs: 300_000 },
				zeroRated: { ipv4: [`${ZERO_RATED_IPV4}/32`], ipv6: [`${ZERO_RATED_IPV6}/128`] },
				garden: {
					ipv4: [`${GARDEN_IPV4}/32`],
					ipv6: [`${GARDEN_IPV6}/128`],
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
					...(isShort ? {} : { odd_packets: odd.generated_packets }),
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
	const figures = {
		generated_packets: 0,
		unexplained_up_bytes: 0,
		unexplained_down_bytes: 0,
		uncarried_bytes: 0,
		metered_bytes: 0,
	};
	for (const side of ['station', 'internet'] as const) {
		const balance = new UplinkBalance(run, side);
		await balance.begin();
		const settle = async (name: string) => {
			const { up, down, metered } = await balance.end();
			run.progress(`${name}: ${up} bytes up and ${down} down unexplained, ${metered} metered`);
			figures.unexplained_up_bytes += Math.max(0, up);
			figures.unexplained_down_bytes += Math.max(0, down);
			figures.uncarried_bytes += Math.max(0, -up) + Math.max(0, -down);
			figures.metered_bytes += metered;
		};
		for (const [index, firewall] of FIREWALLS.entries()) {
			await setFirewall(run.lab, firewall);
			// Of two stations' flows without ports to one address NAT drops the second, behind every meter.
			await run.lab.router.run('conntrack', ['-F']);
			for (const [turn, state] of STATES.entries()) {
				const station = await stationIn(run, { index, state, side });
				const sender = side === 'station' ? stationSender(station) : internetSender(run.lab);
				const { packets } = await sendOddPackets(sender, {
					kind: 'odd',
					count: ODD[run.form][side],
					bytes: ODD_BYTES_MAX,
					seed: index * 10 + turn + 1,
					...(side === 'station' ? fromStation(station) : fromInternet(station)),
				});
				figures.generated_packets += packets;
				if (run.form === 'long') await settle(`${firewall}, ${state}, ${side}`);
			}
		}
		if (run.form === 'short') await settle(side);
	}
	return figures;
}

/** A station in that state: while the stations send, each firewall has one of its own, which goes through all of them. */
async function stationIn(
	{ agent, lab }: Run,
	{ index, state, side }: { index: number; state: (typeof STATES)[number]; side: Side },
): Promise<Station> {
	const station = lab.station(index + 1);
	if (side === 'internet')
		return { 'before-login': lab.station(4), 'with-credit': lab.station(5), 'after-end': station }[state];
	if (state === 'with-credit') await agent.admit(station.name, SMALL_PLAN.name, [station.mac]);
	if (state === 'after-end') {
		// While the agent hands over the next part of the package, what comes is dropped: so it is sent again.
		await until(`${station.mac} to be blocked`, SPENDING_TIMEOUT_MS, async () => {
			await sendOddPackets(stationSender(station), {
				kind: 'udp',
				count: SPENDING_PACKETS,
				bytes: ODD_BYTES_MAX,
				sourcePort: 4100,
				destinationPort: 4100,
				sources: [station.ipv4],
				destinations: [station.server('ipv4')],
			});
			return (await agent.stations()).some(({ mac, state: now }) => mac === station.mac && now === 'blocked');
		});
	}
	return station;
}

async function setFirewall({ router }: Lab, firewall: Firewall): Promise<void> {
	await router.nft('add table inet lab_firewall\ndelete table inet lab_firewall\n');
	if (firewall === 'none') await router.nft('flush chain inet lab_nat input\n');
	else await loadRouterFirewall(router, firewall);
}

async function knownAttacks(run: Run) {
	const { lab, agent, witness, form, progress } = run;
	const count = ATTACK_PACKETS[form];
	const payer = lab.station(1);
	const thief = lab.station(4);
	const customer = lab.station(5);
	const attackers: Attackers = { lab, agent, witness, thief, payer, count, progress };
	await agent.topUp(payer.name, SMALL_PLAN.name);
	const bytesOf = async ({ mac }: Station) => {
		await meteredBytes(agent);
		const row = (await agent.stations()).find((one) => one.mac === mac);
		if (row === undefined) throw new Error(`${mac} is not there`);
		const { upBytes, downBytes, zeroRated = { upBytes: 0, downBytes: 0 } } = row;
		return upBytes + downBytes + zeroRated.upBytes + zeroRated.downBytes;
	};
	const before = await bytesOf(customer);
	const figures = { generated_packets: 0, attack_up_bytes: 0, attack_down_bytes: 0 };
	for (const firewall of FIREWALLS) {
		await setFirewall(lab, firewall);
		const ofStations = attacksOfStations(attackers);
		const ofInternet = attacksOfInternet(attackers);
		const up = () => witness.readUp().then(({ other, answers }) => other + answers);
		figures.attack_up_bytes += await carriedBy(run, { firewall, attacks: ofStations, read: up });
		const down = () => witness.readDown().then(({ other }) => other);
		figures.attack_down_bytes += await carriedBy(run, { firewall, attacks: ofInternet, read: down });
		figures.generated_packets += count * (ofStations.length + ofInternet.length);
	}
	const charged_to_others_bytes = (await bytesOf(customer)) - before;
	const { bytes, seconds } = await gardenAttack(attackers);
	const allowed = Math.ceil(GARDEN_RATE * (GARDEN_BURST_SECONDS + seconds));
	const crowd = await gardenCrowd(attackers, GARDEN_CROWD);
	const { stations, burstSeconds } = GARDEN_TOTAL;
	const allowedToAll = Math.ceil(GARDEN_RATE * stations * (burstSeconds + crowd.seconds));
	return {
		...figures,
		charged_to_others_bytes,
		garden_bytes: bytes,
		garden_excess_bytes: Math.max(0, bytes - allowed),
		garden_crowd_bytes: crowd.bytes,
		garden_crowd_excess_bytes: Math.max(0, crowd.bytes - allowedToAll),
	};
}

/** Nobody pays for an attack: every byte that arrives is too much. The long form tells each attack apart. */
async function carriedBy(
	{ form, progress }: Run,
	{ firewall, attacks, read }: { firewall: Firewall; attacks: readonly Attack[]; read: () => Promise<number> },
): Promise<number> {
	let carried = 0;
	for (const group of form === 'long' ? attacks.map((attack) => [attack]) : [attacks]) {
		for (const { prepare } of group) await prepare?.();
		const before = await read();
		for (const { from, packets } of group) await sendOddPackets(from, { count: ATTACK_PACKETS[form], ...packets });
		if (group.some(({ packets }) => packets.kind === 'fragment')) await delay(FRAGMENT_WAIT_MS);
		const bytes = (await read()) - before;
		progress(`${firewall}, ${group.map(({ name }) => name).join(', ')}: ${bytes} bytes`);
		carried += bytes;
	}
	return carried;
}

/** What must go on as if nothing had happened. @returns how many things did not */
async function notServed({ lab, agent, progress }: Run, resolver: Resolver): Promise<number> {
	const newcomer = lab.station(4);
	const customer = lab.station(5);
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
