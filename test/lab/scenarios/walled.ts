import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { type Lab, withLab } from '../lab.ts';
import { median } from '../packet-cost.ts';
import type { Scenario } from '../scenario.ts';
import type { Station } from '../station.ts';
import { GARDEN_IPV4 } from '../topology.ts';
import { HANG_MS } from '../until.ts';
import { movedBytes } from '../ways.ts';
import { Browser, startWebServer } from '../web/browser.ts';
import type { Probe } from '../web/client.ts';

/** The agent's own; its port is the default one. */
const PORTAL = 'portal';
const INTERNET = 'internet';
const TOP_UPS = 20;
const TOP_UPS_SHORT = 6;
/** So quickly a package of 10 MiB is spent, twenty times. */
const SPENDING_BITS_PER_SECOND = 80_000_000;
/** What asks for more when nothing is left: at this rate a package lasts for minutes, however long an answer takes. */
const ASKING_BITS_PER_SECOND = 500_000;
/** Longer than an address vouches for a new one. */
const OWNER_AWAY_MS = 11_000;

/** What a station meets before login and after its last byte, and what somebody gets who takes another one's address. */
export const walled: Scenario = {
	name: 'walled',
	title: 'before login: the portal, or a refusal at once; after a top-up: the internet; a borrowed address: nothing',
	figures: {
		wrong_before_login: { title: 'probes before login with another outcome than meant', bound: { equals: 0 } },
		refusal_ms_max: { title: 'until a refused program knows it, slowest', bound: { atMost: 100 }, kind: 'speed' },
		stuck_after_login: { title: 'connections to the portal that outlived the login', bound: { equals: 0 } },
		wrong_after_login: { title: 'probes after login with another outcome than meant', bound: { equals: 0 } },
		wrong_after_end: { title: 'probes after the last byte with another outcome than meant', bound: { equals: 0 } },
		restored_ms_median: {
			title: 'from the order of a top-up to an answer, by connections that were open and new ones by turns, median',
			bound: { atMost: 100 },
			kind: 'speed',
		},
		restored_ms_all_but_one: {
			title: 'the same, all but the slowest one (19 of 20), for which a busy machine may be to blame',
			bound: { atMost: 100 },
			kind: 'speed',
		},
		restored_ms_max: { title: 'the same, that slowest one', bound: { atMost: 500 }, kind: 'speed' },
		wrong_of_clone: {
			title: "probes with another's MAC address, not its address, that reached anything",
			bound: { equals: 0 },
		},
		wrong_of_borrower: { title: "probes with another's address that reached anything", bound: { equals: 0 } },
		spent_of_owner_bytes: { title: 'charged to the owner meanwhile', bound: { equals: 0 } },
		passed_bytes: { title: "bytes that got to the thief's servers meanwhile, or back", bound: { equals: 0 } },
		privacy_address_refused: { title: "a new IPv6 address of the owner's own that was refused", bound: { equals: 0 } },
		stray_bytes: { title: 'bytes from the LAN that belong to nobody', bound: { equals: 0 } },
	},
	async run({ isShort, progress }) {
		return await withLab({ stations: 3 }, async (lab) => {
			const agent = await lab.startAgent();
			const servers = await Promise.all([80, 443].map((port) => startWebServer(lab.internet, port, INTERNET)));
			const browsers = [lab.station(1), lab.station(3)].map(({ namespace }) => new Browser(namespace));
			try {
				const [first, third] = browsers as [Browser, Browser];
				const before = await beforeLogin(lab, first, progress);
				const login = await afterLogin(lab, agent, first, progress);
				const end = await afterTheEnd(lab, agent, { topUps: isShort ? TOP_UPS_SHORT : TOP_UPS, progress });
				const theft = await theftOfAddresses(lab, agent, { first, third, progress });
				return { ...before, ...login, ...end, ...theft, stray_bytes: await lab.witness.strayBytes() };
			} finally {
				for (const browser of browsers) browser.stop();
				for (const server of servers) server.kill('SIGKILL');
			}
		});
	},
};

type Progress = (line: string) => void;

/** How many probes came out otherwise than meant. */
async function wrongOf(
	browser: Browser,
	meant: [Probe, string][],
	progress: Progress,
): Promise<{ wrong: number; ms: number[] }> {
	let wrong = 0;
	const ms: number[] = [];
	for (const [probe, outcome] of meant) {
		const answer = await browser.probe({ ...probe, silenceMs: HANG_MS });
		if (answer.outcome !== outcome) wrong++;
		if (outcome === 'ECONNREFUSED') ms.push(answer.ms);
		progress(
			`${probe.kind} ${probe.host ?? ''} ${probe.port ?? ''}: ${answer.outcome} after ${answer.ms.toFixed(1)} ms${answer.outcome === outcome ? '' : `, meant ${outcome}`}`,
		);
	}
	return { wrong, ms };
}

function web(station: Station, outcome: string): [Probe, string][] {
	return (['ipv4', 'ipv6'] as const).map((family) => [
		{ kind: 'get', host: station.server(family), port: 80 },
		outcome,
	]);
}

async function beforeLogin(lab: Lab, browser: Browser, progress: Progress) {
	const station = lab.station(1);
	const { wrong, ms } = await wrongOf(
		browser,
		[
			...(['ipv4', 'ipv6'] as const).flatMap((family): [Probe, string][] => {
				const host = station.server(family);
				return [
					[{ kind: 'get', host, port: 443 }, 'ECONNREFUSED'],
					[{ kind: 'datagram', host, port: 443 }, 'ECONNREFUSED'],
					[{ kind: 'datagram', host, port: 53 }, 'ECONNREFUSED'],
				];
			}),
			[{ kind: 'get', host: GARDEN_IPV4, port: 80 }, INTERNET],
			[{ kind: 'datagram', host: GARDEN_IPV4, port: 53 }, 'ECONNREFUSED'],
			...web(station, PORTAL),
		],
		progress,
	);
	return { wrong_before_login: wrong, refusal_ms_max: Math.max(...ms) };
}

/** The browser has a connection open that was sent to the portal. */
async function afterLogin(lab: Lab, agent: AgentHandle, browser: Browser, progress: Progress) {
	const station = lab.station(1);
	await browser.probe({ kind: 'get', host: station.server('ipv4'), port: 80, keep: true, silenceMs: HANG_MS });
	const kept = await browser.probe({ kind: 'again', keep: true, silenceMs: HANG_MS });
	await agent.admit('first', 'large', [station.mac]);
	const after = await browser.probe({ kind: 'again', silenceMs: HANG_MS });
	progress(`the kept connection: ${kept.outcome} before login, ${after.outcome} after it`);
	const { wrong } = await wrongOf(browser, web(station, INTERNET), progress);
	return { stuck_after_login: kept.outcome === PORTAL && after.outcome !== PORTAL ? 0 : 1, wrong_after_login: wrong };
}

/**
 * The station runs dry again and again, under a flow that never stops asking for more; what spends the package stops when it is dry, so
 * that an answer never comes too late. Every second top-up is met by a connection
 * that was open before it ran dry, the others by a new one.
 */
async function afterTheEnd(lab: Lab, agent: AgentHandle, { topUps, progress }: { topUps: number; progress: Progress }) {
	const station = lab.station(2);
	const opened = new Browser(station.namespace);
	const newcomer = new Browser(station.namespace);
	try {
		await agent.admit('second', 'ten-mb', [station.mac]);
		const page: Probe = { kind: 'get', host: station.server('ipv4'), port: 80, silenceMs: HANG_MS };
		let wrong = (await opened.probe({ ...page, keep: true })).outcome === INTERNET ? 0 : 1;
		const order = { protocol: 'udp', direction: 'down' } as const;
		const asking = await lab.flow(station, { ...order, bitsPerSecond: ASKING_BITS_PER_SECOND });
		const times: number[] = [];
		for (let topUp = 0; topUp < topUps; topUp++) {
			const spending = await lab.flow(station, { ...order, bitsPerSecond: SPENDING_BITS_PER_SECOND });
			await agent.reaches(station.mac, 'blocked');
			await spending.stop();
			for (const [probe, meant] of web(station, PORTAL)) {
				if ((await newcomer.probe({ ...probe, silenceMs: HANG_MS })).outcome !== meant) wrong++;
			}
			const isOpen = topUp % 2 === 0;
			const began = performance.now();
			await agent.topUp('second', 'ten-mb');
			const orderedMs = performance.now() - began;
			const answer = await (isOpen
				? opened.probe({ kind: 'again', keep: true, silenceMs: HANG_MS })
				: newcomer.probe(page));
			if (answer.outcome === INTERNET) times.push(performance.now() - began);
			else wrong++;
			progress(
				`top-up ${topUp + 1}, ${isOpen ? 'the open' : 'a new'} connection: ${answer.outcome}, ${(performance.now() - began).toFixed(1)} ms, ${orderedMs.toFixed(1)} of these until it was ordered`,
			);
		}
		await asking.stop();
		const [slowest = Number.NaN, second = Number.NaN] = times.toSorted((a, b) => b - a);
		return {
			wrong_after_end: wrong,
			restored_ms_median: median(times),
			restored_ms_all_but_one: second,
			restored_ms_max: slowest,
		};
	} finally {
		for (const browser of [opened, newcomer]) browser.stop();
	}
}

/** Station 3 has not paid. It takes the first station's hardware address, then its IP address. */
async function theftOfAddresses(
	lab: Lab,
	agent: AgentHandle,
	{ first, third, progress }: { first: Browser; third: Browser; progress: Progress },
) {
	const owner = lab.station(1);
	const thief = lab.station(3);
	const privacy = '2001:db8:10::1234:5678:9abc:def0';
	await owner.namespace.ip([`address add ${privacy}/64 dev eth0 nodad`]);
	// An address that is in use vouches for the new one.
	await first.probe({ kind: 'get', host: owner.server('ipv4'), port: 80, silenceMs: HANG_MS });
	const own = await first.probe({
		kind: 'get',
		host: owner.server('ipv6'),
		port: 80,
		source: privacy,
		silenceMs: HANG_MS,
	});
	progress(`the owner's new address: ${own.outcome}`);
	await delay(1500);
	// With what passed before it was asked: a row is as old as the last sample.
	const chargedTo = async (whose: string) => {
		await agent.sampled();
		const row = (await agent.stations()).find(({ mac }) => mac === whose);
		return (row?.upBytes ?? 0) + (row?.downBytes ?? 0);
	};
	const spent = () => chargedTo(owner.mac);
	const passed = async () => movedBytes((await lab.witness.read()).slice(thief.number - 1, thief.number));
	const spentBefore = await spent();
	const passedBefore = await passed();
	const reached = async (probes: Probe[]) => {
		let count = 0;
		for (const probe of probes) {
			const { outcome } = await third.probe(probe);
			progress(
				`thief: ${probe.kind} ${probe.host} ${probe.port} from ${probe.source ?? 'its own address'}: ${outcome}`,
			);
			if (outcome === INTERNET) count++;
		}
		return count;
	};
	const ipv4 = thief.server('ipv4');
	const ipv6 = thief.server('ipv6');
	// On a real access point one of two stations with the same address is off; so the owner is silent.
	await delay(OWNER_AWAY_MS);
	await thief.namespace.ip([`link set eth0 address ${owner.mac}`]);
	const wrong_of_clone = await reached([
		{ kind: 'get', host: ipv4, port: 80 },
		{ kind: 'get', host: ipv6, port: 80 },
		{ kind: 'get', host: ipv4, port: 443 },
		{ kind: 'datagram', host: ipv4, port: 443 },
		{ kind: 'get', host: ipv6, port: 443 },
	]);
	await thief.namespace.ip([`link set eth0 address ${thief.mac}`, `address add ${owner.ipv4}/32 dev eth0`]);
	const borrow = async () =>
		await reached([
			{ kind: 'get', host: ipv4, port: 443, source: owner.ipv4 },
			{ kind: 'datagram', host: ipv4, port: 443, source: owner.ipv4 },
		]);
	let wrong_of_borrower = await borrow();
	const passedBySession = await passed();
	// Also with a session of its own, it is not its address. What it tried before by its own one comes again, and it pays for that.
	await agent.admit('thief', 'large', [thief.mac]);
	wrong_of_borrower += await borrow();
	await delay(1500);
	const unpaid = (await passed()) - passedBySession - (await chargedTo(thief.mac));
	return {
		wrong_of_clone,
		wrong_of_borrower,
		spent_of_owner_bytes: (await spent()) - spentBefore,
		passed_bytes: passedBySession - passedBefore + Math.max(0, unpaid),
		privacy_address_refused: own.outcome === INTERNET ? 0 : 1,
	};
}
