import test from 'ava';
import fc from 'fast-check';
import type { Unit } from '../../../agent/core/units.ts';
import {
	type Allowance,
	bySpendingOrder,
	deductionQueue,
	type GroupSource,
	type OwnSource,
} from '../../../agent/policy/deduction-queue.ts';

const UNITS: Record<string, Unit> = { s: 'second', B: 'byte', m: 'micro' };

/** `100B@9`: own; `100+20B@9:G1`: undrawn + drawn of group 1; `grace` at the end: the allowance after the end. */
function sourceOf(text: string, balance: number): OwnSource | GroupSource {
	const [, amount, drawn, unit, expiry, group, grace] =
		/^(\d+)(?:\+(\d+))?([sBm])(?:@(\d+))?(?::G(\d))?(:grace)?$/.exec(text) ?? [];
	const source = {
		unit: UNITS[unit ?? ''] as Unit,
		expiresAtWallMs: expiry === undefined ? null : Number(expiry),
		balance,
	};
	if (group === undefined) {
		return { ...source, scope: grace === undefined ? 'own' : 'grace', remaining: Number(amount) };
	}
	return { ...source, scope: 'group', group: Number(group), undrawn: Number(amount), drawn: Number(drawn ?? 0) };
}

const queue = test.macro({
	exec(t, sources: string, expected: string, allowances: readonly Allowance[] = []) {
		const texts = sources.split(' ');
		const all = texts.map(sourceOf);
		const own = all.filter((source): source is OwnSource => 'remaining' in source);
		const groups = all.filter((source): source is GroupSource => 'undrawn' in source);
		const queued = deductionQueue(own, groups, allowances);
		t.is(queued.map(({ source, amount }) => `${texts[source.balance]}=${amount}`).join(', '), expected);
	},
	title: (title) => title as string,
});

test('seconds, then bytes, then money', queue, '5m 100B 60s', '60s=60, 100B=100, 5m=5');
test('soonest expiry first, those without one last', queue, '1B 2B@9 3B@8', '3B@8=3, 2B@9=2, 1B=1');
test('of the same expiry: own before the group', queue, '9B@5:G1 8B@5', '8B@5=8, 9B@5:G1=9');
test('a group package that expires sooner goes first', queue, '8B@5 9B@4:G1', '9B@4:G1=9, 8B@5=8');
test('of the same expiry and scope: what was bought first', queue, '2B@5 1B@5', '2B@5=2, 1B@5=1');
test('the wallet of a group after the own', queue, '7m:G1 5m', '5m=5, 7m:G1=7');
test('grace after everything of its unit', queue, '9B:grace 1B 5B:G1', '1B=1, 5B:G1=5, 9B:grace=9');
test('an allowance limits what is drawn', queue, '100B:G1', '100B:G1=30', [{ group: 1, left: { byte: 30 } }]);
test('what was drawn before is there beside the allowance', queue, '100+20B:G1', '100+20B:G1=50', [
	{ group: 1, left: { byte: 30 } },
]);
test(
	'packages of one group share the allowance, in their order',
	queue,
	'20B@9:G1 20B@8:G1',
	'20B@8:G1=20, 20B@9:G1=10',
	[{ group: 1, left: { byte: 30 } }],
);
test('each group has its own allowance', queue, '20B@1:G1 20B@2:G2', '20B@1:G1=5, 20B@2:G2=20', [
	{ group: 1, left: { byte: 5 } },
]);
test('an allowance of bytes does not limit seconds', queue, '20s:G1 20B:G1', '20s:G1=20, 20B:G1=0', [
	{ group: 1, left: { byte: 0 } },
]);

test('the order is total: however the sources are mixed, it comes out the same', (t) => {
	const sources = fc.uniqueArray(
		fc.record({
			unit: fc.constantFrom<Unit>('byte', 'second', 'micro'),
			expiresAtWallMs: fc.option(fc.nat(3)),
			scope: fc.constantFrom('own' as const, 'group' as const, 'grace' as const),
			balance: fc.nat(1000),
		}),
		{ selector: ({ balance }) => balance, maxLength: 12 },
	);
	const property = fc.property(sources, fc.infiniteStream(fc.nat(100)), (all, random) => {
		const mixed = all
			.map((source) => ({ source, key: random.next().value as number }))
			.toSorted((a, b) => a.key - b.key);
		const once = all.toSorted(bySpendingOrder);
		const again = mixed.map(({ source }) => source).toSorted(bySpendingOrder);
		return once.every((source, index) => source === again[index]);
	});
	t.notThrows(() => fc.assert(property, { numRuns: 500 }));
});
