import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { type Lab, withLab } from '../lab.ts';
import { PROJECT_ROOT } from '../project-root.ts';
import type { Scenario, ScenarioOptions } from '../scenario.ts';
import type { Station } from '../station.ts';
import { ROUTER_LAN_IPV4 } from '../topology.ts';

const PORTAL = `http://${ROUTER_LAN_IPV4}:2050`;
/** The agent gives memory back when it is idle; it looks every 15 s. */
const QUIET_MS = 60_000;
const LOOK_MS = 1000;

/** One station that comes and goes, by the socket; one voucher for one device that two stations take from each other, by the portal. */
export const churn: Scenario = {
	name: 'churn',
	title: '10,000 times attached and detached, by socket and portal: memory stays where it was',
	figures: {
		pairs_by_socket: { title: 'attached and detached by the control socket', bound: { atLeast: 300 } },
		pairs_by_portal: { title: 'a voucher taken from one station by another, on the portal', bound: { atLeast: 20 } },
		failures: { title: 'of these, not done', bound: { equals: 0 } },
		growth_percent: {
			title: 'resident memory after all pairs and a quiet minute, above the start',
			kind: 'memory',
			bound: { atMost: 10 },
		},
		own_growth_mib: {
			title:
				'of that, memory of its own: the rest are pages of the files of the programs, such as the languages of the first page',
			kind: 'memory',
		},
		peak_growth_mib: {
			title: 'the most that was ever resident, above that of an idle agent',
			kind: 'memory',
			bound: { atMost: 40 },
		},
	},
	async run(options) {
		return await withLab({ stations: 3 }, async (lab) => await measure(lab, options));
	},
};

async function measure(lab: Lab, { isShort, progress }: ScenarioOptions): Promise<Record<string, number>> {
	const [socket, one, other] = lab.stations as [Station, Station, Station];
	const agent = await lab.startAgent();
	await agent.ask('account.create', { account: 'alice' });
	await agent.topUp('alice', 'large');
	const { resident: idle, own: ownIdle } = memoryMib(agent);
	const say = (what: string) => {
		const { resident, own } = memoryMib(agent);
		progress(`${what}: ${resident.toFixed(1)} MiB resident, ${own.toFixed(1)} of its own`);
	};
	say('at the start');
	const counts = isShort ? { socket: 400, portal: 20 } : { socket: 5000, portal: 5000 };
	let failures = 0;
	const bySocket = async (pairs: number) => {
		for (let pair = 0; pair < pairs; pair++) {
			for (const command of ['station.attach', 'station.detach']) {
				const given = command === 'station.attach' ? { mac: socket.mac, account: 'alice' } : { mac: socket.mac };
				await agent.ask(command, given).catch(() => failures++);
			}
			if (pair % 500 === 499) say(`${pair + 1} by the socket`);
		}
	};
	await bySocket(counts.socket);
	failures += await byPortal(agent, [one, other], counts.portal, say);
	const { peak } = memoryMib(agent);
	const growthPercent = () => ((memoryMib(agent).resident - idle) / idle) * 100;
	// A machine that is busy elsewhere makes the minute longer: what counts is that it comes back.
	const quietMs = isShort ? 2 * QUIET_MS : QUIET_MS;
	for (let waitedMs = 0; waitedMs < quietMs && !(isShort && growthPercent() <= 10); waitedMs += LOOK_MS)
		await delay(LOOK_MS);
	say(`after a quiet minute, at most ${peak.toFixed(1)}`);
	return {
		pairs_by_socket: counts.socket,
		pairs_by_portal: counts.portal,
		failures,
		growth_percent: growthPercent(),
		own_growth_mib: memoryMib(agent).own - ownIdle,
		peak_growth_mib: peak - idle,
	};
}

/** Each time that it is entered on one of them, the other one is detached. @returns how often it was not taken */
async function byPortal(
	agent: AgentHandle,
	stations: readonly Station[],
	pairs: number,
	say: (what: string) => void,
): Promise<number> {
	const order = { batch: 'churn', plan: 'large', count: 1 };
	const { codes } = await agent.ask<{ codes: { code: string }[] }>('voucher.create', order);
	const program = join(PROJECT_ROOT, 'build/test/lab/portal/redeem-again.js');
	const guests = stations.map(({ namespace }) => {
		const child = namespace.spawn(process.execPath, [program, PORTAL, codes[0]?.code as string], {
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		const answers = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
		return { child, answers };
	});
	let failures = 0;
	for (let pair = 0; pair < pairs; pair++) {
		const guest = guests[pair % guests.length] as (typeof guests)[number];
		(guest.child.stdin as Writable).write('\n');
		if ((await guest.answers.next()).value !== '303') failures++;
		if (pair % 500 === 499) say(`${pair + 1} by the portal`);
	}
	for (const { child } of guests) child.stdin?.end();
	return failures;
}

/** As the kernel says: resident now, of that what is no page of a file, and the most that was ever resident. */
function memoryMib({ pid }: AgentHandle): { resident: number; own: number; peak: number } {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	const mib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
	return { resident: mib('VmRSS'), own: mib('RssAnon'), peak: mib('VmHWM') };
}
