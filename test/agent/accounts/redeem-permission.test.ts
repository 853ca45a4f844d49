import test from 'ava';
import { Admission } from '../../../agent/accounts/admission.ts';
import { mergeAccounts } from '../../../agent/accounts/merge-accounts.ts';
import { redeemPermission } from '../../../agent/accounts/redeem-permission.ts';
import { spenderOf } from '../../../agent/accounts/spender-of.ts';
import type { AccountId } from '../../../agent/core/units.ts';
import { ANN, FIRST, SECOND, Venue } from '../meter/venue.ts';

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
	t.like(await redeemPermission(parts, request), { answer: 'created', amount: 40_000 });
	t.like(await redeemPermission(parts, request), { answer: 'exists', amount: 40_000 });
	await venue.quiet();

	t.is(venue.kernel.send(giver, 'down', 1000), 'dropped', 'not a byte twice');
	t.true((await venue.send(taker, 1000, { times: 50 })) >= 39_000);
	t.is(venue.life.books.verify().broken, undefined);
});

const ENDS = {
	'at the rate of fair use': { amount: 10_000, atEnd: 'throttle', throttleBytesPerSecond: 1000 },
	'in its grace allowance of bytes': { amount: 10_000, grace: { unit: 'byte', amount: 5000 } },
	'in its grace allowance of time': { amount: 10_000, grace: { unit: 'second', amount: 60 } },
	'at its end': { amount: 10_000 },
} as const;

for (const [where, terms] of Object.entries(ENDS)) {
	test(`a receiver that is ${where} is back at full service when it has taken, and pays for what passes then`, async (t) => {
		for (const isMerged of [false, true]) {
			const venue = await Venue.open(t);
			const { books, ledger } = venue.life;
			books.createAccount({ id: BOB });
			await venue.buy({ unit: 'byte', amount: 50_000 });
			await venue.buy({ unit: 'byte', ...terms }, BOB);
			const meter = await venue.attach(SECOND, BOB);
			await venue.send(meter, 1000, { times: 12 });
			const at = { wallMs: venue.clock.wallMs(), bootMs: venue.clock.bootMs() };
			const parts = { ledger, meter: venue.meter, moment: () => at };
			if (isMerged) {
				const admission = new Admission({ ledger, spender: spenderOf(venue.meter), moment: () => at });
				await mergeAccounts({ ...parts, admission }, { from: ANN, into: BOB });
			} else {
				ledger.permit({ code: 'permit-1', giver: ANN, taker: BOB, unit: 'byte', amount: 50_000, at });
				await redeemPermission(parts, { transferId: 'taken-1', code: 'permit-1', taker: BOB });
			}
			t.is(venue.meter.find(SECOND)?.pool.mode, 'bytes', 'before anything else happens');
			t.is(venue.kernel.send(meter, 'down', 1000), 'grant');
			const { available, reserved } = venue.account(BOB);
			t.true(available.byte + reserved.byte >= 50_000);
			t.true(available.byte + reserved.byte < 51_500, 'nothing of what was given after the end is left');
			await venue.meter.detach(SECOND, 'test');
			t.is(venue.account(BOB).available.byte, available.byte + reserved.byte - 1000);
			t.is(books.verify().broken, undefined);
		}
	});
}

test('a kernel that refuses delays what was taken, and does not undo it', async (t) => {
	const venue = await Venue.open(t);
	const { books, ledger } = venue.life;
	books.createAccount({ id: BOB });
	await venue.buy({ unit: 'byte', amount: 50_000 });
	await venue.buy({ unit: 'byte', ...ENDS['at the rate of fair use'] }, BOB);
	const meter = await venue.attach(SECOND, BOB);
	await venue.send(meter, 1000, { times: 12 });
	const at = { wallMs: venue.clock.wallMs(), bootMs: venue.clock.bootMs() };
	ledger.permit({ code: 'permit-1', giver: ANN, taker: BOB, unit: 'byte', amount: 50_000, at });
	venue.gateFault = 'before';
	const parts = { ledger, meter: venue.meter, moment: () => at };
	t.like(await redeemPermission(parts, { transferId: 'taken-1', code: 'permit-1', taker: BOB }), { answer: 'created' });
	t.is(venue.meter.find(SECOND)?.pool.mode, 'slow');
	venue.gateFault = undefined;
	await venue.pass(3000);
	t.is(venue.meter.find(SECOND)?.pool.mode, 'bytes');
	t.is(venue.account(BOB).available.byte + venue.account(BOB).reserved.byte, 50_000);
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
	const taken = await redeemPermission(parts, { transferId: 'taken-1', code: 'nobody-made-it', taker: ANN });
	t.is(taken.answer, 'not_found');
	t.is(settled(), before, 'nobody was settled for it');
});
