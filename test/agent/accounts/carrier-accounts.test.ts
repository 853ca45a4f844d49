import test from 'ava';
import { carrierAccounts } from '../../../agent/accounts/carrier-accounts.ts';
import { FIRST, Venue } from '../meter/venue.ts';

test('what the last sample saw is charged at once when that is asked for, and nothing is written where nothing is due', async (t) => {
	const venue = await Venue.open(t, { commitIntervalMs: 600_000 });
	await venue.buy({ unit: 'byte', amount: 50_000 });
	const meter = await venue.attach(FIRST);
	await venue.send(meter, 1500);
	await venue.pass(1500);
	t.is(venue.account().used.byte, 0);
	const accounts = carrierAccounts(venue.meter);
	accounts.settle();
	t.is(venue.account().used.byte, 1500);
	venue.writes = [];
	accounts.settle();
	t.deepEqual(venue.writes, []);
	t.like(accounts.spending()[0], { unsettledBytes: 0 });
});
