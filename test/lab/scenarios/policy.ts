import { setTimeout as delay } from 'node:timers/promises';
import { startPostgres } from '../../carrier/postgres-server.ts';
import { FakePlatform, PLATFORM_KEY } from '../../fakes/fake-platform.ts';
import type { AgentHandle } from '../agent-handle.ts';
import { Beat, now } from '../beat.ts';
import { withLab } from '../lab.ts';
import { LabBroker } from '../lab-broker.ts';
import { runProgram } from '../namespace/program.ts';
import { PlatformProcess } from '../platform-process.ts';
import { Random } from '../random.ts';
import { BrokerWay } from '../roaming/broker-way.ts';
import type { Scenario } from '../scenario.ts';
import { HANG_MS } from '../until.ts';

const ROUNDS = 200;
const ROUNDS_SHORT = 40;
/** Not measured: programs that have just started compile their code. */
const ROUNDS_WARM = 2;
const AP = 'lab-1';
/** So long nothing passes, then it is shut. */
const QUIET_MS = 60;
const TIMEOUT_MS = HANG_MS;
const ATTEMPTS_MAX = 50;
/** Bytes a second of fair use: the beat needs some 48,000. */
const SLOW_BYTES_PER_SECOND = 1_000_000;

/** What is sold: a little, so that the station soon has nothing left and its end decides. */
const GATE = { name: 'gate', title: 'Gate', bytes: 20_000, atEnd: 'block' };

type Line = { configured: boolean; policyVersion: number; refused: Record<string, number> };

/**
 * A station has used up what it bought. Policies open and shut the way after the end, hundreds of times: asked for at the HTTP API of
 * the real platform, so its transaction on PostgreSQL, signing and sending are within the figures. Bad ones are put in beside it.
 */
export const policy: Scenario = {
	name: 'policy',
	title: "from the carrier's publish to the first packet under the new policy; bad policies change nothing",
	figures: {
		open_p50_ms: {
			title: 'request to the API → first packet that passes, median',
			bound: { atMost: 100 },
			kind: 'speed',
		},
		open_p99_ms: {
			title: 'request to the API → first packet that passes, 99th percentile',
			bound: { atMost: 200 },
			kind: 'speed',
		},
		shut_p99_ms: {
			title: 'request to the API → last packet that passes, 99th percentile',
			bound: { atMost: 200 },
			kind: 'speed',
		},
		rounds: { title: 'policies that opened, and as many that shut', bound: { atLeast: ROUNDS_SHORT } },
		passed_by_bad: {
			title: 'packets that passed after a forged, replayed, expired or half-broken policy',
			bound: { equals: 0 },
		},
		changed_by_bad: { title: 'bad policies that came into force', bound: { equals: 0 } },
		bad: { title: 'bad policies that were sent', bound: { atLeast: 8 } },
		bad_counted: { title: 'bad policies that the agent counted as refused, by reason − sent', bound: { equals: 0 } },
		bad_answered: {
			title: 'signed but bad policies that were answered with their faults − sent',
			bound: { equals: 0 },
		},
		bad_stored: {
			title: 'reasons that were reported, and are no event in the store of the platform',
			bound: { equals: 0 },
		},
		unanswered: { title: 'policies whose reply the platform has not stored', bound: { equals: 0 } },
		refused_again: {
			title: 'refused, when the platform is killed, starts anew and says the policy in force again',
			bound: { equals: 0 },
		},
		bad_reasons_reported: { title: 'reasons that reached the platform as an event', bound: { atLeast: 5 } },
	},
	async run({ isShort, progress }) {
		const rounds = isShort ? ROUNDS_SHORT : ROUNDS;
		await runProgram('ip', ['link', 'set', 'lo', 'up']);
		const server = await startPostgres({ durable: true });
		try {
			return await withLab({ stations: 1, addressing: 'static' }, async (lab) => {
				const broker = await new LabBroker(lab.router).start();
				// The platform is not on the router: there is one hop more than it would have.
				const way = await BrokerWay.open(broker.socketPath);
				const platform = new PlatformProcess({ database: server.url('postgres'), broker: way.url });
				await platform.prepare();
				await platform.start();
				await platform.ask('POST', '/v1/access-points', { ap: AP, title: AP });
				const agent = await lab.startAgent({
					carrier: { url: broker.url, accessPoint: AP, keys: [platform.key, `${PLATFORM_KEY.kid}:${PLATFORM_KEY.x}`] },
					plans: [GATE],
				});
				// Somebody else, with a key that is believed: says what a platform never would, and hears what is answered.
				const injector = await FakePlatform.connect(broker.socketUrl, { clientId: 'injector' });
				injector.acknowledges = false;
				const station = lab.station(1);
				await agent.admit('guest', GATE.name, [station.mac]);
				const beat = await Beat.start(lab, station);
				try {
					await agent.reaches(station.mac, 'blocked');
					const tools = { platform, injector, beat, agent };
					const measured = await measure(tools, rounds, progress);
					const again = await sayAgain(tools);
					return { ...measured, ...again, ...(await tryBad(tools, 2 * (rounds + ROUNDS_WARM))) };
				} finally {
					beat.stop();
					injector.close();
					await platform.kill();
					way.close();
					await broker.kill();
				}
			});
		} finally {
			await server.stop();
		}
	},
};

type Tools = {
	readonly platform: PlatformProcess;
	readonly injector: FakePlatform;
	readonly beat: Beat;
	readonly agent: AgentHandle;
};

/** What is sold from then on; open: whoever has nothing left goes on, slowly. */
function draftOf(isOpen: boolean) {
	const end = isOpen
		? { atEnd: 'throttle' as const, throttleBytesPerSecond: SLOW_BYTES_PER_SECOND }
		: { atEnd: 'block' as const };
	const plan = { name: GATE.name, title: GATE.title, unit: 'byte', amount: GATE.bytes, live: true, ...end } as const;
	return { plans: [plan], tariffs: [] };
}

function bodyOf(policyVersion: number, isOpen: boolean) {
	return { kind: 'policy', body: { policyVersion, ...draftOf(isOpen) } } as const;
}

async function measure({ platform, injector, beat }: Tools, rounds: number, progress: (line: string) => void) {
	const random = new Random(7);
	const [opened, shut]: [number[], number[]] = [[], []];
	const versions = 2 * (rounds + ROUNDS_WARM);
	for (let version = 1; version <= versions; version += 1) {
		const isOpen = version % 2 === 1;
		const at = now();
		const published = platform.ask('POST', '/v1/policies/all', draftOf(isOpen));
		const passed = isOpen ? await beat.firstAfter(at, TIMEOUT_MS) : await beat.lastBefore(QUIET_MS, TIMEOUT_MS);
		if (version > 2 * ROUNDS_WARM) (isOpen ? opened : shut).push(Math.max(0, passed - at));
		await published;
		await injector.until(() =>
			injector.replies.some(({ request, outcome }) => request === `policy-${version}-all` && outcome === 'done'),
		);
		await delay(random.between(0, 40));
		if (version % 100 === 0) progress(`${version} policies`);
	}
	const unanswered = async () =>
		versions - (await repliesAt(platform)).filter(({ outcome }) => outcome === 'done').length;
	for (let attempt = 0; attempt < ATTEMPTS_MAX && (await unanswered()) > 0; attempt += 1) await delay(100);
	return {
		open_p50_ms: percentile(opened, 0.5),
		open_p99_ms: percentile(opened, 0.99),
		shut_p99_ms: percentile(shut, 0.99),
		rounds,
		unanswered: await unanswered(),
	};
}

/** The newest 500. */
async function repliesAt(platform: PlatformProcess) {
	const answer = await platform.ask<{ replies: { version: number; outcome: string }[] }>('GET', '/v1/policies/all');
	return answer.replies;
}

/** A platform that starts sends all policies: what an access point has already does it no harm. */
async function sayAgain({ platform, injector, agent }: Tools) {
	const before = await agent.ask<Line>('carrier.status');
	const heard = injector.replies.length;
	await platform.kill();
	await platform.start();
	const again = () => injector.replies.slice(heard).filter(({ request }) => request.startsWith('policy-'));
	await injector.until(() => again().length > 0);
	const after = await agent.ask<Line>('carrier.status');
	return { refused_again: total(after) - total(before) + again().filter(({ outcome }) => outcome !== 'exists').length };
}

function total({ refused }: Line): number {
	return Object.values(refused).reduce((sum, count) => sum + count, 0);
}

/** Each would open the way; the policy in force shuts it. */
async function tryBad({ platform, injector, beat, agent }: Tools, version: number) {
	const before = await agent.ask<Line>('carrier.status');
	await beat.lastBefore(300, TIMEOUT_MS);
	const since = now();
	const next = version + 1;
	const good = await injector.token({ audience: 'all', id: 'bad-0' }, bodyOf(next, true));
	const [head, payload, signature] = good.split('.') as [string, string, string];
	const publish = (token: string) => injector.client.publishAsync('octroi/1/all/down/policy', token, { qos: 1 });
	const forged = payload.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
	await publish(`${head}.${forged}.${signature}`);
	await publish(good.replace(head, Buffer.from('{"alg":"none"}').toString('base64url')));
	await publish(good.replace(head, Buffer.from(`{"alg":"EdDSA","kid":"stranger"}`).toString('base64url')));
	const answered = [
		await injector.ask({ audience: 'all', id: 'bad-1' }, bodyOf(1, true)),
		await injector.ask({ audience: 'all', id: 'bad-2', expiresAt: Date.UTC(2026, 0, 2) }, bodyOf(next, true)),
		await injector.ask({ audience: 'all', id: 'bad-3' }, halfBroken(next)),
		await injector.ask({ audience: 'all', id: 'bad-4' }, doubled(next)),
		// The one before the last, heard again.
		await injector.ask({ audience: 'all', id: `bad-5` }, bodyOf(version - 1, true)),
	];
	await injector.until(() => faults(injector).length >= 5);
	await delay(500);
	const after = await agent.ask<Line>('carrier.status');
	const bad = 3 + answered.length;
	const { entries } = await platform.ask<{ entries: { kind: string; details: { refused?: unknown } }[] }>(
		'GET',
		'/v1/events?limit=50',
	);
	const stored = new Set(entries.filter(({ kind }) => kind === 'fault').map(({ details }) => details.refused));
	const reported = new Set(faults(injector));
	return {
		passed_by_bad: beat.countAfter(since),
		changed_by_bad: after.policyVersion - before.policyVersion,
		bad,
		bad_counted: total(after) - total(before) - bad,
		bad_answered: answered.filter(({ outcome }) => outcome === 'refused').length - answered.length,
		bad_reasons_reported: reported.size,
		bad_stored: [...reported].filter((reason) => !stored.has(reason)).length,
	};
}

function faults(platform: FakePlatform): unknown[] {
	return [...platform.events.values()].filter(({ kind }) => kind === 'fault').map(({ details }) => details.refused);
}

/** A plan without its amount. */
function halfBroken(version: number) {
	const { kind, body } = bodyOf(version, true);
	return { kind, body: { ...body, plans: body.plans.map(({ amount: _, ...plan }) => plan) } } as never;
}

/** Of the right form, but wrong in what it says. */
function doubled(version: number) {
	const { kind, body } = bodyOf(version, true);
	return { kind, body: { ...body, plans: [...body.plans, ...body.plans] } };
}

function percentile(values: readonly number[], part: number): number {
	const sorted = values.toSorted((a, b) => a - b);
	return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0) * 10) / 10;
}
