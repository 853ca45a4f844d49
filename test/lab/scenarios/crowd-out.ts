import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { Attacker, arrive, becomeNew } from '../crowd/crowd.ts';
import type { CrowdOrder, NewcomerReport } from '../crowd/order.ts';
import { Resolver } from '../dns/resolver.ts';
import { type Lab, withLab } from '../lab.ts';
import type { FigureRules, Scenario, ScenarioOptions } from '../scenario.ts';
import type { Station } from '../station.ts';

/** The newcomer's tries, half a second apart: as long as a person has patience. */
const TRIES = 20;
const TRY_AGAIN_MS = 500;
const PAGES = 10;
const NAMES = 10;
/** So long a flood lasts at least: what is said once must not look like what is said all the time. */
const FLOOD_MS = 30_000;
const FLOOD_MS_SHORT = 6000;
const IN_SECONDS_MAX = 10;
const PAGE_SECONDS_MAX = 5;
const LOG_BYTES_PER_SECOND_MAX = 1000;
/** As a telephone's temporary addresses, but more. */
const ADDRESSES = 70;
const HALF_OPEN_EACH = 16;
const NEIGHBOURS_PER_SECOND = 2500;
/** Entries of the kernel's table are kept for five seconds at least. */
const NEIGHBOURS_KEPT_SECONDS = 6;
/** The table is the whole machine's: what is too small for the flood belongs to others too, and is left to them but for a few. */
const NEIGHBOURS_SPARED = 16;
/** The local user's. */
const IDLE_CLIENTS = 64;

type Row = {
	readonly name: string;
	readonly about: string;
	readonly crowd: (scene: Scene) => Promise<{ stop(): void }> | { stop(): void };
	/** The newcomer pairs his device instead of entering a voucher. */
	readonly isPairing?: true;
	/** It needs more of the machine than the tests may ask for. */
	readonly isLongOnly?: true;
};

type Scene = { readonly lab: Lab; readonly agent: AgentHandle; readonly attacker: Station };

const ROWS: readonly Row[] = [
	row('codes', 'wrong codes of 20 made-up stations without a lease', { crowd: 'codes', page: '/redeem', stations: 20 }),
	{
		...row('pairing', 'wrong pairing codes of 6 made-up stations', { crowd: 'codes', page: '/join', stations: 6 }),
		isPairing: true,
	},
	{
		name: 'half_open',
		about: '70 IPv6 addresses of one station with 16 unfinished requests each',
		crowd: async ({ attacker }) =>
			await Attacker.start(attacker, {
				crowd: 'half-open',
				addresses: await ipv6Addresses(attacker),
				each: HALF_OPEN_EACH,
			}),
	},
	row('connections', '60 made-up stations with 16 unfinished requests each', {
		crowd: 'held',
		path: '/',
		stations: 60,
		each: 16,
		isWhole: false,
	}),
	row('streams', 'streams of 90 made-up stations', {
		crowd: 'held',
		path: '/api/events',
		stations: 90,
		each: 3,
		isWhole: true,
	}),
	row('claims', '2,500 stations a second claim the address of the router', {
		crowd: 'frames',
		what: 'claims',
		perSecond: 2500,
		stations: 5000,
	}),
	{
		name: 'neighbours',
		about: '2,500 made-up stations a second, each with an address',
		crowd: async ({ attacker, lab }) =>
			await Attacker.start(attacker, {
				crowd: 'frames',
				what: 'neighbours',
				perSecond: await neighboursPerSecond(lab),
				stations: 100,
			}),
		isLongOnly: true,
	},
	row('names', '4,200 made-up stations ask for a name each', {
		crowd: 'frames',
		what: 'names',
		perSecond: 1000,
		stations: 4200,
	}),
	{ name: 'status', about: 'a local user with 64 idle clients on the status socket', crowd: idleClients },
];

/** Whatever a crowd does: somebody who has just come, and has a good code, is let in, sees the portal and gets names. */
export const crowdOut: Scenario = {
	name: 'crowd-out',
	title: 'every budget that strangers share: a newcomer with a good code is in, sees the portal and gets names',
	figures: {
		...(Object.assign({}, ...ROWS.map(rulesOf)) as FigureRules),
		neighbours_per_second: {
			title: "made-up stations a second in that flood: as `octroi doctor` asks, the machine's tables are large enough",
			kind: 'speed',
			bound: { atLeast: NEIGHBOURS_PER_SECOND },
			longOnly: true,
		},
	},
	async run(options) {
		return await withLab({ stations: 3 }, async (lab) => await measure(lab, options));
	},
};

/** What waits for a neighbour that nobody is must not fill the resolver's send buffer. The tables of neighbours are the machine's. */
const AS_THE_DOCTOR_ASKS = {
	'net.ipv4.neigh.br-lan.unres_qlen_bytes': 4096,
	'net.ipv6.neigh.br-lan.unres_qlen_bytes': 4096,
};

function row(name: string, about: string, order: CrowdOrder): Row {
	return { name, about, crowd: async ({ attacker }) => await Attacker.start(attacker, order) };
}

function rulesOf({ name, about, isLongOnly }: Row): FigureRules {
	const longOnly = isLongOnly ? { longOnly: true as const } : {};
	return {
		[`${name}_kept_out`]: {
			title: `${about}: a newcomer is not in after ${TRIES} tries`,
			bound: { equals: 0 },
			...longOnly,
		},
		[`${name}_pages_failed`]: {
			title: 'of ten first pages, those that did not come',
			bound: { equals: 0 },
			...longOnly,
		},
		[`${name}_names`]: { title: 'of ten names, those that were answered', bound: { atLeast: 9 }, ...longOnly },
		[`${name}_status_failed`]: {
			title: 'the status that a local reader did not get',
			bound: { equals: 0 },
			...longOnly,
		},
		[`${name}_log_bytes_per_second`]: {
			title: 'growth of the log',
			anywhere: 'from above: a slow machine floods less and writes less',
			bound: { atMost: LOG_BYTES_PER_SECOND_MAX },
			...longOnly,
		},
		[`${name}_in_seconds`]: {
			title: 'from the form to the network',
			kind: 'speed',
			bound: { atMost: IN_SECONDS_MAX },
			longOnly: true,
		},
		[`${name}_page_seconds`]: {
			title: 'the longest page',
			kind: 'speed',
			bound: { atMost: PAGE_SECONDS_MAX },
			longOnly: true,
		},
	};
}

async function measure(lab: Lab, { isShort, progress }: ScenarioOptions): Promise<Record<string, number>> {
	const [attacker, newcomer, owner] = lab.stations as [Station, Station, Station];
	await lab.router.sysctl(AS_THE_DOCTOR_ASKS);
	const agent = await lab.startAgent();
	const resolver = await Resolver.start(lab, agent);
	await agent.admit('owner', 'large', [owner.mac]);
	const batch = { batch: 'crowd', plan: 'ten-mb', count: ROWS.length };
	const { codes } = await agent.ask<{ codes: { code: string }[] }>('voucher.create', batch);
	const figures: Record<string, number> = {};
	try {
		if (!isShort) figures.neighbours_per_second = await neighboursPerSecond(lab);
		for (const [index, one] of ROWS.entries()) {
			if (isShort && one.isLongOnly) continue;
			const logged = statSync(agent.logFile).size;
			const began = performance.now();
			const crowd = await one.crowd({ lab, agent, attacker });
			try {
				await becomeNew(newcomer, index);
				const { answered } = await resolver.lookUp(newcomer, { names: names() });
				const status_failed = (await hasStatus(agent)) ? 0 : 1;
				const report = one.isPairing
					? await pair(agent, newcomer)
					: await arrive(newcomer, { page: '/redeem', code: codes[index]?.code as string, pages: PAGES, tries: TRIES });
				await delay(Math.max(0, (isShort ? FLOOD_MS_SHORT : FLOOD_MS) - (performance.now() - began)));
				const seconds = (performance.now() - began) / 1000;
				const bytes = Math.round((statSync(agent.logFile).size - logged) / seconds);
				progress(
					`${one.about}: ${JSON.stringify({ ...report, answered, status_failed, bytes, seconds: Math.round(seconds) })}`,
				);
				figures[`${one.name}_kept_out`] = report.isIn ? 0 : 1;
				figures[`${one.name}_pages_failed`] = report.pagesFailed;
				figures[`${one.name}_names`] = answered;
				figures[`${one.name}_status_failed`] = status_failed;
				figures[`${one.name}_log_bytes_per_second`] = bytes;
				if (!isShort) {
					figures[`${one.name}_in_seconds`] = report.inMs / 1000;
					figures[`${one.name}_page_seconds`] = report.pageMs / 1000;
				}
			} finally {
				crowd.stop();
			}
		}
		return figures;
	} finally {
		resolver.stop();
	}
}

/** How many the machine's table has room for. */
async function neighboursPerSecond({ router }: Lab): Promise<number> {
	const text = await router.run('ip', ['ntable', 'show', 'name', 'arp_cache']);
	const entries = Number(/thresh3 (\d+)/.exec(text)?.[1] ?? 0);
	if (entries >= NEIGHBOURS_PER_SECOND * NEIGHBOURS_KEPT_SECONDS) return NEIGHBOURS_PER_SECOND;
	return Math.floor(entries / NEIGHBOURS_SPARED);
}

function names(): string[] {
	return Array.from({ length: NAMES }, (_, index) => `host${index + 1}.cdn.lab.example`);
}

/** Types what the display shows, and looks at it again if that was wrong. */
async function pair(agent: AgentHandle, newcomer: Station): Promise<NewcomerReport> {
	const order = { page: '/join', tries: 1 } as const;
	let report = await arrive(newcomer, { ...order, code: await pairingCode(agent), pages: PAGES });
	for (let count = 1; count < TRIES && !report.isIn; count++) {
		await delay(TRY_AGAIN_MS);
		const { isIn, inMs } = await arrive(newcomer, { ...order, code: await pairingCode(agent), pages: 0 });
		report = { ...report, isIn, inMs: report.inMs + inMs, refused: count + (isIn ? 0 : 1) };
	}
	return report;
}

async function pairingCode(agent: AgentHandle): Promise<string> {
	const [open] = await agent.ask<{ code: string }[]>('pair.list');
	return open?.code ?? (await agent.ask<{ code: string }>('pair.start', { account: 'owner' })).code;
}

async function ipv6Addresses({ namespace }: Station): Promise<string[]> {
	const addresses = Array.from({ length: ADDRESSES }, (_, index) => `2001:db8:10::7:${(index + 1).toString(16)}`);
	await namespace.ip(addresses.map((address) => `address replace ${address}/64 dev eth0 nodad`));
	return addresses;
}

/** Connects to the status socket and says nothing. */
async function idleClients({ agent }: Scene): Promise<{ stop(): void }> {
	const clients = Array.from({ length: IDLE_CLIENTS }, () => connect(join(agent.directory, 'status.sock')));
	await Promise.all(clients.map(async (client) => await new Promise((resolve) => client.once('data', resolve))));
	return {
		stop() {
			for (const client of clients) client.destroy();
		},
	};
}

/** Whether a display gets the status from the socket that everybody may read. */
async function hasStatus(agent: AgentHandle): Promise<boolean> {
	const client = connect(join(agent.directory, 'status.sock'));
	client.write(`${JSON.stringify({ id: 1, command: 'status' })}\n`);
	let text = '';
	for await (const part of client.setEncoding('utf8')) {
		text += part as string;
		if (text.includes('"id":1')) break;
	}
	client.destroy();
	return text.includes('"result"');
}
