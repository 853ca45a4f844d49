import test from 'ava';
import { AccessPointRates } from '../../../carrier/worker/access-point-rates.ts';
import { FairQueue, type Waiting } from '../../../carrier/worker/fair-queue.ts';

const OPTIONS = {
	own: { usageMax: 4, othersMax: 10, bytesMax: 1000 },
	messagesMax: 20,
	bytesMax: 5000,
	turnCost: 10,
};
const ROUND = { costMax: 100, countMax: 8 };

function message(ap: string, item: string, fields: Partial<Waiting<string>> = {}): Waiting<string> {
	return { ap, item, cost: 1, bytes: 1, isUsage: false, ...fields };
}

const namesOf = (messages: readonly Waiting<string>[]) => messages.map(({ ap, item }) => `${ap}${item}`);

test('access points have turns: what one has waiting delays another by one turn', (t) => {
	const queue = new FairQueue<string>(OPTIONS);
	for (let count = 0; count < 10; count++) queue.push(message('a', String(count), { cost: 5 }));
	queue.push(message('b', '0', { cost: 5 }));
	t.deepEqual(namesOf(queue.next(ROUND)), ['a0', 'a1', 'b0']);
	queue.push(message('c', '0', { cost: 5 }));
	t.deepEqual(namesOf(queue.next(ROUND)), ['a2', 'a3', 'c0']);
	for (const expected of [['a4', 'a5'], ['a6', 'a7'], ['a8', 'a9'], []])
		t.deepEqual(namesOf(queue.next(ROUND)), expected);
	t.is(queue.length, 0);
	t.deepEqual(queue.next(ROUND), []);
});

test('turns are of costs, not of messages: large ones get no more than small ones', (t) => {
	const queue = new FairQueue<string>(OPTIONS);
	for (let count = 0; count < 10; count++) queue.push(message('large', String(count), { cost: 20 }));
	for (let count = 0; count < 10; count++) queue.push(message('small', String(count), { cost: 2 }));
	const taken = [...queue.next({ costMax: 50, countMax: 100 }), ...queue.next({ costMax: 50, countMax: 100 })];
	const costOf = (ap: string) => taken.filter((one) => one.ap === ap).reduce((sum, { cost }) => sum + cost, 0);
	t.is(costOf('small'), 20);
	t.is(costOf('large'), 20);
});

test('a message that costs more than a round is a round by itself', (t) => {
	const queue = new FairQueue<string>(OPTIONS);
	queue.push(message('a', 'huge', { cost: 500 }));
	queue.push(message('a', 'next'));
	t.deepEqual(namesOf(queue.next(ROUND)), ['ahuge']);
	t.deepEqual(namesOf(queue.next(ROUND)), ['anext']);
});

test('an access point that has its bound waiting is refused, and nobody else', (t) => {
	const queue = new FairQueue<string>(OPTIONS);
	for (let count = 0; count < 10; count++) t.deepEqual(queue.push(message('a', String(count))), []);
	t.deepEqual(namesOf(queue.push(message('a', 'more'))), ['amore']);
	t.false(queue.hasRoom('a', { bytes: 1, isUsage: false }));
	t.true(queue.hasRoom('a', { bytes: 1, isUsage: true }), 'its usage has a bound of its own');
	for (let count = 0; count < 4; count++) t.deepEqual(queue.push(message('a', `u${count}`, { isUsage: true })), []);
	t.deepEqual(namesOf(queue.push(message('a', 'u4', { isUsage: true }))), ['au4']);
	t.deepEqual(queue.push(message('b', '0')), []);
	t.false(queue.hasRoom('b', { bytes: 1000, isUsage: true }), 'bytes');
});

test('when all together are too many, whoever has most loses its newest', (t) => {
	const queue = new FairQueue<string>(OPTIONS);
	for (const ap of ['a', 'b']) for (let count = 0; count < 9; count++) queue.push(message(ap, String(count)));
	t.deepEqual(queue.push(message('c', '0')), []);
	t.deepEqual(queue.push(message('c', '1')), []);
	t.deepEqual(namesOf(queue.push(message('c', '2'))), ['a8']);
	t.deepEqual(namesOf(queue.push(message('d', '0'))), ['b8']);
	t.is(queue.length, 20);
});

test('what is put back comes first, in its order', (t) => {
	const queue = new FairQueue<string>(OPTIONS);
	for (const item of ['0', '1', '2']) queue.push(message('a', item, { cost: 30 }));
	queue.push(message('b', '0', { cost: 30 }));
	queue.putBack(queue.next(ROUND));
	t.is(queue.length, 4);
	const again: Waiting<string>[] = [];
	while (queue.length > 0) again.push(...queue.next(ROUND));
	t.deepEqual(namesOf(again.filter(({ ap }) => ap === 'a')), ['a0', 'a1', 'a2']);
	t.is(again.length, 4);
});

test('a rate is of one access point; a debt is paid off, and a clock that is set back changes nothing', (t) => {
	let now = 1_000_000;
	const rates = new AccessPointRates({ perSecond: 10, burst: 100 }, { wallMs: () => now });
	rates.spend('a', 150);
	t.false(rates.isWithin('a'));
	t.true(rates.isWithin('b'));
	now += 5000;
	t.false(rates.isWithin('a'));
	now += 100;
	t.true(rates.isWithin('a'));
	rates.spend('a', 100);
	now -= 3_600_000;
	t.false(rates.isWithin('a'));
	now += 11_000;
	t.true(rates.isWithin('a'));
});

test('access points that somebody makes up are not remembered for ever', (t) => {
	const rates = new AccessPointRates({ perSecond: 1, burst: 100 }, { wallMs: () => 1_000_000 });
	rates.spend('rogue', 1000);
	for (let count = 0; count < 19_000; count++) rates.spend(`made-up-${count}`, 1);
	t.false(rates.isWithin('rogue'));
	for (let count = 0; count < 100_000; count++) rates.spend(`made-up-${count}`, 1);
	t.pass('it ends');
});
