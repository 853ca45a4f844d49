import { copyFileSync } from 'node:fs';
import test from 'ava';
import type { AccountId, MeterId } from '../../../agent/core/units.ts';
import { RESEND_FIRST_MS, WINDOW_BATCHES } from '../../../agent/sync/reporter.ts';
import { AccessPoint, carrierWorld, soon } from './carrier-world.ts';

const ANN = 'ann' as AccountId;
const HOUR_MS = 3_600_000;

test('what is used is reported once, to the byte, by what paid for it', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	ap.buy('ann', 1000);
	ap.open('s1', 'ann');
	ap.use('s1', 100, 200);
	ap.use('s1', 50, 0);
	await ap.pass(61_000);
	await soon(() => ap.sync.figures.acknowledged === 1);
	const [record] = platform.records;
	t.like(record, { session: 's1', class: 'own', unit: 'byte', amount: 350, upBytes: 150, downBytes: 200, paid: true });
	t.is(record?.reason, 'used');
	t.is(record?.plan, 'bytes');
	t.deepEqual(ap.sync.figures.backlog, { batches: 0, sessions: 0, events: 0 });
	ap.use('s1', 0, 10);
	await ap.pass(61_000);
	await soon(() => ap.sync.figures.acknowledged === 2);
	t.is(platform.bytesOf('ann'), 360);
	t.is(platform.records.length, 2);
	t.deepEqual(platform.broken, []);
	t.true(ap.ledger.verify().ok);
});

test('a record spans the time in which it was used: not from an idle afternoon before, nor to a report long after', async (t) => {
	const { broker, platform, ap } = await carrierWorld(t);
	const opened = ap.clock.wallMs();
	ap.buy('ann', 10_000);
	ap.open('s1', 'ann');
	ap.use('s1', 100, 0);
	await ap.pass(61_000);
	await soon(() => platform.records.length === 1);
	t.is(platform.records[0]?.from, opened);
	// Nothing for hours, then something: of a package that was spent before, and of one that is new.
	await ap.pass(6 * HOUR_MS);
	ap.use('s1', 10, 0);
	await ap.pass(61_000);
	await soon(() => platform.records.length === 2);
	const [, second] = platform.records;
	t.true((second?.from ?? 0) > opened + 6 * HOUR_MS - 2 * 61_000);
	// The carrier is away when the session ends, and for hours after it.
	broker.aedes.authenticate = (client, _user, _password, done) => done(null, client?.id === 'platform');
	broker.cut();
	await soon(() => !ap.sync.figures.connected);
	ap.use('s1', 1, 0);
	await ap.pass(60_000);
	ap.close('s1');
	const closed = ap.clock.wallMs();
	ap.clock.skip(8 * HOUR_MS);
	broker.aedes.authenticate = (_client, _user, _password, done) => done(null, true);
	while (platform.records.length < 3) await ap.pass(1000);
	t.is(platform.records[2]?.to, closed);
});

test('what was used before there was a carrier is not reported', async (t) => {
	const { broker, platform, ap } = await carrierWorld(t);
	const late = new AccessPoint(`${ap.path}.late`, { url: broker.url, accessPoint: 'late-1' });
	t.teardown(() => late.ledger.close());
	late.buy('ann', 1000);
	late.open('s1', 'ann');
	late.use('s1', 100, 0);
	await late.sync.start();
	t.teardown(() => late.sync.stop());
	late.use('s1', 7, 3);
	await late.pass(61_000);
	await soon(() => late.sync.figures.acknowledged === 1);
	t.is(platform.bytesOf('ann'), 10);
	t.like(platform.records[0], { upBytes: 7, downBytes: 3 });
});

test('a batch is kept, and sent again, until the platform acknowledges it', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	platform.acknowledges = false;
	ap.buy('ann', 1000);
	ap.open('s1', 'ann');
	ap.use('s1', 100, 0);
	await ap.pass(61_000);
	await soon(() => platform.bytesOf() === 100);
	t.is(ap.sync.figures.backlog.batches, 1);
	await ap.pass(RESEND_FIRST_MS + 2000);
	await soon(() => platform.duplicates === 1);
	t.is(ap.sync.figures.resent, 1);
	const said = platform.states.length;
	t.like(platform.states.at(-1), { acknowledged: 0, lastSequence: 1 }, 'nothing is deleted here that is missing there');
	platform.acknowledges = true;
	await ap.pass(2 * RESEND_FIRST_MS + 2000);
	await soon(() => ap.sync.figures.acknowledged === 1);
	await soon(() => platform.states.length > said);
	t.is(platform.bytesOf(), 100);
	t.is(platform.conflicts, 0);
});

test('a platform that is silent gets no more than a window of batches', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	platform.acknowledges = false;
	ap.buy('ann', 100_000);
	ap.open('s1', 'ann');
	for (let batch = 1; batch <= WINDOW_BATCHES + 3; batch += 1) {
		ap.use('s1', batch, 0);
		await ap.pass(61_000);
	}
	await soon(() => platform.records.length === WINDOW_BATCHES);
	t.is(ap.sync.figures.sealed, WINDOW_BATCHES);
	platform.acknowledges = true;
	await ap.pass(600_000);
	await soon(() => ap.sync.figures.backlog.batches + ap.sync.figures.backlog.sessions === 0);
	t.is(platform.bytesOf(), (WINDOW_BATCHES + 3) * ((WINDOW_BATCHES + 4) / 2));
});

test('while the carrier is away nothing is sealed, and a session stays one record', async (t) => {
	const { broker, platform, ap } = await carrierWorld(t);
	await broker.stop();
	ap.buy('ann', 1_000_000);
	ap.open('s1', 'ann');
	for (let charge = 0; charge < 30; charge += 1) {
		ap.use('s1', 1000, 0);
		await ap.pass(120_000);
	}
	t.deepEqual(ap.sync.figures.backlog, { batches: 0, sessions: 1, events: 0 });
	t.false(ap.sync.figures.connected);
	t.true(ap.warnings.at(-1)?.startsWith('the carrier has not been reached for'));
	t.is(platform.records.length, 0);
});

test('an event does not wait, comes once, and stands behind the usage before it', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	ap.buy('ann', 1000);
	ap.ledger.setAlert({ account: ANN, id: 'low', unit: 'byte', remaining: 200 }, ap.moment());
	ap.open('s1', 'ann');
	ap.use('s1', 900, 0);
	ap.sync.renewed(ANN, { isOut: true, mode: 'nothing', unsettledBytes: 0 });
	ap.sync.renewed(ANN, { isOut: true, mode: 'nothing', unsettledBytes: 0 });
	await ap.pass(1500);
	await soon(() => ap.sync.figures.acknowledged === 1);
	const kinds = () => [...platform.events.values()].map(({ kind }) => kind);
	t.deepEqual(kinds(), ['alert', 'credit.out']);
	t.is(platform.bytesOf('ann'), 900);
	t.like([...platform.events.values()][0], { account: 'ann', details: { alert: 'low', unit: 'byte', remaining: 100 } });
	ap.sync.renewed(ANN, { isOut: false, mode: 'bytes', unsettledBytes: 0 });
	await ap.pass(1500);
	await soon(() => kinds().length === 3);
	t.is(kinds()[2], 'credit.restored');
	t.deepEqual(platform.broken, []);
});

test('a database from a backup is recognised at both ends, and begins a new stream', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	ap.buy('ann', 10_000);
	ap.open('s1', 'ann');
	ap.use('s1', 100, 0);
	await ap.pass(61_000);
	await soon(() => ap.sync.figures.acknowledged === 1);
	await ap.sync.stop();
	ap.ledger.close();
	const backup = `${ap.path}.backup`;
	copyFileSync(ap.path, backup);
	await ap.restart();
	ap.use('s1', 200, 0);
	await ap.pass(61_000);
	await soon(() => ap.sync.figures.acknowledged === 2);
	const { stream } = ap.sync.figures;
	await ap.sync.stop();
	ap.ledger.close();
	copyFileSync(backup, ap.path);
	await ap.restart();
	t.is(ap.sync.figures.stream, stream);
	// The ledger of last week reads the same counters anew.
	ap.use('s1', 55, 0);
	await ap.pass(61_000);
	await soon(() => ap.sync.figures.stream !== stream && ap.sync.figures.acknowledged >= 1);
	await soon(() => ap.sync.figures.backlog.batches + ap.sync.figures.backlog.events === 0);
	const fault = [...platform.events.values()].find(({ kind }) => kind === 'fault');
	t.like(fault, { details: { what: 'restored', stream } });
	t.true(ap.ledger.verify().ok);
});

test('an old acknowledgement cannot make a restored database forget new usage', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	platform.acknowledges = false;
	ap.buy('ann', 10_000);
	ap.open('s1', 'ann');
	ap.use('s1', 100, 0);
	await ap.pass(61_000);
	await soon(() => platform.bytesOf() === 100);
	const { stream } = ap.sync.figures;
	await platform.send({ audience: 'cafe-7' }, { kind: 'ack', body: { stream, sequence: 1, digest: 'A'.repeat(43) } });
	await soon(() => ap.sync.figures.stream !== stream);
	t.is(ap.sync.figures.backlog.batches, 1);
	platform.acknowledges = true;
	await ap.pass(RESEND_FIRST_MS + 2000);
	await soon(() => ap.sync.figures.backlog.batches === 0);
	t.is(platform.records.filter(({ id }) => !id.startsWith(stream)).length, 0, 'the records keep their ids');
});

test('own, tethered and zero-rated bytes are records of their own, each to the byte and direction', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	ap.buy('ann', 1000, 't-1');
	ap.buy('ann', 5000, 't-2');
	ap.open('s1', 'ann');
	const meter = ap.ledger.session('s1')?.meter as MeterId;
	const settle = (own: [number, number], tethered: [number, number], free: [number, number]) =>
		ap.ledger.settle({
			epoch: 'e1',
			account: ANN,
			at: ap.moment(),
			free: false,
			reserve: { byte: 0, second: 0 },
			readings: [{ meter, up: own[0], down: own[1] }],
			tethered: [{ meter, up: tethered[0], down: tethered[1] }],
			zeroRated: [{ meter, up: free[0], down: free[1] }],
		});
	settle([300, 100], [50, 0], [7, 1]);
	await ap.pass(61_000);
	await soon(() => ap.sync.figures.acknowledged === 1);
	// Over the end of the first package.
	settle([400, 900], [90, 800], [7, 9]);
	settle([401, 900], [90, 810], [8, 9]);
	await ap.pass(61_000);
	await soon(() => ap.sync.figures.acknowledged === 2);
	const sums = (kind: string) =>
		platform.records
			.filter((record) => record.class === kind)
			.reduce((sum, { upBytes, downBytes }) => ({ up: sum.up + upBytes, down: sum.down + downBytes }), {
				up: 0,
				down: 0,
			});
	t.deepEqual(sums('own'), { up: 401, down: 900 });
	t.deepEqual(sums('tethered'), { up: 90, down: 810 });
	t.deepEqual(sums('free'), { up: 8, down: 9 });
	t.true(platform.records.every(({ amount, upBytes, downBytes }) => amount === upBytes + downBytes && amount > 0));
	t.true(platform.records.every(({ class: kind, paid }) => paid === (kind !== 'free')));
	t.deepEqual(platform.broken, []);
	const { ok, broken } = ap.ledger.verify();
	t.true(ok, broken);
});
