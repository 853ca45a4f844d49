import test from 'ava';
import type { AccountId, BootMs, MacAddress, MeterId, WallMs } from '../../../agent/core/units.ts';
import type { Account } from '../../../agent/ledger/account.ts';
import { endMode, wantedReserve } from '../../../agent/meter/decision.ts';
import { newMeterState, newPool, type Pool } from '../../../agent/meter/pool.ts';

const LIMITS = { bytesMin: 10_000, bytesMax: 100_000, seconds: 20 };
const NOW = 20_000 as BootMs;

type Row = {
	readonly mode?: Pool['mode'];
	readonly stations?: number;
	readonly openBytes?: number;
	readonly unsettled?: number;
	readonly available?: Partial<Account['available']>;
	readonly reserved?: Partial<Account['reserved']>;
	readonly slice?: { sinceMs: number; seconds: number };
	readonly blocked?: boolean;
};

const reserves = test.macro({
	exec(t, _what: string, row: Row, expected: { byte: number; second: number }) {
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
		const account: Account = {
			id: pool.account,
			blocked: row.blocked ?? false,
			createdWallMs: 0 as WallMs,
			available: { ...none, ...row.available },
			reserved: { ...none, ...row.reserved },
			used: none,
		};
		t.deepEqual(wantedReserve(pool, account, NOW, LIMITS), expected);
	},
	title: (_, what) => `${what}`,
});

test(reserves, 'an account with nothing reserves nothing', {}, { byte: 0, second: 0 });
test(
	reserves,
	'a blocked account reserves nothing',
	{ blocked: true, available: { byte: 9e6, second: 9 } },
	{ byte: 0, second: 0 },
);
test(
	reserves,
	'a pool without stations reserves nothing',
	{ stations: 0, available: { byte: 9e6 } },
	{ byte: 0, second: 0 },
);
test(reserves, 'bytes are reserved by the window', { available: { byte: 9e6 } }, { byte: 10_000, second: 0 });
test(reserves, 'time comes before bytes, all of it', { available: { byte: 9e6, second: 60 } }, { byte: 0, second: 60 });
test(
	reserves,
	'time that is less than a second for each station is left alone',
	{ stations: 2, available: { byte: 9e6, second: 1 } },
	{ byte: 10_000, second: 0 },
);
test(
	reserves,
	'time that has passed is not reserved again',
	{ mode: 'time', reserved: { second: 60 }, slice: { sinceMs: 10_000, seconds: 60 } },
	{ byte: 0, second: 50 },
);
test(
	reserves,
	'time that is over makes room for bytes',
	{ mode: 'time', available: { byte: 9e6 }, reserved: { second: 10 }, slice: { sinceMs: 5000, seconds: 10 } },
	{ byte: 10_000, second: 0 },
);
test(
	reserves,
	'what was used and not charged yet cannot be reserved',
	{ mode: 'bytes', openBytes: 5000, unsettled: 4000, available: { byte: 1000 }, reserved: { byte: 5000 } },
	{ byte: 2000, second: 0 },
);
test(
	reserves,
	'what passed in a time package does not reduce the bytes',
	{ mode: 'time', unsettled: 4000, available: { byte: 5000 } },
	{ byte: 5000, second: 0 },
);
test(
	reserves,
	'what passed at the rate of fair use does not reduce the bytes',
	{ mode: 'slow', unsettled: 4000, available: { byte: 5000 } },
	{ byte: 5000, second: 0 },
);

test('an ended account gets nothing, or the rate that its last package brought, and people are told why', (t) => {
	t.like(endMode({ blocked: true }, { atEnd: 'throttle', throttleBytesPerSecond: 9 }), {
		mode: 'nothing',
		reason: 'the account is blocked',
	});
	t.like(endMode({ blocked: false }, { atEnd: 'throttle', throttleBytesPerSecond: 9 }), { mode: 'slow' });
	t.like(endMode({ blocked: false }, { atEnd: 'block' }), { mode: 'nothing', reason: 'nothing was bought yet' });
	t.like(endMode({ blocked: false }, { atEnd: 'block', package: 'p' }), {
		mode: 'nothing',
		reason: 'the balance is used up',
	});
});
