import test from 'ava';
import { Admission } from '../../../agent/accounts/admission.ts';
import type { Identity } from '../../../agent/accounts/identity.ts';
import { mergeAccounts } from '../../../agent/accounts/merge-accounts.ts';
import { spenderOf } from '../../../agent/accounts/spender-of.ts';
import { productCommands } from '../../../agent/commands/product-commands.ts';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import type { AccountId } from '../../../agent/core/units.ts';
import { ANN, FIRST, SECOND, Venue } from '../meter/venue.ts';

const BOB = 'bob' as AccountId;

function partsOf(venue: Venue) {
	const { meter, life } = venue;
	const moment = () => ({ wallMs: venue.clock.wallMs(), bootMs: venue.clock.bootMs() });
	const { ledger } = life;
	const admission = new Admission({ ledger, spender: spenderOf(meter), moment });
	return { ledger, meter, moment, admission };
}

test('stations that are online go along, and every byte is charged once, to who had it then', async (t) => {
	const venue = await Venue.open(t);
	venue.life.books.createAccount({ id: BOB });
	await venue.buy({ unit: 'byte', amount: 50_000 });
	await venue.buy({ unit: 'byte', amount: 10_000 }, BOB);
	const first = await venue.attach(FIRST);
	const second = await venue.attach(SECOND, BOB);
	t.is(await venue.send(first, 1000, { times: 10 }), 10_000);
	t.is(await venue.send(second, 1000, { times: 5 }), 5000);
	t.true(venue.account().reserved.byte > 0);

	const parts = partsOf(venue);
	const request = { from: ANN, into: BOB };
	t.like(await mergeAccounts(parts, request), { answer: 'changed', moved: { byte: 40_000 }, stations: [FIRST] });
	await venue.quiet();
	t.is(venue.account().used.byte, 10_000);
	t.is(venue.account().available.byte + venue.account().reserved.byte, 0);
	t.like(await mergeAccounts(parts, request), { answer: 'exists', stations: [] });

	const now = venue.meter.find(FIRST);
	t.is(now?.pool.account, BOB);
	let sent = 0;
	for (const meter of [now?.meter.meter ?? first, second]) sent += await venue.send(meter, 1000, { times: 50 });
	t.true(sent >= 44_000, 'all but the rest of a packet');
	await venue.meter.detach(FIRST, 'done');
	await venue.meter.detach(SECOND, 'done');
	const { used, available, reserved } = venue.account(BOB);
	t.deepEqual([used.byte, available.byte, reserved.byte], [5000 + sent, 45_000 - sent, 0], 'to the byte');
	t.is(venue.life.books.verify().broken, undefined);
});

test('what fails between the credit and the stations is taken up by asking again', async (t) => {
	const venue = await Venue.open(t);
	venue.life.books.createAccount({ id: BOB });
	await venue.buy({ unit: 'byte', amount: 50_000 });
	await venue.attach(FIRST);
	const parts = partsOf(venue);
	const admission = {
		handOver: () => Promise.reject(new OctroiError('netlink_refused', 'the kernel says no')),
	} as unknown as Admission;
	const request = { from: ANN, into: BOB };
	await t.throwsAsync(mergeAccounts({ ...parts, admission }, request), { code: 'netlink_refused' });
	t.is(venue.account(BOB).available.byte, 50_000);
	t.is(venue.meter.find(FIRST)?.pool.account, ANN);
	t.like(await mergeAccounts(parts, request), { answer: 'exists', stations: [FIRST] });
	await venue.quiet();
	t.is(venue.meter.find(FIRST)?.pool.account, BOB);
	t.is(venue.life.books.verify().broken, undefined);
});

test('a merge that is refused leaves the stations where they are, and they go on', async (t) => {
	const venue = await Venue.open(t);
	venue.life.books.createAccount({ id: BOB });
	await venue.buy({ unit: 'byte', amount: 50_000 });
	await venue.buy({ unit: 'byte', amount: 10_000, stationsMax: 1 }, BOB);
	const first = await venue.attach(FIRST);
	await venue.attach(SECOND, BOB);
	venue.life.books.blockAccount(BOB, true);
	await t.throwsAsync(mergeAccounts(partsOf(venue), { from: ANN, into: BOB }), { code: 'not_allowed' });
	t.is(venue.meter.find(FIRST)?.pool.account, ANN);
	t.true((await venue.send(first, 1000, { times: 60 })) >= 49_000);
	t.is(venue.life.books.verify().broken, undefined);
});

test('nobody is put out: more stations than the packages allow are refused, and nothing is moved', async (t) => {
	const venue = await Venue.open(t);
	venue.life.books.createAccount({ id: BOB });
	await venue.buy({ unit: 'byte', amount: 50_000, stationsMax: 1 });
	await venue.buy({ unit: 'byte', amount: 10_000, stationsMax: 1 }, BOB);
	await venue.attach(FIRST);
	await venue.attach(SECOND, BOB);
	await t.throwsAsync(mergeAccounts(partsOf(venue), { from: ANN, into: BOB }), {
		code: 'not_allowed',
		message: /2 stations at once, and may have 1/,
	});
	const held = ({ available, reserved }: ReturnType<Venue['account']>) => available.byte + reserved.byte;
	t.deepEqual([held(venue.account()), held(venue.account(BOB))], [50_000, 10_000]);
	t.deepEqual([venue.meter.find(FIRST)?.pool.account, venue.meter.find(SECOND)?.pool.account], [ANN, BOB]);
});

test('the same for the stations that a voucher lets in', async (t) => {
	const venue = await Venue.open(t);
	venue.life.books.createAccount({ id: BOB });
	await venue.buy({ unit: 'byte', amount: 50_000 });
	await venue.attach(FIRST);
	await venue.attach(SECOND, BOB);
	const parts = partsOf(venue);
	const codes = { ...parts.ledger.codes, devicesOf: () => 1 };
	const ledger = { ...parts.ledger, codes };
	await t.throwsAsync(mergeAccounts({ ...parts, ledger }, { from: ANN, into: BOB }), { code: 'not_allowed' });
	t.is(venue.account(BOB).available.byte, 0);
	t.is(venue.meter.find(SECOND)?.pool.account, BOB);
});

test('the command says what was moved, and names the account that is not there', async (t) => {
	const venue = await Venue.open(t);
	venue.life.books.createAccount({ id: BOB });
	await venue.buy({ unit: 'byte', amount: 50_000 });
	const { admission, ...parts } = partsOf(venue);
	const unused = () => 'unused';
	const identity = { admission } as Identity;
	const handlers = productCommands({ ...parts, identity, newTransferId: unused, newCode: unused });
	const moved = { byte: 50_000, second: 0, micro: 0 };
	t.deepEqual(await handlers['account.merge']({ account: ANN, into: BOB }), {
		answer: 'changed',
		account: ANN,
		into: BOB,
		packages: 1,
		moved,
		stations: [],
	});
	t.like(await handlers['account.merge']({ account: ANN, into: BOB }), { answer: 'exists', packages: 0 });
	const nobody = handlers['account.merge']({ account: ANN, into: 'eve' as AccountId });
	await t.throwsAsync(nobody, { code: 'not_found', message: /eve/ });
});

test('what passed at the rate of fair use before is not charged to what came', async (t) => {
	const venue = await Venue.open(t);
	venue.life.books.createAccount({ id: BOB });
	await venue.buy({ unit: 'byte', amount: 50_000 });
	await venue.buy({ unit: 'byte', amount: 10_000, atEnd: 'throttle', throttleBytesPerSecond: 10_000 }, BOB);
	await venue.attach(FIRST);
	const second = await venue.attach(SECOND, BOB);
	t.true((await venue.send(second, 1000, { times: 11 })) >= 10_000);
	t.is(await venue.send(second, 1000, { times: 3 }), 3000, 'at the rate of fair use');
	await mergeAccounts(partsOf(venue), { from: ANN, into: BOB });
	await venue.quiet();
	const { available, reserved } = venue.account(BOB);
	t.is(available.byte + reserved.byte, 50_000);
	t.is(venue.life.books.verify().broken, undefined);
});
