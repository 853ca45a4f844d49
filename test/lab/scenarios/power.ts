import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { type Lab, withLab } from '../lab.ts';
import { LedgerReader } from '../ledger-reader.ts';
import { PowerImage } from '../power-image.ts';
import { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';
import type { Way } from '../ways.ts';

const CUTS = 30;
const CUTS_SHORT = 4;
const LIFE_MS = { least: 100, most: 2000 };
const RATE_BITS_PER_SECOND = 20_000_000;
const MEBIBYTE = 1 << 20;
const SEED = 42;
/** Packets that were past the meter when the power went have arrived after this. */
const QUIET_MS = 100;

const WAYS: Way[] = [
	{ protocol: 'tcp', direction: 'down', family: 'ipv4' },
	{ protocol: 'udp', direction: 'up', family: 'ipv6' },
	{ protocol: 'udp', direction: 'down', family: 'ipv4' },
];

/** A router without power forwards nothing, and its kernel forgets: the table goes in the same transaction in which all stops. */
const OFF = `table inet octroi { }
delete table inet octroi
table inet lab_power {
	chain forward { type filter hook forward priority filter - 10; policy drop; }
}
`;
const ON = 'delete table inet lab_power\n';

type Direction = 'customer' | 'venue';
type Verdict = { beyondGrantsBytes: number; wrongWayBytes: number; unrecordedBytes: number; errorBytes: number };

/** The plug is pulled; what the router knew of its counters is gone, what the ledger promised is not. */
export const power: Scenario = {
	name: 'power',
	title:
		'30 power cuts (ext4 shutdown): the ledger verifies, the error is within the open grants, in the configured direction, recorded',
	figures: {
		cuts: { title: 'power cuts', bound: { atLeast: CUTS_SHORT } },
		cuts_long: { title: 'power cuts, in the long form', bound: { atLeast: CUTS }, longOnly: true },
		verify_failures: { title: 'cuts after which `ledger verify` failed', bound: { equals: 0 } },
		beyond_grants_bytes: { title: 'error − grants that were open, largest', bound: { atMost: 0 } },
		wrong_way_bytes: { title: 'error against the configured direction, largest', bound: { atMost: 0 } },
		unrecorded_bytes: { title: 'open grants that no transfer names as lost, largest', bound: { equals: 0 } },
		error_bytes: { title: 'largest error of one account at one cut, absolute', bound: { atMost: 4 * MEBIBYTE } },
		lossy_cuts: { title: 'cuts that really lost something: else nothing was tried', bound: { atLeast: 1 } },
	},
	async run({ isShort, progress }) {
		const cuts = isShort ? CUTS_SHORT : CUTS;
		const verdicts: Verdict[] = [];
		let verify_failures = 0;
		let lossy_cuts = 0;
		for (const direction of ['customer', 'venue'] as const) {
			await withLab({ stations: WAYS.length }, async (lab) => {
				const image = new PowerImage();
				await image.start();
				const agent = await lab.startAgent({
					grant: { bytesMin: MEBIBYTE / 2, bytesMax: 4 * MEBIBYTE, seconds: 1 },
					powerLoss: direction,
					database: join(image.directory, 'ledger.db'),
				});
				for (const { name, mac } of lab.stations) await agent.admit(name, 'large', [mac]);
				const random = new Random(SEED);
				for (let cut = 1; cut <= cuts / 2; cut++) {
					const outcome = await cutPower(lab, agent, { image, random, direction });
					verdicts.push(...outcome.verdicts);
					lossy_cuts += outcome.verdicts.some(({ errorBytes }) => errorBytes !== 0) ? 1 : 0;
					verify_failures += outcome.isVerified ? 0 : 1;
					progress(
						`${direction}, cut ${cut}: errors ${outcome.verdicts.map(({ errorBytes }) => errorBytes).join(' ')}`,
					);
				}
				await agent.stop();
				await image.unmount();
			});
		}
		const largest = (pick: (verdict: Verdict) => number) => Math.max(...verdicts.map(pick));
		return {
			cuts,
			...(isShort ? {} : { cuts_long: cuts }),
			verify_failures,
			beyond_grants_bytes: largest((verdict) => verdict.beyondGrantsBytes),
			wrong_way_bytes: largest((verdict) => verdict.wrongWayBytes),
			unrecorded_bytes: largest((verdict) => verdict.unrecordedBytes),
			error_bytes: largest((verdict) => Math.abs(verdict.errorBytes)),
			lossy_cuts,
		};
	},
};

/** One life under load, one cut, one recovery; judges each account. */
async function cutPower(
	lab: Lab,
	agent: AgentHandle,
	{ image, random, direction }: { image: PowerImage; random: Random; direction: Direction },
): Promise<{ verdicts: Verdict[]; isVerified: boolean }> {
	const rows = await agent.stations();
	for (const { name, mac } of lab.stations) {
		const isAttached = rows.some((row) => row.mac === mac && row.account === name);
		if (!isAttached) await agent.ask('station.attach', { mac, account: name });
		await agent.reaches(mac, 'active');
	}
	// Everything before this life: its errors were judged at the cuts before.
	const chargedBefore = chargedBytes(agent);
	const countedBefore = await delivered(lab);
	const flows = await Promise.all(
		lab.stations.map((station, index) =>
			lab.flow(station, { ...(WAYS[index] as Way), bitsPerSecond: RATE_BITS_PER_SECOND }),
		),
	);
	await delay(random.between(LIFE_MS.least, LIFE_MS.most));
	// Sometimes the process dies first, sometimes the disk: what it writes in between is lost in the second case.
	const isDiskFirst = random.between(0, 1) === 1;
	if (isDiskFirst) await image.cut();
	await agent.kill('SIGKILL');
	if (!isDiskFirst) await image.cut();
	await lab.router.nft(OFF);
	await lab.router.run('conntrack', ['-F']);
	for (const flow of flows) await flow.stop();
	await delay(QUIET_MS);
	const counted = await delivered(lab);
	await image.unmount();
	await image.mount();
	const reader = new LedgerReader(agent.database);
	const openGrants = reader.reserved();
	const recordedBefore = recordedLosses(reader);
	await agent.start();
	let isVerified = true;
	try {
		await agent.verifyLedger();
	} catch {
		isVerified = false;
	}
	await lab.router.nft(ON);
	const charged = chargedBytes(agent);
	const recorded = recordedLosses(reader);
	const verdicts = lab.stations.map(({ name }, index) => {
		const of = (amounts: Map<string, number>) => amounts.get(name) ?? 0;
		const grant = of(openGrants);
		const errorBytes = of(charged) - of(chargedBefore) - ((counted[index] ?? 0) - (countedBefore[index] ?? 0));
		return {
			errorBytes,
			beyondGrantsBytes: Math.abs(errorBytes) - grant,
			wrongWayBytes: direction === 'customer' ? errorBytes : -errorBytes,
			unrecordedBytes: Math.abs(of(recorded) - of(recordedBefore) - grant),
		};
	});
	return { verdicts, isVerified };
}

function chargedBytes(agent: AgentHandle): Map<string, number> {
	return new LedgerReader(agent.database).moved(['used', 'overrun', 'lost_venue']);
}

/** Grants that were resolved as lost: released to the customer (a void) or posted to the venue. */
function recordedLosses(reader: LedgerReader): Map<string, number> {
	return reader.moved(['lost_customer', 'lost_venue'], true);
}

async function delivered(lab: Lab): Promise<number[]> {
	return (await lab.witness.read()).map(({ up, down }) => up + down);
}
