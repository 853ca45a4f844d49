import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { COMPARISON_RULES, comparisonFigures } from '../comparison.ts';
import type { Flow } from '../flow.ts';
import { type Lab, withLab } from '../lab.ts';
import { LedgerReader } from '../ledger-reader.ts';
import { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';
import { HANG_MS, until } from '../until.ts';
import { movedBytes, type Way } from '../ways.ts';

const KILLS = 30;
const KILLS_SHORT = 4;
const LIFE_MS = { least: 30, most: 1500 };
/** Sometimes shorter, sometimes longer than the open grants last. */
const DEATH_MS = { least: 0, most: 1500 };
const RATE_BITS_PER_SECOND = 30_000_000;
const PAID_SMALL_BYTES = 10 << 20;
/** The last station is on small packages and is topped up at every so many kills: it runs dry across crashes too. */
const TOP_UP_EACH_KILLS = 6;
const PACKET_BYTES = 1500;
const MEBIBYTE = 1 << 20;
const MOVED_BYTES_MIN = 8 * MEBIBYTE;
const SEED = 20_250_101;

const WAYS: Way[] = [
	{ protocol: 'tcp', direction: 'down', family: 'ipv4' },
	{ protocol: 'udp', direction: 'up', family: 'ipv6' },
	{ protocol: 'tcp', direction: 'up', family: 'ipv4' },
	{ protocol: 'udp', direction: 'down', family: 'ipv4' },
];

/** The agent dies at any moment; the kernel goes on with what was granted, and not one byte is lost or doubled. */
export const crash: Scenario = {
	name: 'crash',
	title: '30 × SIGKILL under load: charged = counted to the byte, never above what was paid or granted',
	figures: {
		...COMPARISON_RULES,
		kills: { title: 'times that the agent was killed', bound: { atLeast: KILLS_SHORT } },
		kills_long: { title: 'the same in the long form', bound: { atLeast: KILLS }, longOnly: true },
		above_grant_bytes: { title: 'delivered − (charged + open grant) while dead, largest', bound: { atMost: 0 } },
		above_paid_bytes: { title: 'delivered − paid of the account that runs dry, largest', bound: { atMost: 0 } },
		dry_deaths: { title: 'deaths in which a grant was spent to its end', bound: { atLeast: 1 } },
		connection_errors: { title: 'TCP connections that broke', bound: { equals: 0 } },
		moved_bytes: { title: 'layer-3 bytes under the kills', bound: { atLeast: MOVED_BYTES_MIN } },
	},
	async run({ isShort, progress }) {
		return await withLab({ stations: WAYS.length }, async (lab) => {
			// Grants small enough that one of them ends in the longer deaths.
			const agent = await lab.startAgent({ grant: { bytesMin: MEBIBYTE / 2, bytesMax: 4 * MEBIBYTE, seconds: 1 } });
			const small = lab.station(WAYS.length);
			for (const { name, mac } of lab.stations) await agent.admit(name, mac === small.mac ? 'ten-mb' : 'large', [mac]);
			for (const { mac } of lab.stations) await agent.reaches(mac, 'active');
			const flows = await startLoad(lab);
			const random = new Random(SEED);
			const kills = isShort ? KILLS_SHORT : KILLS;
			let paidSmall = PAID_SMALL_BYTES;
			let above_grant_bytes = Number.NEGATIVE_INFINITY;
			let above_paid_bytes = Number.NEGATIVE_INFINITY;
			let dry_deaths = 0;
			for (let kill = 1; kill <= kills; kill++) {
				await delay(random.between(LIFE_MS.least, LIFE_MS.most));
				await agent.kill('SIGKILL');
				const deadMs = random.between(DEATH_MS.least, DEATH_MS.most);
				await delay(deadMs);
				// The last death is one in which a grant ends.
				if (kill === kills)
					await until('a grant to be spent', HANG_MS, async () => (await whileDead(lab, agent)).isDry);
				const state = await whileDead(lab, agent);
				above_grant_bytes = Math.max(above_grant_bytes, state.aboveGrantBytes);
				above_paid_bytes = Math.max(above_paid_bytes, (state.delivered.at(-1) ?? 0) - paidSmall);
				dry_deaths += state.isDry ? 1 : 0;
				await agent.start();
				progress(
					`kill ${kill}: dead for ${deadMs} ms, ${-state.aboveGrantBytes} bytes below the grants, delivered ${state.delivered.join(' ')}`,
				);
				if (kill % TOP_UP_EACH_KILLS === 0) {
					await agent.topUp(small.name, 'ten-mb', `small-${kill}`);
					paidSmall += PAID_SMALL_BYTES;
				}
			}
			await delay(LIFE_MS.most);
			const isEnough = async () => movedBytes(await lab.witness.read()) >= MOVED_BYTES_MIN;
			await until('enough to be moved', HANG_MS, isEnough);
			const ends = await Promise.all(flows.map((flow) => flow.progress()));
			for (const flow of flows) await flow.stop();
			const figures = await comparisonFigures(lab, agent, progress);
			const counted = await lab.witness.read();
			const last = counted.at(-1);
			above_paid_bytes = Math.max(above_paid_bytes, (last?.up ?? 0) + (last?.down ?? 0) - paidSmall);
			await agent.verifyLedger();
			return {
				...figures,
				kills,
				...(isShort ? {} : { kills_long: kills }),
				above_grant_bytes,
				above_paid_bytes,
				dry_deaths,
				connection_errors: ends.filter((end) => end.client?.state === 'failed' || end.server?.state === 'failed')
					.length,
				moved_bytes: counted.reduce((sum, { up, down }) => sum + up + down, 0),
			};
		});
	},
};

async function startLoad(lab: Lab): Promise<Flow[]> {
	return await Promise.all(
		lab.stations.map((station, index) => {
			return lab.flow(station, { ...(WAYS[index] as Way), bitsPerSecond: RATE_BITS_PER_SECOND });
		}),
	);
}

/** What the dead agent's database allows, against what passed. The witness is read first: what passes later is judged the next time. */
async function whileDead(lab: Lab, agent: AgentHandle) {
	const ledger = new LedgerReader(agent.database);
	const delivered = (await lab.witness.read()).map(({ up, down }) => up + down);
	const charged = ledger.charged();
	const reserved = ledger.reserved();
	const above = lab.stations.map(({ mac, name }, index) => {
		const { up = 0, down = 0 } = charged.get(mac) ?? {};
		return (delivered[index] ?? Number.NaN) - (up + down + (reserved.get(name) ?? 0));
	});
	const aboveGrantBytes = Math.max(...above);
	// Less than two full packets are left: neither half of the grant takes one more. The last station runs dry by design, so it proves nothing.
	const isDry = above.slice(0, -1).some((bytes) => bytes > -2 * PACKET_BYTES);
	return { delivered, aboveGrantBytes, isDry };
}
