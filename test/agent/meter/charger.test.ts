import test from 'ava';
import type { AccountId } from '../../../agent/core/units.ts';
import { ANN, FIRST, SECOND, Venue } from './venue.ts';

const EVE = 'eve' as AccountId;

test('an account that cannot be charged does not keep the others from it', async (t) => {
	const venue = await Venue.open(t, { commitIntervalMs: 60_000 });
	venue.life.books.createAccount({ id: EVE });
	await venue.buy({ unit: 'byte', amount: 50_000 });
	await venue.buy({ unit: 'byte', amount: 50_000 }, EVE);
	await venue.send(await venue.attach(FIRST), 1500);
	await venue.send(await venue.attach(SECOND, EVE), 1500);
	await venue.pass(1000);
	const pool = venue.meter.pools.of(ANN);
	if (!pool) return t.fail();
	// No amount: the ledger refuses the whole request of this account.
	const state = [...pool.meters.values()][0];
	if (state) pool.meters.set(state.meter, { ...state, up: -1 });
	await venue.pass(61_000);
	t.is(venue.account(ANN).used.byte, 0);
	t.is(venue.account(EVE).used.byte, 1500);
});

test('a disk that is full is so for all accounts, and is asked once', async (t) => {
	const venue = await Venue.open(t);
	venue.life.books.createAccount({ id: EVE });
	await venue.buy({ unit: 'byte', amount: 50_000 });
	await venue.buy({ unit: 'byte', amount: 50_000 }, EVE);
	await venue.send(await venue.attach(FIRST), 1500);
	await venue.send(await venue.attach(SECOND, EVE), 1500);
	venue.isDiskFull = true;
	venue.writes = [];
	const { charger, pools } = venue.meter;
	t.throws(() => charger.settleRests(pools.all()), { code: 'ledger_unwritable' } as object);
	t.deepEqual(venue.writes, ['settleAll']);
});
