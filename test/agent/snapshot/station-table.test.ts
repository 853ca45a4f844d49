import test, { type ExecutionContext } from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import type { AccountId, MacAddress } from '../../../agent/core/units.ts';
import type { Meter } from '../../../agent/meter/meter.ts';
import { newMeterState } from '../../../agent/meter/pool.ts';
import { Pools } from '../../../agent/meter/pools.ts';
import { Traffic } from '../../../agent/meter/traffic.ts';
import { Stations } from '../../../agent/session/stations.ts';
import { AccountBalances } from '../../../agent/snapshot/account-balances.ts';
import { ChangeTracker } from '../../../agent/snapshot/change-tracker.ts';
import { StationTable } from '../../../agent/snapshot/station-table.ts';
import { type StationTotals, stationTotals } from '../../../agent/snapshot/station-totals.ts';
import { STATION_STATES, type StationRow } from '../../../agent/status/protocol.ts';
import { applyDelta, modelOf } from '../../../ui/feed/merge.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { SNAPSHOT } from '../../ui/picture-fixture.ts';
import { ANN, bytesPackage, furnish, MAC, temporaryLedger } from '../ledger/temporary-ledger.ts';

const OTHER = '02:00:5e:10:00:02' as MacAddress;

function setUp(t: ExecutionContext) {
	const { ledger } = temporaryLedger(t);
	furnish(ledger);
	const clock = new FakeClock();
	const pools = new Pools({ clock, meterMax: 100 });
	const stations = new Stations({ clock, log: silentLog });
	const traffic = new Traffic();
	const charger = { traffic };
	const meter = { pools, charger, find: (mac: MacAddress) => pools.find(mac) } as unknown as Meter;
	const news = new ChangeTracker({ meter, stations });
	const balances = new AccountBalances(ledger.overview, pools);
	const table = new StationTable({ meter, stations, balances });
	const attach = (account: AccountId, mac: MacAddress) => {
		const pool = pools.open(account);
		pool.mode = 'bytes';
		const state = newMeterState({ meter: pools.takeMeterId(account), mac, session: `s-${mac}` });
		pools.add(pool, state);
		return { pool, state };
	};
	const read = () => {
		const { touched, spending } = news.take();
		return { accounts: balances.read(clock.bootMs(), spending), rows: table.read(touched) };
	};
	return { ledger, clock, pools, stations, meter, balances, table, attach, traffic, read };
}

test('while nothing changes, the same arrays are given', (t) => {
	const { attach, stations, read } = setUp(t);
	attach(ANN, MAC);
	stations.seen({ mac: OTHER, device: 'br-lan', alive: true, address: '10.0.0.2' });
	const first = read();
	const second = read();
	t.is(first.rows, second.rows);
	t.is(first.accounts, second.accounts);
	t.deepEqual(
		first.rows.map(({ mac, state, remaining }) => [mac, state, remaining?.amount]),
		[
			[OTHER, 'walled', undefined],
			[MAC, 'active', 1000],
		],
	);
});

test('those that moved are told in numbers, with what is left of their account', (t) => {
	const { attach, read, clock, table, balances, traffic } = setUp(t);
	const { state } = attach(ANN, MAC);
	attach('bob' as AccountId, OTHER);
	const before = read();
	t.is(table.takeChanges().stations?.set?.length, 2);
	t.is(balances.takeChanges().accounts?.set?.length, 2);
	traffic.noteUp(state, 100);
	state.upBytesPerSecond = 12.4;
	clock.skip(1000);
	const after = read();
	t.is(after.rows[1], before.rows[1]);
	t.like(after.rows[0], { upBytes: 100, upBytesPerSecond: 12, remaining: { unit: 'byte', amount: 900 } });
	t.is(table.sums.upBytesPerSecond, 12);
	t.like(after.accounts[0], { account: ANN, byte: 900, byteBought: 1000, stations: 1 });
	t.deepEqual(table.takeChanges(), { stations: { moved: [state.meter, 100, 0, 12, 0, 900] } });
	t.deepEqual(balances.takeChanges(), {});
});

test('a purchase, a block and a settlement are seen at once', (t) => {
	const { ledger, attach, read } = setUp(t);
	attach(ANN, MAC);
	read();
	ledger.topUp(bytesPackage('t2', 500));
	t.is(read().rows[0]?.remaining?.amount, 1500);
	ledger.blockAccount(ANN, true);
	t.true(read().accounts[0]?.blocked);
});

test('stations that come, change or leave are seen', (t) => {
	const { attach, pools, stations, read } = setUp(t);
	const { pool, state } = attach(ANN, MAC);
	t.is(read().rows.length, 1);
	stations.seen({ mac: MAC, device: 'br-lan', alive: true, address: '10.0.0.1' });
	t.like(read().rows[0], { device: 'br-lan', addresses: ['10.0.0.1'], account: ANN });
	pool.mode = 'nothing';
	pool.reason = 'the balance is used up';
	pools.decided?.add(pool);
	t.like(read().rows[0], { state: 'blocked', reason: 'the balance is used up' });
	pools.remove(pool, state);
	t.like(read().rows[0], { state: 'walled' });
	t.false('account' in (read().rows[0] ?? {}));
	stations.seen({ mac: MAC, device: 'br-lan', alive: false, address: '10.0.0.1' });
	t.like(read().rows[0], { state: 'gone' });
});

test('seconds of a time package run down between two settlements', (t) => {
	const { ledger, clock, attach, read } = setUp(t);
	ledger.topUp(bytesPackage('t2', 60, { unit: 'second', planName: 'minute' }));
	const { pool, state } = attach(ANN, MAC);
	pool.mode = 'time';
	state.slice = { sinceMs: clock.bootMs(), seconds: 60 };
	t.deepEqual(read().rows[0]?.remaining, { unit: 'second', amount: 60 });
	clock.skip(2500);
	t.deepEqual(read().rows[0]?.remaining, { unit: 'second', amount: 58 });
});

test('the sums are the same with and without rows', (t) => {
	const { attach, stations, meter, table, read } = setUp(t);
	const { state } = attach(ANN, MAC);
	state.upBytesPerSecond = 30;
	state.downBytesPerSecond = 500;
	stations.seen({ mac: OTHER, device: 'br-lan', alive: true, address: '10.0.0.2' });
	const sums = sumsOf(read().rows);
	t.deepEqual(stationTotals({ meter, stations }), sums);
	t.like(sums, { counts: { active: 1, walled: 1, gone: 0 }, upBytesPerSecond: 30, downBytesPerSecond: 500 });
	t.deepEqual(table.sums, sums);
});

test('what was kept is let go of, and can be made again', (t) => {
	const { attach, balances, table, read } = setUp(t);
	attach(ANN, MAC);
	const before = read();
	balances.forget();
	table.forget();
	const after = read();
	t.not(after.rows, before.rows);
	t.deepEqual(after, before);
});

test('whoever follows the changes has the rows as they are, whatever happens', (t) => {
	const venue = setUp(t);
	const { ledger, clock, pools, stations, attach, traffic, read, table, balances } = venue;
	const changes = () => ({ ...table.takeChanges(), ...balances.takeChanges() });
	const first = read();
	changes();
	const model = modelOf({ ...SNAPSHOT, sequence: 0, stations: first.rows, accounts: first.accounts });
	let held = 0;
	const follow = (what: string) => {
		const { rows, accounts } = structuredClone(read());
		const sequence = model.sequence + 1;
		t.true(applyDelta(model, JSON.parse(JSON.stringify({ watch: 'delta', sequence, atMs: 0, ...changes() }))));
		const byKey = (left: object, right: object) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1);
		t.deepEqual([...model.stations.values()].sort(byKey), [...rows].sort(byKey), what);
		t.deepEqual([...model.accounts.values()].sort(byKey), [...accounts].sort(byKey), what);
		t.deepEqual(table.sums, sumsOf(rows), what);
		held += rows.length;
	};
	const random = mulberry(7);
	const macs = Array.from({ length: 6 }, (_, index) => `02:00:5e:10:00:1${index}` as MacAddress);
	const ids = [ANN, 'bob', 'cy'] as AccountId[];
	const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
	let sales = 0;
	const acts: Record<string, () => void> = {
		attach() {
			const mac = pick(macs);
			if (!pools.find(mac)) attach(pick(ids), mac);
		},
		detach() {
			const place = pools.find(pick(macs));
			if (place) pools.remove(place.pool, place.meter);
		},
		seen: () => stations.seen({ mac: pick(macs), device: 'br-lan', alive: random() < 0.7, address: '10.0.0.3' }),
		move() {
			const place = pools.find(pick(macs));
			if (!place) return;
			const { meter } = place;
			if (random() < 0.5) traffic.noteUp(meter, meter.up + Math.floor(random() * 50));
			else traffic.noteTethered(meter, 'down', meter.tethered.down + 7);
			meter.downBytesPerSecond = random() * 9;
		},
		decide() {
			const place = pools.find(pick(macs));
			if (!place) return;
			place.pool.mode = pick(['bytes', 'time', 'slow', 'nothing'] as const);
			pools.decided?.add(place.pool);
		},
		sell() {
			sales += 1;
			ledger.topUp(bytesPackage(`sale-${sales}`, 500, random() < 0.5 ? { unit: 'second', planName: 'minute' } : {}));
		},
		block: () => void ledger.blockAccount(ANN, random() < 0.5),
	};
	for (let turn = 0; turn < 400; turn++) {
		const what = pick(Object.keys(acts));
		acts[what]?.();
		clock.skip(1000);
		follow(`${turn}: ${what}`);
	}
	t.true(held > 400);
});

/** A small generator of numbers from 0 to 1. */
function mulberry(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

function sumsOf(rows: readonly StationRow[]): StationTotals {
	const sum = (of: (row: StationRow) => number) => rows.reduce((total, row) => total + of(row), 0);
	return {
		counts: Object.fromEntries(
			STATION_STATES.map((state) => [state, sum((row) => (row.state === state ? 1 : 0))]),
		) as StationTotals['counts'],
		upBytesPerSecond: sum((row) => row.upBytesPerSecond),
		downBytesPerSecond: sum((row) => row.downBytesPerSecond),
	};
}
