import test from 'ava';
import fc from 'fast-check';
import type { Unit } from '../../../agent/core/units.ts';
import { type SettlementPackage, settlement } from '../../../agent/ledger/settlement.ts';
import { bySpendingOrder } from '../../../agent/policy/deduction-queue.ts';

type Row = { packages: string; used: number; reserve: number; expect: string; now?: number; keep?: boolean };

/** Packages as `remaining/reserved@expiry`; expected as one entry a package and what stays unpaid. */
const split = test.macro({
	exec(t, { packages, used, reserve, expect, now, keep = false }: Row) {
		const settled = settlement({
			packages: packages.split(' ').filter(Boolean).map(packageOf),
			used: { byte: used, second: 0, micro: 0 },
			reserve: { byte: reserve, second: 0, micro: 0 },
			validityMs: now ?? null,
			keep,
		});
		const moves = settled.moves.map((move) => {
			const parts = { post: move.posted, take: move.taken, expire: move.expired, grant: move.granted };
			const shown = Object.entries(parts).filter(([, amount]) => amount > 0);
			const words = shown.map(([name, amount]) => `${name} ${amount}`);
			if (move.resolved && move.posted === 0) words.unshift('void');
			return words.join(' + ') || 'keep';
		});
		t.is([...moves, `unpaid ${settled.unpaid.byte}`].join(', '), expect);
	},
	title: (title) => title as string,
});

function packageOf(text: string, balance: number): SettlementPackage {
	const [amounts = '', expiry] = text.split('@');
	const [remaining, reserved] = amounts.split('/').map(Number) as [number, number];
	return { balance, unit: 'byte', remaining, reserved, expiresAtWallMs: expiry === undefined ? null : Number(expiry) };
}

test('nothing used, nothing else wanted: the grant stays', split, {
	packages: '100/50',
	used: 0,
	reserve: 50,
	expect: 'keep, unpaid 0',
});
test('more wanted: the grant is replaced', split, {
	packages: '100/50',
	used: 0,
	reserve: 60,
	expect: 'void + grant 60, unpaid 0',
});
test('less wanted: the grant is replaced', split, {
	packages: '100/50',
	used: 0,
	reserve: 40,
	expect: 'void + grant 40, unpaid 0',
});
test('kept: each grant stays where it is, less what was used, whatever is wanted', split, {
	packages: '100/50 100/20 100/0',
	used: 60,
	reserve: 999,
	keep: true,
	expect: 'post 50, post 10 + grant 10, keep, unpaid 0',
});
test('kept, and nothing used: nothing is written', split, {
	packages: '100/50 100/20',
	used: 0,
	reserve: 0,
	keep: true,
	expect: 'keep, keep, unpaid 0',
});
test('nothing wanted: the grant is released', split, {
	packages: '100/50',
	used: 0,
	reserve: 0,
	expect: 'void, unpaid 0',
});
test('more wanted than there is: a full grant stays', split, {
	packages: '50/50',
	used: 0,
	reserve: 90,
	expect: 'keep, unpaid 0',
});
test('a part used: posted and renewed', split, {
	packages: '100/50',
	used: 20,
	reserve: 50,
	expect: 'post 20 + grant 50, unpaid 0',
});
test('beyond the grant: taken from the rest', split, {
	packages: '100/50',
	used: 70,
	reserve: 50,
	expect: 'post 50 + take 20 + grant 30, unpaid 0',
});
test('beyond everything: unpaid', split, {
	packages: '100/50',
	used: 130,
	reserve: 50,
	expect: 'post 50 + take 50, unpaid 30',
});
test('no package: unpaid', split, { packages: '', used: 5, reserve: 50, expect: 'unpaid 5' });
test('every grant pays before any rest does', split, {
	packages: '100/10 50/50',
	used: 70,
	reserve: 0,
	expect: 'post 10 + take 10, post 50, unpaid 0',
});
test('a reservation spans packages', split, {
	packages: '30/0 30/0 30/0',
	used: 0,
	reserve: 70,
	expect: 'grant 30, grant 30, grant 10, unpaid 0',
});
test('an expired grant still pays, its rest expires', split, {
	packages: '100/50@9 50/0',
	used: 20,
	reserve: 40,
	now: 9,
	expect: 'post 20 + expire 80, grant 40, unpaid 0',
});
test('an unused expired grant is released first', split, {
	packages: '100/50@9',
	used: 0,
	reserve: 40,
	now: 10,
	expect: 'void + expire 100, unpaid 0',
});
test('an expired rest does not pay', split, {
	packages: '100/50@9 20/0',
	used: 60,
	reserve: 0,
	now: 9,
	expect: 'post 50 + expire 50, take 10, unpaid 0',
});
test('a clock that is not set expires nothing', split, {
	packages: '100/50@9',
	used: 0,
	reserve: 50,
	expect: 'keep, unpaid 0',
});
test('one millisecond before its date a package is valid', split, {
	packages: '100/50@9',
	used: 0,
	reserve: 50,
	now: 8,
	expect: 'keep, unpaid 0',
});

const packages = fc
	.array(
		fc.record({
			unit: fc.constantFrom<Unit>('byte', 'second', 'micro'),
			remaining: fc.nat(100),
			part: fc.nat(100),
			expiresAtWallMs: fc.option(fc.nat(10)),
		}),
		{ maxLength: 6 },
	)
	.map((rows) =>
		rows
			.map(({ remaining, part, ...row }, balance): SettlementPackage => {
				return { ...row, balance, remaining, reserved: Math.floor((remaining * part) / 100) };
			})
			.toSorted(bySpendingOrder),
	);
const amounts = fc.record({ byte: fc.nat(300), second: fc.nat(300), micro: fc.nat(300) });

test('whatever is used, nothing is lost, invented or reserved twice', (t) => {
	const property = fc.property(packages, amounts, amounts, fc.option(fc.nat(10)), (rows, used, reserve, validityMs) => {
		const settled = settlement({ packages: rows, used, reserve, validityMs });
		for (const unit of ['byte', 'second', 'micro'] as const) {
			const moves = settled.moves.filter((move) => move.package.unit === unit);
			const sum = (pick: (move: (typeof moves)[number]) => number) =>
				moves.reduce((total, move) => total + pick(move), 0);
			if (sum((m) => m.posted + m.taken) + settled.unpaid[unit] !== used[unit]) return false;
			if (settled.paid[unit] !== sum((m) => m.posted + m.taken)) return false;
			if (settled.expired[unit] !== sum((m) => m.expired)) return false;
			const spendable = moves.filter((move) => move.expired === 0).reduce((total, move) => total + move.remaining, 0);
			if (sum((m) => m.reserved) !== Math.min(reserve[unit], spendable)) return false;
			if (settled.unpaid[unit] > 0 && spendable > 0) return false;
		}
		return settled.moves.every((move) => {
			const kept = move.package.remaining === move.posted + move.taken + move.expired + move.remaining;
			const open = move.resolved ? move.granted : move.granted + move.package.reserved;
			return kept && move.posted <= move.package.reserved && open === move.reserved && move.reserved <= move.remaining;
		});
	});
	t.notThrows(() => fc.assert(property, { numRuns: 2000 }));
});
