import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { AgentHandle } from '../agent-handle.ts';
import { type Lab, withLab } from '../lab.ts';
import {
	type LoadOrder,
	type LorisReport,
	type OversizedReport,
	type Samples,
	type Times,
	timesOf,
	type VisitReport,
} from '../portal/order.ts';
import { processorMs } from '../processor-time.ts';
import { PROJECT_ROOT } from '../project-root.ts';
import type { Scenario, ScenarioOptions } from '../scenario.ts';
import type { Station } from '../station.ts';
import { ROUTER_LAN_IPV4, serverAddress } from '../topology.ts';

const PORT = 2050;
const ECHO_PORT = 7007;
/** A station is known by its newest 16 addresses: so ten clients on each of twenty stations. */
const CROWD_STATIONS = 20;
const CLIENTS_PER_STATION = 10;
const CLIENTS = CROWD_STATIONS * CLIENTS_PER_STATION;
const LORIS_ADDRESSES = 200;
/** What the script of the page does. */
const INTERVAL_MS = 2000;
const LORIS_PER_ADDRESS = 3;
/** headersTimeout, its checking interval, and a busy machine. */
const CUT_MS = 8000;
const TO = { host: ROUTER_LAN_IPV4, port: PORT } as const;

/** The portal under honest and dishonest load. */
export const portal: Scenario = {
	name: 'portal',
	title: 'from a code to the first packet; 200 clients on the status page; slow and oversized requests cut off',
	figures: {
		redeem_to_packet_median_ms: {
			title: 'from sending the code to the first datagram back from the internet, median',
			bound: { atMost: 20 },
		},
		redeem_to_packet_p99_ms: { title: 'the same, 99 of 100', bound: { atMost: 100 } },
		redeem_failures: { title: 'codes that did not open the network', bound: { equals: 0 } },
		clients: { title: 'clients with the status page open', bound: { equals: CLIENTS } },
		page_median_ms: { title: 'whole status page, median', bound: { atMost: 50 } },
		page_p99_ms: { title: 'whole status page, 99 of 100', bound: { atMost: 100 } },
		page_failures: { title: 'pages that were not the status page', bound: { equals: 0 } },
		burst_p99_ms: { title: 'all clients in the same instant, 99 of 100', bound: { atMost: 500 } },
		burst_cpu_us: { title: "of these, the agent's processor time for a page, µs", bound: { atMost: 1000 } },
		resident_growth_mib: { title: 'memory of the agent after all of it, above the start', bound: { atMost: 64 } },
		resident_mib: { title: 'memory of the agent after all of it', bound: { atMost: 220 } },
		loris_connections: {
			title: 'connections that never finish a request',
			bound: { equals: LORIS_ADDRESSES * LORIS_PER_ADDRESS },
		},
		loris_uncut: { title: 'of these, still open at the end', bound: { equals: 0 } },
		loris_longest_ms: { title: 'of these, the longest until it was cut', bound: { atMost: CUT_MS } },
		visitor_p99_ms: { title: 'a visitor meanwhile, 99 of 100', bound: { atMost: 250 } },
		visitor_failures: { title: 'pages that this visitor did not get', bound: { equals: 0 } },
		oversized_wrong: {
			title: 'oversized and broken requests that were not answered as they must be',
			bound: { equals: 0 },
		},
	},
	async run(options) {
		return await withLab({ stations: CROWD_STATIONS + 2 }, async (lab) => await measure(lab, options));
	},
};

async function measure(lab: Lab, { isShort, seconds = isShort ? 8 : 20, progress }: ScenarioOptions) {
	const [buyer, attacker, ...crowd] = lab.stations as [Station, Station, ...Station[]];
	const agent = await lab.startAgent();
	for (const { name, mac } of [attacker, ...crowd]) await agent.admit(name, 'large', [mac]);
	const residentAtStart = residentMib(agent);
	const redeemed = await redeem(lab, agent, buyer, isShort ? 10 : 50);
	progress(`code to packet: ${JSON.stringify(redeemed)}`);

	let cpuMs = 0;
	const visits = await visit(crowd, CLIENTS_PER_STATION, seconds, {
		onBegin: () => {
			cpuMs = processorMs(agent.pid);
		},
	});
	const burst_cpu_us = Math.round(((processorMs(agent.pid) - cpuMs) / CLIENTS) * 1000);
	const paced = timesOf(visits.map((one) => one.paced));
	const burst = timesOf(visits.map((one) => one.burst));
	progress(
		`${CLIENTS} clients: ${JSON.stringify(paced)}, at once: ${JSON.stringify(burst)}, ${burst_cpu_us} µs of processor time each`,
	);

	const [loris, visitor] = await Promise.all([
		run<LorisReport>(attacker, {
			order: 'loris',
			...TO,
			localAddresses: await giveAddresses(attacker, LORIS_ADDRESSES),
			perAddress: LORIS_PER_ADDRESS,
		}),
		visit(crowd.slice(0, 1), 1, CUT_MS / 1000, { intervalMs: 50 }).then((reports) =>
			timesOf(reports.map((one) => one.paced)),
		),
	]);
	progress(`slow loris: ${JSON.stringify(loris)}, a visitor meanwhile: ${JSON.stringify(visitor)}`);
	const oversized = await run<OversizedReport>(buyer, { order: 'oversized', ...TO });
	const wrong = oversized.filter(({ status, expected }) => status !== expected);
	progress(`oversized: ${JSON.stringify(wrong.length === 0 ? `${oversized.length} as expected` : wrong)}`);
	const resident = residentMib(agent);
	return {
		redeem_to_packet_median_ms: redeemed.medianMs,
		redeem_to_packet_p99_ms: redeemed.p99Ms,
		redeem_failures: redeemed.failures,
		clients: visits.length * CLIENTS_PER_STATION,
		page_median_ms: paced.medianMs,
		page_p99_ms: paced.p99Ms,
		page_failures: paced.failures,
		burst_p99_ms: burst.p99Ms,
		burst_cpu_us,
		resident_growth_mib: resident - residentAtStart,
		resident_mib: resident,
		loris_connections: loris.opened,
		loris_uncut: loris.opened - loris.cut,
		loris_longest_ms: loris.longestMs,
		visitor_p99_ms: visitor.p99Ms,
		visitor_failures: visitor.failures,
		oversized_wrong: wrong.length,
	};
}

async function redeem(lab: Lab, agent: AgentHandle, station: Station, count: number): Promise<Times> {
	const batch = { batch: 'first-packet', plan: 'ten-mb', count };
	const { codes } = await agent.ask<{ codes: { code: string }[] }>('voucher.create', batch);
	const echoHost = serverAddress(station.number, 'ipv4');
	const echo = lab.internet.spawn(process.execPath, [program('echo'), String(ECHO_PORT), echoHost]);
	await createInterface({ input: echo.stdout as Readable })
		[Symbol.asyncIterator]()
		.next();
	try {
		const samples = await run<Samples>(
			station,
			{ order: 'redeem', ...TO, echoHost, echoPort: ECHO_PORT, codes: codes.map(({ code }) => code) },
			async () => {
				const [row] = (await agent.stations()).filter(({ mac }) => mac === station.mac);
				if (row?.account !== undefined) await agent.ask('station.detach', { mac: station.mac });
			},
		);
		return timesOf([samples]);
	} finally {
		echo.kill('SIGKILL');
	}
}

/** So many clients on each of the stations, all from the same moment on; at the end all at once. `onBegin`: now, for each of the two. */
async function visit(
	stations: Station[],
	each: number,
	seconds: number,
	{ intervalMs = INTERVAL_MS, onBegin }: { intervalMs?: number; onBegin?: () => void } = {},
): Promise<VisitReport[]> {
	// Those who are ready wait for the others, each time.
	let waiting: (() => void)[] = [];
	const ready = async () => {
		await new Promise<void>((resolve) => {
			waiting.push(resolve);
			if (waiting.length < stations.length) return;
			onBegin?.();
			for (const begin of waiting) begin();
			waiting = [];
		});
	};
	return await Promise.all(
		stations.map(async (station, index) => {
			// All by the one address that it has: by another one they would be strangers.
			const localAddresses = Array.from({ length: each }, () => station.ipv4);
			const phase = index / stations.length;
			return await run<VisitReport>(
				station,
				{ order: 'visit', ...TO, localAddresses, seconds, intervalMs, phase },
				ready,
			);
		}),
	);
}

/** Runs the load in the station's namespace; `between` answers its questions. */
async function run<Result>(station: Station, order: LoadOrder, between?: () => Promise<void>): Promise<Result> {
	const child = station.namespace.spawn(process.execPath, [program('load'), JSON.stringify(order)], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	for await (const line of createInterface({ input: child.stdout as Readable })) {
		const answer = JSON.parse(line) as Result | 'ready';
		if (answer !== 'ready') return answer;
		await between?.();
		(child.stdin as Writable).write('\n');
	}
	throw new Error(`the load process ended without an answer: ${order.order}`);
}

function program(name: 'load' | 'echo'): string {
	return join(PROJECT_ROOT, `build/test/lab/portal/${name}.js`);
}

async function giveAddresses(station: Station, count: number): Promise<string[]> {
	const addresses = Array.from({ length: count }, (_, index) => `10.77.${100 + station.number}.${index + 1}`);
	await station.namespace.ip(addresses.map((address) => `address replace ${address}/16 dev eth0`));
	return addresses;
}

function residentMib(agent: AgentHandle): number {
	const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${agent.pid}/status`, 'utf8'))?.[1];
	return Math.round((Number(kibibytes) / 1024) * 10) / 10;
}
