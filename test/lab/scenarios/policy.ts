import { setTimeout as delay } from 'node:timers/promises';
import { FakePlatform, PLATFORM_KEY } from '../../fakes/fake-platform.ts';
import type { AgentHandle } from '../agent-handle.ts';
import { Beat, now } from '../beat.ts';
import { withLab } from '../lab.ts';
import { LabBroker } from '../lab-broker.ts';
import { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';

const ROUNDS = 200;
const ROUNDS_SHORT = 40;
const AP = 'lab-1';
/** So long nothing passes, then it is shut. */
const QUIET_MS = 60;
const TIMEOUT_MS = 10_000;
/** Bytes a second of fair use: the beat needs some 48,000. */
const SLOW_BYTES_PER_SECOND = 1_000_000;

/** What is sold: a little, so that the station soon has nothing left and its end decides. */
const GATE = { name: 'gate', title: 'Gate', bytes: 20_000, atEnd: 'block' };

type Line = { configured: boolean; policyVersion: number; refused: Record<string, number> };

/** A station has used up what it bought. Policies open and shut the way after the end, hundreds of times. */
export const policy: Scenario = {
	name: 'policy',
	title: "from the carrier's publish to the first packet under the new policy; bad policies change nothing",
	figures: {
		open_p50_ms: { title: 'publish → first packet that passes, median', bound: { atMost: 100 } },
		open_p99_ms: { title: 'publish → first packet that passes, 99th percentile', bound: { atMost: 200 } },
		shut_p99_ms: { title: 'publish → last packet that passes, 99th percentile', bound: { atMost: 200 } },
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
		bad_reasons_reported: { title: 'reasons that reached the platform as an event', bound: { atLeast: 5 } },
	},
	async run({ isShort, progress }) {
		const rounds = isShort ? ROUNDS_SHORT : ROUNDS;
		return await withLab({ stations: 1, addressing: 'static' }, async (lab) => {
			const broker = await new LabBroker(lab.router).start();
			const agent = await lab.startAgent({
				carrier: { url: broker.url, accessPoint: AP, keys: [`${PLATFORM_KEY.kid}:${PLATFORM_KEY.x}`] },
				plans: [GATE],
			});
			const platform = await FakePlatform.connect(broker.socketUrl);
			const station = lab.station(1);
			await agent.admit('guest', GATE.name, [station.mac]);
			const beat = await Beat.start(lab, station);
			try {
				await agent.reaches(station.mac, 'blocked');
				const measured = await measure({ platform, beat, rounds, progress });
				return { ...measured, ...(await tryBad({ platform, beat, agent, version: 2 * rounds })) };
			} finally {
				beat.stop();
				platform.close();
				await broker.kill();
			}
		});
	},
};

type Tools = { readonly platform: FakePlatform; readonly beat: Beat };

function bodyOf(policyVersion: number, isOpen: boolean) {
	const end = isOpen
		? { atEnd: 'throttle' as const, throttleBytesPerSecond: SLOW_BYTES_PER_SECOND }
		: { atEnd: 'block' as const };
	const plan = { name: GATE.name, title: GATE.title, unit: 'byte', amount: GATE.bytes, live: true, ...end } as const;
	return { kind: 'policy', body: { policyVersion, plans: [plan], tariffs: [] } } as const;
}

async function measure({
	platform,
	beat,
	rounds,
	progress,
}: Tools & { rounds: number; progress: (line: string) => void }) {
	const random = new Random(7);
	const [opened, shut]: [number[], number[]] = [[], []];
	for (let version = 1; version <= 2 * rounds; version += 1) {
		const isOpen = version % 2 === 1;
		const token = await platform.token({ audience: 'all', id: `p-${version}` }, bodyOf(version, isOpen));
		const at = now();
		platform.client.publish('octroi/1/all/down/policy', token, { qos: 1, retain: true });
		if (isOpen) opened.push((await beat.firstAfter(at, TIMEOUT_MS)) - at);
		else shut.push(Math.max(0, (await beat.lastBefore(QUIET_MS, TIMEOUT_MS)) - at));
		await platform.until(() =>
			platform.replies.some(({ request, outcome }) => request === `p-${version}` && outcome === 'done'),
		);
		await delay(random.between(0, 40));
		if (version % 100 === 0) progress(`${version} policies`);
	}
	return {
		open_p50_ms: percentile(opened, 0.5),
		open_p99_ms: percentile(opened, 0.99),
		shut_p99_ms: percentile(shut, 0.99),
		rounds,
	};
}

/** Each would open the way; the policy in force shuts it. */
async function tryBad({ platform, beat, agent, version }: Tools & { agent: AgentHandle; version: number }) {
	const before = await agent.ask<Line>('carrier.status');
	await beat.lastBefore(300, TIMEOUT_MS);
	const since = now();
	const next = version + 1;
	const good = await platform.token({ audience: 'all', id: 'bad-0' }, bodyOf(next, true));
	const [head, payload, signature] = good.split('.') as [string, string, string];
	const publish = (token: string) => platform.client.publishAsync('octroi/1/all/down/policy', token, { qos: 1 });
	const forged = payload.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
	await publish(`${head}.${forged}.${signature}`);
	await publish(good.replace(head, Buffer.from('{"alg":"none"}').toString('base64url')));
	await publish(good.replace(head, Buffer.from(`{"alg":"EdDSA","kid":"stranger"}`).toString('base64url')));
	const answered = [
		await platform.ask({ audience: 'all', id: 'bad-1' }, bodyOf(1, true)),
		await platform.ask({ audience: 'all', id: 'bad-2', expiresAt: Date.UTC(2026, 0, 2) }, bodyOf(next, true)),
		await platform.ask({ audience: 'all', id: 'bad-3' }, halfBroken(next)),
		await platform.ask({ audience: 'all', id: 'bad-4' }, doubled(next)),
	];
	// Said by the one in force, and heard again.
	const replayed = await platform.ask({ audience: 'all', id: `p-${version - 1}` }, bodyOf(version - 1, true));
	await platform.until(() => faults(platform).length >= 5);
	await delay(500);
	const after = await agent.ask<Line>('carrier.status');
	const total = ({ refused }: Line) => Object.values(refused).reduce((sum, count) => sum + count, 0);
	const bad = 3 + answered.length + 1;
	return {
		passed_by_bad: beat.countAfter(since),
		changed_by_bad: after.policyVersion - before.policyVersion,
		bad,
		bad_counted: total(after) - total(before) - bad,
		bad_answered: [...answered, replayed].filter(({ outcome }) => outcome === 'refused').length - answered.length - 1,
		bad_reasons_reported: new Set(faults(platform)).size,
	};
}

function faults(platform: FakePlatform): unknown[] {
	return [...platform.events.values()].filter(({ kind }) => kind === 'fault').map(({ details }) => details.refused);
}

/** A plan without its amount. */
function halfBroken(version: number) {
	const { kind, body } = bodyOf(version, true);
	const [{ amount: _, ...plan }] = body.plans;
	return { kind, body: { ...body, plans: [plan] } } as never;
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
