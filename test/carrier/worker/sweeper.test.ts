import test from 'ava';
import type { Database } from '../../../carrier/database/database.ts';
import { Metrics } from '../../../carrier/metrics.ts';
import { giveSlice } from '../../../carrier/slice/give-slice.ts';
import { noteAcknowledged, type StreamAck } from '../../../carrier/usage/advance-streams.ts';
import { ingest } from '../../../carrier/usage/ingest.ts';
import type { Sender } from '../../../carrier/worker/sender.ts';
import { Sweeper } from '../../../carrier/worker/sweeper.ts';
import { onBothDatabases } from '../databases.ts';
import { keepingLog } from '../logged.ts';
import { addAccessPoints, addFunded, batchOf, MEBIBYTE, NOW, recordOf, SLICES, STREAM, TERMS } from '../scene.ts';

const onBoth = onBothDatabases(test);
const HOUR_MS = 3_600_000;

onBoth(
	'gaps and silent access points have a metric, an event and a log line, and the stream goes on',
	async (t, database) => {
		await addAccessPoints(database, 'cafe');
		await addFunded(database, 'alice', 10 * MEBIBYTE);
		await database.transaction((tx) =>
			giveSlice(tx, { ap: 'cafe', request: 'a', account: 'alice', wants: MEBIBYTE }, SLICES, NOW),
		);
		// The platform's database is last week's: the access point has deleted batches that we had acknowledged.
		for (const sequence of [1, 9]) {
			const batch = batchOf('cafe', sequence, [recordOf({ id: `r${sequence}` })]);
			await database.transaction((tx) => ingest(tx, [batch], TERMS));
		}
		const said = { ap: 'cafe', stream: STREAM, acknowledged: 8 };
		await database.transaction((tx) => noteAcknowledged(tx, said));
		const acks: StreamAck[] = [];
		const sender = {
			sendAcks: async (some: readonly StreamAck[]) => void acks.push(...some),
			sendDue: async () => 0,
			sendPolicies: async () => undefined,
		} as unknown as Sender;
		const { log, lines } = keepingLog();
		const metrics = new Metrics();
		const clock = { wallMs: () => NOW + HOUR_MS, after: () => () => undefined };
		const deliveries = { begin: async () => 0 };
		await new Sweeper({ database, clock, log, metrics, sender, slices: SLICES, deliveries, lost: new Set() }).once();
		t.is(metrics.count('gaps', {}), 1);
		t.is(metrics.count('slices_silent', {}), 1);
		t.deepEqual(
			lines.map(({ level, message }) => [level, message]),
			[
				['error', 'usage batches are missing: the platform came back from a backup'],
				['warn', 'slices ended and nobody said what was used'],
			],
		);
		t.deepEqual(await database.query("SELECT kind FROM event WHERE ap = 'cafe' ORDER BY kind"), [
			{ kind: 'slice.silent' },
			{ kind: 'usage.gap' },
		]);
		t.deepEqual(
			acks.map(({ sequence }) => sequence),
			[9],
		);
	},
);

test('a database that is away for a week has a line an hour for each thing that is due, and no more', async (t) => {
	const away = async () => {
		throw new Error('away');
	};
	const database = { transaction: away, query: away } as unknown as Database;
	const sender = { sendAcks: away, sendDue: away, sendPolicies: away } as unknown as Sender;
	const { log, lines } = keepingLog();
	let now = NOW;
	const clock = { wallMs: () => now, after: () => () => undefined };
	const metrics = new Metrics();
	const deliveries = { begin: away };
	const sweeper = new Sweeper({ database, clock, log, metrics, sender, slices: SLICES, deliveries, lost: new Set() });
	await sweeper.once();
	const first = lines.length;
	t.true(first > 1);
	for (let round = 0; round < 100; round += 1) await sweeper.once();
	t.is(lines.length, first);
	now += HOUR_MS;
	await sweeper.once();
	t.is(lines.length, 2 * first);
	t.is(lines.at(-1)?.fields.unsaid, 100);
});
