import test from 'ava';
import { spenderOf } from '../../../agent/accounts/spender-of.ts';
import type { AccountId, MacAddress } from '../../../agent/core/units.ts';
import { FIRST, Venue } from '../meter/venue.ts';

const METERS = 4;
const crowdMac = (number: number) => `02:00:5e:01:00:0${number}` as MacAddress;

test('when hardly a meter is left, whoever has nothing makes room for somebody who comes with a code', async (t) => {
	const venue = await Venue.open(t, { gate: { meterMax: METERS } });
	const spender = spenderOf(venue.meter);
	for (let number = 0; number < METERS; number++) {
		const account = `crowd-${number}` as AccountId;
		venue.life.books.createAccount({ id: account });
		// One of them has something left: it stays.
		if (number === 0) await venue.buy({ unit: 'byte', amount: 100_000 }, account);
		await spender.attach(crowdMac(number), account);
	}
	await venue.buy({ unit: 'byte', amount: 100_000 });
	await spender.attach(FIRST, 'ann' as AccountId);
	await venue.quiet();
	t.is(spender.accountOf(FIRST), 'ann' as AccountId);
	t.is(spender.accountOf(crowdMac(0)), 'crowd-0' as AccountId);
	t.is(spender.accountOf(crowdMac(1)), undefined);
});

test('if all have something, the next one is told so', async (t) => {
	const venue = await Venue.open(t, { gate: { meterMax: 2 } });
	const spender = spenderOf(venue.meter);
	for (const number of [0, 1]) {
		const account = `crowd-${number}` as AccountId;
		venue.life.books.createAccount({ id: account });
		await venue.buy({ unit: 'byte', amount: 100_000 }, account);
		await spender.attach(crowdMac(number), account);
	}
	await t.throwsAsync(spender.attach(FIRST, 'ann' as AccountId), { code: 'not_allowed', message: /meters are in use/ });
});
