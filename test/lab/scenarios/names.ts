import { type AgentHandle, PLANS } from '../agent-handle.ts';
import { NameFlood } from '../dns/name-flood.ts';
import { NameWitness } from '../dns/name-witness.ts';
import type { TunnelRequest } from '../dns/request.ts';
import { Resolver } from '../dns/resolver.ts';
import { type Lab, withLab } from '../lab.ts';
import { LedgerReader } from '../ledger-reader.ts';
import { nftCounters } from '../nft-counters.ts';
import type { Scenario } from '../scenario.ts';
import type { Station } from '../station.ts';
import { ROUTER_LAN_IPV6 } from '../topology.ts';

/** The budget holds over a minute, with what comes at once. */
const WINDOW_SECONDS = 60;
const SECONDS_SHORT = 5;
const ADDRESSES = 250;
/** A long page: each name asked for as A and as AAAA. */
const PAGE_NAMES = 100;
const PAGE_GAP_MS = 5;
const RETURNS = 6;
const RETURN_SECONDS = 0.7;
const FLOOD_ROUNDS = 3;
const FLOOD_STATIONS = 4200;
const NEWCOMER_NAMES = 10;
const SMALL_BYTES = 512 << 10;
const PLANS_HERE = [...PLANS, { name: 'small', title: '512 KiB', bytes: SMALL_BYTES, atEnd: 'block' }];
/** Less than this cannot be spent by packets of any size. */
const REMAINDER_BYTES = 1500;
/** A tunnel spends it in the first of these, on a machine that has nothing else to do. */
const END_ATTEMPTS = 30;

const RATE = {
	bound: { atMost: 2000 },
	anywhere: "the kernel's limit, from above: a slow machine carries less",
} as const;
type Progress = (line: string) => void;
type Tunnel = Omit<Partial<TunnelRequest>, 'seconds'> & Pick<TunnelRequest, 'tag'>;

/** What names cost a station that spends credit, and what is left to a newcomer under a flood of askers. */
export const names: Scenario = {
	name: 'names',
	title:
		'with credit, ≤ 2 kB/s of names are free, and all beyond is charged to the byte; a flood of askers leaves newcomers their names',
	figures: {
		udp_free_bytes_per_second: { ...RATE, title: 'through a tunnel, up and down, not charged: by UDP over IPv4' },
		ipv6_free_bytes_per_second: { ...RATE, title: 'by UDP over IPv6' },
		tcp_free_bytes_per_second: { ...RATE, title: 'by TCP' },
		addresses_free_bytes_per_second: {
			...RATE,
			title: `from ${ADDRESSES} IPv4 and ${ADDRESSES} IPv6 addresses in turn`,
		},
		returns_free_bytes_per_second: { ...RATE, title: `of a device that leaves and comes back ${RETURNS} times` },
		charged_bytes: { title: 'charged to the first three: the instrument works', bound: { atLeast: 100_000 } },
		charged_difference_bytes: {
			title: 'charged to them − what reached resolver and stations, less what the kernel let pass for nothing',
			bound: { equals: 0 },
		},
		page_answered: { title: `of a page with ${PAGE_NAMES} names, A and AAAA`, bound: { equals: PAGE_NAMES * 2 } },
		page_charged_bytes: { title: 'charged for it', bound: { equals: 0 } },
		end_over_bytes: { title: 'charged to a tunnel with 512 KiB, beyond them', bound: { atMost: 0 } },
		end_left_bytes: { title: 'of these, left: they can be spent by names alone', bound: { atMost: REMAINDER_BYTES } },
		end_portal_answered: { title: "the portal's name, when they are used up", bound: { equals: 1 } },
		flood_asked: {
			title: 'hardware addresses that asked for one name each',
			bound: { equals: FLOOD_STATIONS * FLOOD_ROUNDS },
		},
		newcomer_answered: {
			title: `of ${NEWCOMER_NAMES} names of a newcomer meanwhile, the fewest of ${FLOOD_ROUNDS} newcomers`,
			bound: { atLeast: 9 },
		},
		stray_bytes: { title: 'bytes from the LAN that belong to nobody', bound: { equals: 0 } },
	},
	async run({ isShort, seconds = isShort ? SECONDS_SHORT : WINDOW_SECONDS, progress }) {
		return await withLab({ stations: 7 + FLOOD_ROUNDS }, async (lab) => {
			const agent = await lab.startAgent({ plans: PLANS_HERE });
			const resolver = await Resolver.start(lab, agent);
			try {
				const flood = await floodAndNewcomers(lab, resolver, progress);
				const scene = { lab, agent, resolver, seconds, progress };
				const tunnels = await threeTunnels(scene);
				const [addresses, returns, page, end] = await Promise.all([
					manyAddresses(scene),
					comingAndGoing(scene),
					longPage(scene),
					toTheEnd(scene),
				]);
				await agent.verifyLedger();
				return {
					...flood,
					...tunnels,
					...page,
					...end,
					addresses_free_bytes_per_second: addresses,
					returns_free_bytes_per_second: returns,
					stray_bytes: await lab.witness.strayBytes(),
				};
			} finally {
				resolver.stop();
			}
		});
	},
};

type Scene = { lab: Lab; agent: AgentHandle; resolver: Resolver; seconds: number; progress: Progress };

/** Stations 1 to 3: one way each, at the same time and nobody else meanwhile. */
async function threeTunnels({ lab, agent, resolver, seconds, progress }: Scene) {
	const ways: Tunnel[] = [{ tag: 'udp' }, { tag: 'six', server: ROUTER_LAN_IPV6 }, { tag: 'tcp', transport: 'tcp' }];
	const freeBefore = await freeNames(lab);
	const all = await Promise.all(
		ways.map(async (way, index) => {
			const station = lab.station(index + 1);
			const witness = await NameWitness.start(lab.router, station);
			await agent.admit(way.tag, 'huge', [station.mac]);
			const began = performance.now();
			await resolver.tunnel(station, { ...way, seconds });
			const counted = await witness.bytes();
			return { station, counted, began };
		}),
	);
	const free = (await freeNames(lab)) - freeBefore;
	for (const { station } of all) await agent.ask('station.detach', { mac: station.mac });
	const rates = all.map(({ station, counted, began }) => freeRate(agent, { station, counted, began }));
	const counted = all.reduce((sum, one) => sum + one.counted, 0);
	const charged = all.reduce((sum, { station }) => sum + chargedTo(agent, station), 0);
	progress(`three tunnels: ${counted} bytes counted, ${charged} charged, ${free} free`);
	const [udp = Number.NaN, ipv6 = Number.NaN, tcp = Number.NaN] = rates;
	return {
		udp_free_bytes_per_second: udp,
		ipv6_free_bytes_per_second: ipv6,
		tcp_free_bytes_per_second: tcp,
		charged_bytes: charged,
		charged_difference_bytes: charged - (counted - free),
	};
}

/** Station 4 uses addresses that nobody gave it. */
async function manyAddresses({ lab, agent, resolver, seconds, progress }: Scene): Promise<number> {
	const station = lab.station(4);
	const ipv4 = await takeAddresses(station, 'ipv4');
	const ipv6 = await takeAddresses(station, 'ipv6');
	const witness = await NameWitness.start(lab.router, station);
	await agent.admit('many', 'huge', [station.mac]);
	const began = performance.now();
	await Promise.all([
		resolver.tunnel(station, { tag: 'manyfour', sources: [station.ipv4, ...ipv4], seconds }),
		resolver.tunnel(station, { tag: 'manysix', sources: [station.ipv6, ...ipv6], server: ROUTER_LAN_IPV6, seconds }),
	]);
	const counted = await witness.bytes();
	await agent.ask('station.detach', { mac: station.mac });
	progress(`${ADDRESSES} addresses of each family: ${counted} bytes counted, ${chargedTo(agent, station)} charged`);
	return freeRate(agent, { station, counted, began });
}

/** Station 5 is a new session each time. */
async function comingAndGoing({ lab, agent, resolver, progress }: Scene): Promise<number> {
	const station = lab.station(5);
	const witness = await NameWitness.start(lab.router, station);
	await agent.admit('returns', 'huge', []);
	const began = performance.now();
	for (let turn = 0; turn < RETURNS; turn++) {
		await agent.ask('station.attach', { mac: station.mac, account: 'returns' });
		await resolver.tunnel(station, { tag: `return${turn}`, seconds: RETURN_SECONDS });
		await witness.bytes();
		await agent.ask('station.detach', { mac: station.mac });
	}
	const counted = await witness.bytes();
	progress(`${RETURNS} sessions: ${counted} bytes counted, ${chargedTo(agent, station)} charged`);
	return freeRate(agent, { station, counted, began });
}

/** Station 6 is a person. */
async function longPage({ lab, agent, resolver, progress }: Scene) {
	const station = lab.station(6);
	await agent.admit('person', 'huge', [station.mac]);
	const hosts = Array.from({ length: PAGE_NAMES }, (_, index) => `host${index + 1}.cdn.lab.example`);
	const page = await resolver.lookUp(station, { names: hosts, types: ['A', 'AAAA'], gapMs: PAGE_GAP_MS });
	await agent.ask('station.detach', { mac: station.mac });
	progress(`a page: ${page.answered} of ${PAGE_NAMES * 2} answered, ${chargedTo(agent, station)} bytes charged`);
	return { page_answered: page.answered, page_charged_bytes: chargedTo(agent, station) };
}

/** Station 7 spends all that it has on names. */
async function toTheEnd({ lab, agent, resolver, progress }: Scene) {
	const station = lab.station(7);
	await agent.admit('end', 'small', [station.mac]);
	for (let attempt = 0; attempt < END_ATTEMPTS; attempt++) {
		await resolver.tunnel(station, { tag: `end${attempt}`, seconds: RETURN_SECONDS });
		if ((await agent.stations()).some(({ mac, state }) => mac === station.mac && state === 'blocked')) break;
	}
	const portal = await resolver.lookUp(station, { names: ['portal.home.arpa'] });
	await agent.ask('station.detach', { mac: station.mac });
	const over = chargedTo(agent, station) - SMALL_BYTES;
	progress(`a tunnel with 512 KiB: ${over} bytes charged beyond them`);
	return { end_over_bytes: over, end_left_bytes: -over, end_portal_answered: portal.answered };
}

/** The last stations: a newcomer in each round, while so many hardware addresses ask that have not asked before. */
async function floodAndNewcomers(lab: Lab, resolver: Resolver, progress: Progress) {
	const flooding = lab.station(1);
	const flood = await NameFlood.start(flooding, 'host1.cdn.lab.example');
	const answered: number[] = [];
	try {
		for (let round = 0; round < FLOOD_ROUNDS; round++) {
			const newcomer = lab.station(8 + round);
			await flood.ask(FLOOD_STATIONS / 2);
			const wanted = Array.from({ length: NEWCOMER_NAMES }, (_, index) => `host${index + 1}.cdn.lab.example`);
			const [found] = await Promise.all([resolver.lookUp(newcomer, { names: wanted }), flood.ask(FLOOD_STATIONS / 2)]);
			answered.push(found.answered);
			progress(`after ${flood.asked} askers: ${found.answered} of ${NEWCOMER_NAMES} names of a newcomer`);
		}
	} finally {
		flood.stop();
	}
	return { flood_asked: flood.asked, newcomer_answered: Math.min(...answered) };
}

/** What the kernel let pass for nothing, of all sessions; NaN where it does not count that. */
async function freeNames(lab: Lab): Promise<number> {
	return (await nftCounters(lab.router, 'inet', 'octroi')).get('names_uncharged')?.bytes ?? Number.NaN;
}

/** Of the ledger's file. */
function chargedTo(agent: AgentHandle, { mac }: Station): number {
	const { up, down } = new LedgerReader(agent.database).charged().get(mac) ?? { up: 0, down: 0 };
	return up + down;
}

type Counted = { station: Station; counted: number; began: number };

function freeRate(agent: AgentHandle, { station, counted, began }: Counted): number {
	return rateOf(counted - chargedTo(agent, station), began);
}

/** Over a minute, or longer if it took longer. */
function rateOf(bytes: number, began: number): number {
	return Math.round(bytes / Math.max(WINDOW_SECONDS, (performance.now() - began) / 1000));
}

async function takeAddresses({ namespace, number }: Station, family: 'ipv4' | 'ipv6'): Promise<string[]> {
	const addresses = Array.from({ length: ADDRESSES }, (_, index) =>
		family === 'ipv4' ? `10.77.${100 + number}.${index + 1}` : `2001:db8:10::${number}:${(index + 1).toString(16)}`,
	);
	const length = family === 'ipv4' ? 16 : 64;
	await namespace.ip(addresses.map((address) => `address add ${address}/${length} dev eth0`));
	return addresses;
}
