import test from 'ava';
import type { AccountId, BootMs, MacAddress, MeterId } from '../../../agent/core/units.ts';
import type { Funds } from '../../../agent/ledger/funds.ts';
import { endMode, mustSuspend, wantedReserve } from '../../../agent/meter/decision.ts';
import { newMeterState, newPool, type Pool } from '../../../agent/meter/pool.ts';

const LIMITS = { bytesMin: 10_000, bytesMax: 100_000, seconds: 20 };
const NOW = 20_000 as BootMs;

type Row = {
	readonly mode?: Pool['mode'];
	readonly stations?: number;
	readonly openBytes?: number;
	readonly unsettled?: number;
	readonly packages?: Partial<Funds['packages']>;
	readonly wallet?: Partial<Funds['wallet']>;
	readonly grace?: Partial<Funds['grace']>;
	readonly slice?: { sinceMs: number; seconds: number };
	readonly blocked?: boolean;
};

const reserves = test.macro({
	exec(t, _what: string, row: Row, expected: { byte: number; second: number; grace?: true }) {
		const pool = newPool(1, 'ann' as AccountId, 0 as BootMs);
		pool.mode = row.mode ?? 'nothing';
		pool.openBytes = row.openBytes ?? 0;
		for (let id = 1; id <= (row.stations ?? 1); id += 1) {
			const station = { meter: id as MeterId, mac: `02:00:00:00:00:0${id}` as MacAddress, session: `s${id}` };
			const meter = newMeterState(station);
			if (id === 1) meter.up = row.unsettled ?? 0;
			if (row.slice) meter.slice = { ...row.slice, sinceMs: row.slice.sinceMs as BootMs };
			pool.meters.set(meter.meter, meter);
		}
		pool.armedAtMs = NOW;
		pool.armedUsedBytes = row.unsettled ?? 0;
		const none = { byte: 0, second: 0 };
		const funds: Funds = {
			packages: { ...none, ...row.packages },
			wallet: { ...none, ...row.wallet },
			grace: { ...none, ...row.grace },
			open: none,
			isMixed: false,
			begunMs: 0,
		};
		const blocked = row.blocked ?? false;
		t.deepEqual(wantedReserve(pool, { blocked, funds }, NOW, LIMITS), expected);
	},
	title: (_, what) => `${what}`,
});

test(reserves, 'an account with nothing reserves nothing', {}, { byte: 0, second: 0 });
test(
	reserves,
	'a blocked account reserves nothing',
	{ blocked: true, packages: { byte: 9000000, second: 9 } },
	{ byte: 0, second: 0 },
);
test(
	reserves,
	'a pool without stations reserves nothing',
	{ stations: 0, packages: { byte: 9000000 } },
	{ byte: 0, second: 0 },
);
test(reserves, 'bytes are reserved by the window', { packages: { byte: 9000000 } }, { byte: 10_000, second: 0 });
test(
	reserves,
	'time comes before bytes, all of it',
	{ packages: { byte: 9000000, second: 60 } },
	{ byte: 0, second: 60 },
);
test(
	reserves,
	'time that is less than a second for each station is left alone',
	{ stations: 2, packages: { byte: 9000000, second: 1 } },
	{ byte: 10_000, second: 0 },
);
test(
	reserves,
	'time that has passed is not reserved again',
	{ mode: 'time', packages: { second: 60 }, slice: { sinceMs: 10_000, seconds: 60 } },
	{ byte: 0, second: 50 },
);
test(
	reserves,
	'time that is over makes room for bytes',
	{ mode: 'time', packages: { byte: 9000000, second: 10 }, slice: { sinceMs: 5000, seconds: 10 } },
	{ byte: 10_000, second: 0 },
);
test(
	reserves,
	'what was used and not charged yet cannot be reserved',
	{ mode: 'bytes', openBytes: 5000, unsettled: 4000, packages: { byte: 6000 } },
	{ byte: 2000, second: 0 },
);
test(
	reserves,
	'what passed in a time package does not reduce the bytes',
	{ mode: 'time', unsettled: 4000, packages: { byte: 5000 } },
	{ byte: 5000, second: 0 },
);
test(
	reserves,
	'what passed at the rate of fair use does not reduce the bytes',
	{ mode: 'slow', unsettled: 4000, packages: { byte: 5000 } },
	{ byte: 5000, second: 0 },
);

test('an ended account gets nothing, or the rate that its last package brought', (t) => {
	t.is(endMode({ blocked: true }, { atEnd: 'throttle', throttleBytesPerSecond: 9 }), 'nothing');
	t.is(endMode({ blocked: false }, { atEnd: 'throttle', throttleBytesPerSecond: 9 }), 'slow');
	t.is(endMode({ blocked: false }, { atEnd: 'block' }), 'nothing');
});
test(
	reserves,
	'money by the byte follows what was bought by the byte, in one window',
	{ packages: { byte: 4000 }, wallet: { byte: 9e6 } },
	{ byte: 10_000, second: 0 },
);
test(
	reserves,
	'money by the minute waits until bytes are used up',
	{ packages: { byte: 4000 }, wallet: { second: 600 }, grace: { byte: 5000 } },
	{ byte: 4000, second: 0 },
);
test(
	reserves,
	'money by the minute is reserved by the hour, for each station',
	{ stations: 2, packages: { byte: 1000, second: 1 }, wallet: { second: 9000 } },
	{ byte: 0, second: 7201 },
);
test(
	reserves,
	'time that the wallet has paid already is not reserved again',
	{ mode: 'time', wallet: { second: 600 }, slice: { sinceMs: 10_000, seconds: 60 } },
	{ byte: 0, second: 590 },
);
test(
	reserves,
	'the last bytes and the grace allowance share a window',
	{ packages: { byte: 3000 }, grace: { byte: 5000 } },
	{ byte: 8000, second: 0, grace: true },
);
test(
	reserves,
	'grace in seconds comes when bytes are used up',
	{ packages: { byte: 1000 }, grace: { second: 30 } },
	{ byte: 0, second: 30, grace: true },
);

const plan = (row: { mode: Pool['mode']; byte?: number; second?: number; isMixed?: boolean }) => ({
	account: {} as never,
	mode: row.mode,
	isMixed: row.isMixed ?? false,
	reserve: { byte: row.byte ?? 0, second: row.second ?? 0 },
});

const suspends = test.macro({
	exec(
		t,
		pool: { mode: Pool['mode']; slowsByItself?: true },
		next: Parameters<typeof plan>[0],
		rest: { byte?: number; second?: number },
		expected: boolean,
	) {
		const { mode, slowsByItself = false } = pool;
		t.is(mustSuspend({ mode, slowsByItself }, plan(next), { byte: 0, second: 0, ...rest }), expected);
	},
	title: (title) => `the kernel lets go first: ${title}`,
});

test('not where it has nothing', suspends, { mode: 'nothing' }, { mode: 'bytes', byte: 5 }, {}, false);
test('not where more bytes come', suspends, { mode: 'bytes' }, { mode: 'bytes', byte: 9 }, { byte: 5 }, false);
test('where fewer bytes come', suspends, { mode: 'bytes' }, { mode: 'bytes', byte: 4 }, { byte: 5 }, true);
test('where less time comes', suspends, { mode: 'time' }, { mode: 'time', second: 2 }, { second: 3600 }, true);
test('not where more time comes', suspends, { mode: 'time' }, { mode: 'time', second: 9 }, { second: 8 }, false);
test('where the right changes', suspends, { mode: 'time' }, { mode: 'bytes', byte: 9 }, {}, true);
test(
	'where speeds are mixed',
	suspends,
	{ mode: 'bytes' },
	{ mode: 'bytes', byte: 9, isMixed: true },
	{ byte: 5 },
	true,
);
test(
	'where fair use begins by itself',
	suspends,
	{ mode: 'bytes', slowsByItself: true },
	{ mode: 'bytes', byte: 9 },
	{},
	true,
);
