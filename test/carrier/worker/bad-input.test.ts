import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { systemClock } from '../../../carrier/clock.ts';
import { addDownMessage } from '../../../carrier/fleet/down-messages.ts';
import type { Platform } from '../../../carrier/platform.ts';
import { GAP_PATIENCE_MS } from '../../../carrier/usage/advance-streams.ts';
import { SAY_EVERY_MS } from '../../../carrier/worker/hourly-log.ts';
import { UP_BYTES_MAX } from '../../../protocol/limits.ts';
import { freePort, startMosquitto } from '../../agent/sync/real-broker.ts';
import { HANG_MS } from '../../lab/until.ts';
import type { Line } from '../logged.ts';
import { batchOf, eventOf, recordOf } from '../scene.ts';
import { freshDatabase, Listener, start, startWorld } from './platform-world.ts';

startWorld(test);

const system = systemClock();
/** The machine's clock, which a test may put forward. */
class MovedClock {
	aheadMs = 0;
	wallMs = () => system.wallMs() + this.aheadMs;
	after = system.after;
}

type Scene = { platform: Platform; listener: Listener; lines: Line[]; clock: MovedClock };
const scene = {} as Scene;

test.serial.before(async () => {
	scene.lines = [];
	scene.clock = new MovedClock();
	scene.platform = await start(await freshDatabase('cafe', 'hotel'), { lines: scene.lines, clock: scene.clock });
	scene.listener = await Listener.connect('cafe');
});

test.after.always(async () => {
	await scene.listener?.client.endAsync(true);
	await scene.platform?.stop();
});

/** Looked at after every turn of the event loop; with what the platform said, if it never becomes so. */
async function soon(isSo: () => boolean | Promise<boolean>): Promise<void> {
	const end = performance.now() + HANG_MS;
	while (!(await isSo())) {
		if (performance.now() > end) throw new Error(`waited in vain: ${isSo}; ${JSON.stringify(scene.lines.slice(-5))}`);
		await turn();
	}
}

const send = (topic: string, payload: string) =>
	scene.listener.client.publishAsync(`octroi/1/${topic}`, payload, { qos: 1 });
/** More than the window of a broker, 1000 here. */
const REFUSED_MANY = 1100;
/** An account of the access point itself: the platform knows it only by its usage. */
const GUEST = 'guest-1';
const right = batchOf('cafe', 1, [recordOf({ id: 'a' })]).usage;
const state = { version: 1, ap: 'cafe', online: true, softwareVersion: '1', policyVersion: 0, stream: right.stream };
const sendBatch = (sequence: number, id: string, { ap = 'cafe', account = 'alice' } = {}) =>
	send(`${ap}/up/usage`, JSON.stringify(batchOf(ap, sequence, [recordOf({ id, account })]).usage));

/** An order of ours, and the answer to it. */
async function answer(request: string, outcome: 'refused' | 'failed', code: string): Promise<void> {
	const body = { command: 'block', account: 'nobody' };
	await scene.platform.database.transaction(
		async (tx) =>
			await addDownMessage(tx, { ap: 'cafe', id: request, kind: 'command', body, lifetimeMs: 60_000 }, system.wallMs()),
	);
	await send('cafe/up/reply', JSON.stringify({ version: 1, ap: 'cafe', request, outcome, code, message: 'why' }));
}

/** Every bad input: what is sent, and what must be found of it on the page of metrics, in the log and among the events. */
type Row = {
	readonly what: string;
	readonly happens: () => Promise<unknown>;
	readonly metric: string;
	readonly log: { readonly message: string; readonly [field: string]: unknown };
	readonly event: { readonly kind: string; readonly ap: string; readonly [detail: string]: unknown };
};

function refusal(what: string, reason: string, happens: () => Promise<unknown>, ap = 'cafe'): Row {
	return {
		what,
		happens,
		metric: `messages_refused_total{reason="${reason}"} 1`,
		log: { message: 'a message was refused', reason },
		event: { kind: 'message.refused', ap, reason },
	};
}

const ROWS: readonly Row[] = [
	refusal('malformed JSON', 'json', () => send('cafe/up/usage', '{')),
	refusal('sixty thousand brackets in each other', 'depth', () =>
		send('cafe/up/usage', '['.repeat(60_000) + ']'.repeat(60_000)),
	),
	refusal('a wrong schema', 'schema', () => send('cafe/up/usage', JSON.stringify({ ...right, records: 'none' }))),
	refusal('an enormous message', 'size', () => send('cafe/up/usage', ' '.repeat(UP_BYTES_MAX + 1))),
	refusal('a message that speaks for another access point', 'wrong_ap', () =>
		send('cafe/up/usage', JSON.stringify({ ...right, ap: 'hotel' })),
	),
	refusal('a topic that is none', 'topic', () => send('cafe/up/nonsense', '{}'), ''),
	refusal('an access point that is not ours', 'unknown_ap', () => sendBatch(1, 'x', { ap: 'stranger' }), ''),
	{
		what: 'a clock that is years off',
		happens: () =>
			send('cafe/up/state', JSON.stringify({ ...state, lastSequence: 0, sessions: 0, at: 86_400_000, clockSet: true })),
		metric: 'clocks_skewed_total 1',
		log: { message: 'clocks of access points are far off' },
		event: { kind: 'clock.skewed', ap: 'cafe' },
	},
	{
		what: 'usage of an account that we do not have',
		happens: () => sendBatch(1, 'a', { account: 'nobody' }),
		metric: 'accounts_unknown_total 1',
		log: { message: 'usage of accounts that the platform does not have' },
		event: { kind: 'account.unknown', ap: 'cafe' },
	},
	{
		what: 'an access point that does not have the account of a command',
		happens: () => answer('c-1', 'refused', 'not_found'),
		metric: 'replies_total{outcome="refused"} 1',
		log: { message: 'an access point did not do what it was sent', code: 'not_found', ap: 'cafe', request: 'c-1' },
		event: { kind: 'message.not_done', ap: 'cafe', outcome: 'refused', code: 'not_found', request: 'c-1' },
	},
	{
		what: 'an access point whose disk is full',
		happens: () => answer('c-2', 'failed', 'ledger_unwritable'),
		metric: 'replies_total{outcome="failed"} 1',
		log: { message: 'an access point did not do what it was sent', code: 'ledger_unwritable' },
		event: { kind: 'message.not_done', ap: 'cafe', outcome: 'failed', code: 'ledger_unwritable' },
	},
	{
		what: "an access point whose database is last week's",
		happens: async () => {
			await sendBatch(1, 'h', { ap: 'hotel' });
			await sendBatch(1, 'other', { ap: 'hotel' });
		},
		metric: 'batches_total{fate="conflict"} 1',
		log: { message: 'an access point came back from a backup', ap: 'hotel', sequence: 1 },
		event: { kind: 'usage.conflict', ap: 'hotel', sequence: 1 },
	},
	{
		what: "our own database is last week's: batches are missing",
		happens: async () => {
			await sendBatch(9, 'late', { ap: 'hotel' });
			const isSo = (where: string) => async () =>
				(await scene.platform.database.query(`SELECT 1 FROM usage_stream WHERE ap = 'hotel' AND ${where}`)).length ===
				1;
			await soon(isSo('gap_since IS NOT NULL'));
			// The access point has deleted what we had acknowledged: it will not come again.
			const said = { ...state, ap: 'hotel', lastSequence: 9, acknowledged: 8, sessions: 0, clockSet: true };
			await send('hotel/up/state', JSON.stringify({ ...said, at: system.wallMs() }));
			await soon(isSo('told = 8'));
			scene.clock.aheadMs += GAP_PATIENCE_MS;
		},
		metric: 'gaps_total 1',
		log: { message: 'usage batches are missing: the platform came back from a backup' },
		event: { kind: 'usage.gap', ap: 'hotel', first: 2, last: 8 },
	},
];

const isSaid = ({ message, ...fields }: Row['log'], lines: readonly Line[]) =>
	lines.some(
		(line) => line.message === message && Object.entries(fields).every(([name, value]) => line.fields[name] === value),
	);

for (const { what, happens, metric, log, event } of ROWS) {
	test.serial(`${what}: a metric, a log line and an event`, async (t) => {
		const { platform, lines } = scene;
		const isCounted = () => platform.metrics.text().includes(`\noctroi_carrier_${metric}\n`);
		t.false(isCounted());
		t.false(isSaid(log, lines));
		await happens();
		await soon(isCounted);
		t.true(isSaid(log, lines));
		const { kind, ap, ...details } = event;
		const found = async () =>
			(
				await platform.database.query<{ details: Record<string, unknown> }>(
					'SELECT details FROM event WHERE kind = $1 AND ap = $2',
					[kind, ap],
				)
			).filter((one) => Object.entries(details).every(([name, value]) => one.details[name] === value)).length;
		// What is refused at the door is counted there, and committed a moment later.
		await soon(async () => (await found()) > 0);
		t.is(await found(), 1);
	});
}

test.serial('characters that no database keeps do not make a batch unacceptable', async (t) => {
	const { platform } = scene;
	const batch = batchOf('cafe', 3, [recordOf({ id: 'odd', account: GUEST, reason: 'used' })], {
		events: [eventOf('cafe', 'odd-event', 'fault', { what: 'name', text: 'NUL \u0000, half \ud83d' }, GUEST)],
	}).usage;
	await send('cafe/up/usage', JSON.stringify({ ...batch, remark: '\u0000\udc00' }));
	const stored = async () =>
		await platform.database.query<{ text: string }>(
			"SELECT details->>'text' AS text FROM event WHERE id = 'odd-event'",
		);
	await soon(async () => (await stored()).length === 1);
	t.deepEqual(await stored(), [{ text: 'NUL \ufffd, half \ufffd' }]);
	t.is(platform.metrics.count('messages_refused', { reason: 'database' }), 0);
});

test.serial('a topic that is cut in the middle of a character keeps nothing else from being stored', async (t) => {
	const { platform, clock } = scene;
	clock.aheadMs += 2 * SAY_EVERY_MS;
	const prefix = 'octroi/1/';
	await send(`${'a'.repeat(99 - prefix.length)}\u{1f600}`, '{}').catch(() => undefined);
	await send(`cafe/up/${'a'.repeat(99 - prefix.length - 'cafe/up/'.length)}\u{1f600}`, '{}');
	await sendBatch(4, 'after-the-topic', { account: GUEST });
	const stored = async () => await platform.database.query("SELECT 1 FROM usage_record WHERE id = 'after-the-topic'");
	await soon(async () => (await stored()).length === 1);
	t.is(platform.metrics.count('messages_refused', { reason: 'database' }), 0);
	const topics =
		"SELECT 1 FROM event WHERE kind = 'message.refused' AND details->>'topic' LIKE 'octroi/1/cafe/up/aaa%?'";
	await soon(async () => (await platform.database.query(topics)).length === 1);
});

test.serial(
	'more refused messages than a broker sends without an acknowledgement keep no good one from coming',
	async (t) => {
		const { platform, clock } = scene;
		clock.aheadMs += 2 * SAY_EVERY_MS;
		const before = platform.metrics.count('messages_refused', { reason: 'json' });
		for (let count = 0; count < REFUSED_MANY; count += 1) await send('cafe/up/usage', '{');
		await sendBatch(5, 'behind-the-refused', { account: GUEST });
		const stored = async () =>
			await platform.database.query("SELECT 1 FROM usage_record WHERE id = 'behind-the-refused'");
		await soon(async () => (await stored()).length === 1);
		t.is(platform.metrics.count('messages_refused', { reason: 'json' }), before + REFUSED_MANY);
	},
);

test.serial('a flood is counted whole, and is one line in the log and one event an hour', async (t) => {
	const { platform, lines, clock } = scene;
	const refused = () => platform.metrics.count('messages_refused', { reason: 'json' });
	const said = () => lines.filter(({ fields }) => fields.reason === 'json').length;
	const events = async () =>
		(
			await platform.database.query(
				"SELECT 1 FROM event WHERE kind = 'message.refused' AND details->>'reason' = 'json'",
			)
		).length;
	const before = refused();
	const saidBefore = said();
	const eventsBefore = await events();
	clock.aheadMs += 2 * SAY_EVERY_MS;
	for (let count = 0; count < 100; count += 1) await send('cafe/up/usage', '{');
	await soon(() => refused() === before + 100);
	t.is(said(), saidBefore + 1);
	await soon(async () => (await events()) === eventsBefore + 1);
	clock.aheadMs += SAY_EVERY_MS;
	await send('cafe/up/usage', '{');
	await soon(() => said() === saidBefore + 2);
	t.is(lines.findLast(({ fields }) => fields.reason === 'json')?.fields.unsaid, 99);
	await soon(async () => (await events()) === eventsBefore + 2);
	// An answer to what we never sent leaves nothing.
	await send('cafe/up/reply', JSON.stringify({ version: 1, ap: 'cafe', request: 'never', outcome: 'refused' }));
	await soon(() => platform.metrics.count('replies', { outcome: 'refused' }) === 2);
	t.is((await platform.database.query("SELECT 1 FROM event WHERE id LIKE '%never'")).length, 0);
});

test.serial(
	'a password that the broker refuses has a metric, a log line and an event, and does not fill the log',
	async (t) => {
		const folder = mkdtempSync(join(tmpdir(), 'octroi-password-'));
		t.teardown(() => rmSync(folder, { recursive: true, force: true }));
		const port = await freePort();
		writeFileSync(`${folder}/users`, '');
		writeFileSync(`${folder}/password`, 'wrong\n');
		execFileSync('mosquitto_passwd', ['-b', `${folder}/users`, 'platform', 'right']);
		const settings = ['allow_anonymous false', `password_file ${folder}/users`];
		await startMosquitto(t, folder, [`listener ${port} 127.0.0.1`, ...settings]);
		const lines: Line[] = [];
		// The start does not wait for the line.
		const clock = {
			wallMs: system.wallMs,
			after: (ms: number, call: () => void) => system.after(Math.min(ms, 100), call),
		};
		const broker = { url: `mqtt://127.0.0.1:${port}`, user: 'platform', passwordFile: `${folder}/password` };
		const platform = await start(await freshDatabase('cafe'), { lines, clock, broker });
		await soon(() => platform.metrics.count('broker_faults', { what: 'refused' }) >= 2);
		t.is(lines.filter(({ message }) => message === 'the broker refuses our name or password').length, 1);
		const events = "SELECT details->>'fault' AS fault FROM event WHERE kind = 'broker.lost'";
		await soon(async () => (await platform.database.query(events)).length > 0);
		t.deepEqual(await platform.database.query(events), [{ fault: 'refused' }]);
		await platform.stop();
	},
);
