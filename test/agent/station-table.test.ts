import test, { type ExecutionContext } from 'ava';
import { AccountBalances } from '../../agent/account-balances.ts';
import { silentLog } from '../../agent/core/log.ts';
import type { AccountId, MacAddress } from '../../agent/core/units.ts';
import type { Meter } from '../../agent/meter/meter.ts';
import { newMeterState } from '../../agent/meter/pool.ts';
import { Pools } from '../../agent/meter/pools.ts';
import { Traffic } from '../../agent/meter/traffic.ts';
import { Stations } from '../../agent/session/stations.ts';
import { StationNews } from '../../agent/station-news.ts';
import { countsOf, StationTable, stationCounts } from '../../agent/station-table.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { ANN, bytesPackage, furnish, MAC, temporaryLedger } from './ledger/temporary-ledger.ts';

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
	const news = new StationNews({ meter, stations });
	const balances = new AccountBalances(ledger.overview, pools);
	const table = new StationTable({ meter, stations, balances });
	const attach = (account: AccountId, mac: MacAddress) => {
		const pool = pools.open(account);
		pool.mode = 'bytes';
		const state = newMeterState({ meter: pools.takeMeterId(), mac, session: `s-${mac}` });
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

test('only the rows of those that moved are made anew', (t) => {
	const { attach, read, clock, table, traffic } = setUp(t);
	const { state } = attach(ANN, MAC);
	attach('bob' as AccountId, OTHER);
	const before = read();
	traffic.noteUp(state, 100);
	state.upBytesPerSecond = 12.4;
	clock.skip(1000);
	const after = read();
	t.is(after.rows[1], before.rows[1]);
	t.like(after.rows[0], { upBytes: 100, upBytesPerSecond: 12, remaining: { unit: 'byte', amount: 900 } });
	t.is(table.sums.upBytesPerSecond, 12);
	t.like(after.accounts[0], { account: ANN, byte: 900, byteBought: 1000, stations: 1 });
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

test('the counts are the same with and without rows', (t) => {
	const { attach, stations, meter, table, read } = setUp(t);
	attach(ANN, MAC);
	stations.seen({ mac: OTHER, device: 'br-lan', alive: true, address: '10.0.0.2' });
	const counts = countsOf(read().rows);
	t.deepEqual(stationCounts({ meter, stations }), counts);
	t.like(counts, { active: 1, walled: 1, gone: 0 });
	t.deepEqual(table.sums.counts, counts);
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
