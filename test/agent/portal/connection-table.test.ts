import test from 'ava';
import { ConnectionTable } from '../../../agent/portal/connection-table.ts';

const table = (limits: { perHolderMax: number; totalMax: number }, busy: readonly number[] = []) =>
	new ConnectionTable<number>({ ...limits, isBusy: (connection) => busy.includes(connection) });

test('a holder has so many connections at once, and those that end make room', (t) => {
	const few = table({ perHolderMax: 2, totalMax: 100 });
	t.deepEqual(
		[few.add('a', 1), few.add('a', 2), few.add('a', 3), few.add('b', 4)].map(({ isAdmitted }) => isAdmitted),
		[true, true, false, true],
	);
	few.remove('a', 1);
	few.remove('a', 1);
	t.true(few.add('a', 5).isAdmitted);
	t.is(few.total, 3);
});

test('a newcomer takes the oldest place of whoever has most', (t) => {
	const full = table({ perHolderMax: 3, totalMax: 5 });
	for (const [holder, connection] of [
		['a', 1],
		['b', 2],
		['b', 3],
		['b', 4],
		['a', 5],
	] as const)
		full.add(holder, connection);
	t.deepEqual(full.add('newcomer', 6), { isAdmitted: true, cut: 2 });
});

test('what is being answered is cut last', (t) => {
	const full = table({ perHolderMax: 3, totalMax: 3 }, [1, 2, 3]);
	for (const connection of [1, 2]) full.add('a', connection);
	full.add('b', 3);
	t.deepEqual(full.add('c', 4), { isAdmitted: true, cut: 1 }, 'if all are, the oldest of all');
	full.remove('a', 1);
	t.deepEqual(full.add('d', 5), { isAdmitted: true, cut: 4 });
});

test('however many strangers come, each newcomer gets in, and there are never more than so many', (t) => {
	const full = table({ perHolderMax: 16, totalMax: 100 });
	const open = new Map<number, string>();
	for (let connection = 0; connection < 5000; connection++) {
		const holder = connection % 50 === 0 ? `newcomer-${connection}` : `crowd-${connection % 37}`;
		const { isAdmitted, cut } = full.add(holder, connection);
		if (holder.startsWith('newcomer')) t.true(isAdmitted);
		if (isAdmitted) open.set(connection, holder);
		if (cut === undefined) continue;
		full.remove(open.get(cut) as string, cut);
		open.delete(cut);
		t.is(full.total, 100);
	}
});

test('a holder without connections costs nothing', (t) => {
	const few = table({ perHolderMax: 2, totalMax: 10 });
	for (let index = 0; index < 1000; index++) {
		few.add(`10.0.0.${index}`, index);
		few.remove(`10.0.0.${index}`, index);
	}
	few.remove('never', 0);
	t.is(few.size, 0);
});
