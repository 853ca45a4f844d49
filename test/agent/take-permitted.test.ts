import test from 'ava';
import type { AccountId } from '../../agent/core/units.ts';
import { takePermitted } from '../../agent/take-permitted.ts';
import { ANN, FIRST, SECOND, Venue } from './meter/venue.ts';

const BOB = 'bob' as AccountId;

test('all that a giver has not used can be taken, also while the kernel has it reserved', async (t) => {
	const venue = await Venue.open(t);
	const { ledger } = venue.life;
	venue.life.books.createAccount({ id: BOB });
	await venue.buy({ unit: 'byte', amount: 50_000 });
	const giver = await venue.attach(FIRST);
	const taker = await venue.attach(SECOND, BOB);
	t.is(await venue.send(giver, 1000, { times: 10 }), 10_000);
	t.true(venue.account().available.byte < 40_000, 'some of it is reserved');

	const at = { wallMs: venue.clock.wallMs(), bootMs: venue.clock.bootMs() };
	ledger.permit({ code: 'permit-1', giver: ANN, taker: BOB, unit: 'byte', amount: 40_000, at });
	const parts = { ledger, meter: venue.meter, moment: () => at };
	const request = { transferId: 'taken-1', code: 'permit-1', taker: BOB };
	t.like(await takePermitted(parts, request), { answer: 'created', amount: 40_000 });
	t.like(await takePermitted(parts, request), { answer: 'exists', amount: 40_000 });
	await venue.quiet();

	t.is(venue.kernel.send(giver, 'down', 1000), 'dropped', 'not a byte twice');
	t.true((await venue.send(taker, 1000, { times: 50 })) >= 39_000);
	t.is(venue.life.books.verify().broken, undefined);
});

test('a code that allows nothing is looked up without disturbing anybody', async (t) => {
	const venue = await Venue.open(t);
	const { ledger } = venue.life;
	await venue.buy({ unit: 'byte', amount: 50_000 });
	await venue.attach(FIRST);
	const settled = () => venue.writes.filter((name) => name.startsWith('settle')).length;
	const before = settled();
	const parts = {
		ledger,
		meter: venue.meter,
		moment: () => ({ wallMs: venue.clock.wallMs(), bootMs: venue.clock.bootMs() }),
	};
	const taken = await takePermitted(parts, { transferId: 'taken-1', code: 'nobody-made-it', taker: ANN });
	t.is(taken.answer, 'not_found');
	t.is(settled(), before, 'nobody was settled for it');
});
