import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import { TrustedClock } from '../../../agent/core/trusted-clock.ts';
import type { AccountId, BootMs, WallMs } from '../../../agent/core/units.ts';
import { openDatabase } from '../../../agent/ledger/database.ts';
import type { Ledger } from '../../../agent/ledger/ledger.ts';
import { MIGRATIONS } from '../../../agent/ledger/migrations.ts';
import type { Moment } from '../../../agent/ledger/moment.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { giftOf, redemptionOf } from './code-scenario.ts';
import { ANN, bytesPackage, rawDatabase, reopened, temporaryFolder, temporaryLedger } from './temporary-ledger.ts';

const BOB = 'bob' as AccountId;
const DAY_MS = 86_400_000;
const DAY = DAY_MS / 1000;
const CLOCK = { boot: 'boot-1', offsetMs: 0, sinceMs: 0, knownBy: null, seenMs: 0 } as const;

/** A moment of validities, without a date. */
const at = (validityMs: number): Moment => ({
	wallMs: 5 as WallMs,
	bootMs: 0 as BootMs,
	trustedWallMs: null,
	validityMs: validityMs as WallMs,
});

function expiries(ledger: Ledger, account: AccountId): Record<string, number | undefined> {
	return Object.fromEntries(ledger.packages(account).map(({ id, expiresAtWallMs }) => [id, expiresAtWallMs]));
}

test('every date that follows from the clock has what it was set by, and no other column holds one', (t) => {
	const { path } = temporaryLedger(t);
	const database = rawDatabase(t, path);
	const columns = database
		.prepare<[], { place: string }>(
			`SELECT m.name || '.' || c.name AS place FROM sqlite_schema AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'
			AND c.name LIKE '%wall_ms' AND (c.name LIKE '%expires%' OR c.name LIKE '%until%' OR c.name LIKE '%ends%') ORDER BY 1`,
		)
		.all()
		.map(({ place }) => place);
	t.deepEqual(columns, [
		'gift.valid_until_wall_ms',
		'package.expires_at_wall_ms',
		'permission.expires_wall_ms',
		// A day that somebody has named and printed.
		'voucher_batch.valid_until_wall_ms',
	]);
	const source = readFileSync('agent/ledger/clock-store.ts', 'utf8');
	for (const column of columns.slice(0, 3)) {
		const [table, name] = column.split('.') as [string, string];
		t.true(source.includes(`['${table}', '${name}',`), `${column} moves with the clock`);
	}
});

test('all that was dated by the clock moves with it: packages, add-ons, cycles, shares, gifts, permissions, what was merged', (t) => {
	const { ledger, path } = temporaryLedger(t);
	for (const id of [ANN, BOB, 'family' as AccountId]) ledger.createAccount({ id });
	ledger.topUp({ ...bytesPackage('before', 100, { validForSeconds: DAY }), at: at(1000) });
	ledger.topUp({ ...bytesPackage('day', 100, { validForSeconds: DAY }), at: at(2000) });
	ledger.topUp({ ...bytesPackage('more', 100, { validForSeconds: DAY, addOn: true }), at: at(2500) });
	ledger.topUp({ ...bytesPackage('used', 100, { validForSeconds: DAY, validFrom: 'first_use' }), at: at(2500) });
	ledger.topUp({ ...bytesPackage('ever', 100), at: at(2500) });
	ledger.topUp({ ...bytesPackage('month', 100, { validForSeconds: DAY, renews: true }), account: BOB, at: at(2000) });
	t.is(ledger.issueRenewals(at(2000 + DAY_MS)), 1);
	ledger.codes.give(giftOf('g1', 250, { validForSeconds: DAY, at: at(3000) }));
	ledger.permit({
		code: 'permission-1',
		giver: ANN,
		taker: BOB,
		unit: 'byte',
		amount: 150,
		validForSeconds: DAY,
		at: at(3000),
	});

	const byMs = 10 * DAY_MS;
	const known = { ...CLOCK, offsetMs: byMs, sinceMs: 2000 + byMs, knownBy: 'kernel', seenMs: 4000 + byMs } as const;
	t.is(ledger.clock.redate({ fromMs: 2000, byMs }, known), 6);
	t.deepEqual(ledger.clock.read(), known);
	t.deepEqual(expiries(ledger, ANN), {
		before: 1000 + DAY_MS,
		day: 2000 + 2 * DAY_MS + byMs,
		more: 2000 + 2 * DAY_MS + byMs,
	});
	t.is(
		expiries(ledger, BOB)['month~2'],
		2000 + 2 * DAY_MS + byMs,
		'a cycle that was issued meanwhile moves with its first',
	);
	t.is(ledger.codes.nextReturn(), (3000 + DAY_MS + byMs) as WallMs);
	const dates = rawDatabase(t, path).prepare('SELECT expires_wall_ms, dated_at_ms FROM permission').get();
	t.deepEqual(dates, { expires_wall_ms: 3000 + DAY_MS + byMs, dated_at_ms: 3000 + byMs });
	t.like(ledger.take({ transferId: 'taken', code: 'permission-1', taker: BOB, at: at(3000 + byMs) }), {
		answer: 'created',
	});
	t.like(ledger.codes.redeem(redemptionOf('gift g1', { account: BOB, at: at(3000 + byMs) })), { answer: 'redeemed' });
	t.is(ledger.verify().broken, undefined);

	// What came from others has what they were set by.
	t.is(ledger.clock.redate({ fromMs: 2000, byMs: -byMs }, CLOCK), 7);
	const bob = Object.values(expiries(ledger, BOB)).filter((end) => end !== undefined);
	t.true(bob.length >= 2);
	t.true(
		bob.every((end) => Number(end) < 4 * DAY_MS),
		'no received package kept the date of before',
	);
	ledger.endRenewal(BOB, 'month');
	t.is(ledger.merge({ from: BOB, into: ANN, at: at(3000) }).answer, 'changed');
	ledger.clock.redate({ fromMs: 2000, byMs }, known);
	t.true(Object.values(expiries(ledger, ANN)).every((end) => end === undefined || end === 1000 + DAY_MS || end > byMs));
	t.is(ledger.verify().broken, undefined);
});

test('a validity that begins with the first use is dated then, and moves', (t) => {
	const { ledger, path } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	ledger.topUp({ ...bytesPackage('used', 100, { validForSeconds: DAY, validFrom: 'first_use' }), at: at(2000) });
	ledger.openSession({
		session: 's',
		mac: '02:00:5e:10:00:01' as never,
		account: ANN,
		meter: 7 as never,
		epoch: 'e',
		at: at(2000),
	});
	const use = {
		epoch: 'e',
		account: ANN,
		readings: [{ meter: 7 as never, up: 10, down: 0 }],
		free: false,
		reserve: { byte: 10, second: 0 },
	};
	ledger.settle({ ...use, readings: [], at: at(4000) });
	ledger.settle({ ...use, at: at(5000) });
	const { expires, dated } = rawDatabase(t, path)
		.prepare<[], { expires: number; dated: number }>(
			'SELECT expires_at_wall_ms AS expires, dated_at_ms AS dated FROM package',
		)
		.get() as { expires: number; dated: number };
	t.is(expires, dated + DAY_MS);
	t.is(ledger.clock.redate({ fromMs: dated, byMs: 7 }, CLOCK), 1);
});

for (const version of MIGRATIONS.map((one) => one.version).slice(0, -1)) {
	test(`what version ${version} dated keeps its date, and what it could not date is dated, and moves`, (t) => {
		const path = join(temporaryFolder(t), 'ledger.db');
		const old = openDatabase(path, { migrations: MIGRATIONS.slice(0, version) });
		old.exec(`
			INSERT INTO account (number, id, at_end, created_wall_ms) VALUES (1, 'ann', 'block', 0);
			INSERT INTO balance (number, unit, account) VALUES (101, 'byte', 1), (102, 'byte', 1);
			INSERT INTO package (balance, id, account, plan_name, amount, valid_for_seconds, expires_at_wall_ms, at_end, bought_wall_ms)
			VALUES (101, 'dated', 1, 'p', 10, ${DAY}, 1900000000000, 'block', 1899913600000),
				(102, 'waiting', 1, 'p', 10, ${DAY}, NULL, 'block', 0)`);
		old.close();
		const ledger = reopened(path);
		t.teardown(() => ledger.close());
		const clock = new FakeClock({ wallMs: 0 });
		let isSynchronised = false;
		const trusted = new TrustedClock({ clock, log: silentLog, isSynchronised: () => isSynchronised });
		trusted.start(ledger.clock);
		const moment = (): Moment => ({ ...at(trusted.validityMs()), boot: { id: clock.bootId, ms: clock.bootMs() } });
		// Whatever writes for the account, dates what waits.
		ledger.topUp({ ...bytesPackage('new', 5, { addOn: true, validForSeconds: DAY }), at: moment() });
		const dated = expiries(ledger, ANN).dated;
		const waiting = Number(expiries(ledger, ANN).waiting);
		clock.skip(60_000);
		clock.jumpWall(Date.UTC(2026, 10, 30));
		isSynchronised = true;
		t.is(trusted.validityMs(), clock.wallMs(), 'the date is known now');
		t.is(expiries(ledger, ANN).dated, dated, 'a date of an older version stays');
		t.not(Number(expiries(ledger, ANN).waiting), waiting);
		t.is(Number(expiries(ledger, ANN).waiting), clock.wallMs() - 60_000 + DAY_MS, 'a day from when it began to count');
	});
}
