import test from 'ava';
import { foreignRules } from '../../../agent/dataplane/foreign-rules.ts';

const MASK = 0xffff8000;
const CT_MARK = { ct: { key: 'mark' } };
const MARK = { meta: { key: 'mark' } };
const set = (value: unknown) => ({ mangle: { key: CT_MARK, value } });

type Place = { family?: string; table?: string; hook?: string; prio?: number; policy?: string };

/** One chain `c` with one rule, as nft lists them. */
function ruleset(expr: unknown[], { family = 'inet', table = 'shaper', ...base }: Place = {}) {
	return {
		nftables: [
			{ metainfo: {} },
			{ table: { family, name: table } },
			{ chain: { family, table, name: 'c', ...base } },
			{ rule: { family, table, chain: 'c', handle: 7, expr } },
		],
	};
}

const finds = test.macro({
	exec(t, _what: string, expr: unknown[], expected: string | undefined, place: Place = {}) {
		const [found] = foreignRules(ruleset(expr, place), MASK);
		t.is(found && `${found.kind}: ${found.where} ${found.does}`, expected);
	},
	title: (_, what) => `${what}`,
});

const writes = (bits: string) => `mark: inet shaper c handle 7 writes the bits ${bits} of the conntrack mark`;

test(finds, 'a whole mark is written', [set(0x8000)], writes('0xffff8000'));
test(finds, 'one of our bits is set', [set({ '|': [CT_MARK, 0x10000] })], writes('0x00010000'));
test(finds, 'our bits are cleared', [set({ '&': [CT_MARK, 0xff] })], writes('0xffff8000'));
test(finds, 'our bits are turned', [set({ '^': [CT_MARK, 0x18000] })], writes('0x00018000'));
test(finds, 'others are set and ours stay', [set({ '|': [CT_MARK, 0xff] })], undefined);
test(finds, 'others are cleared and set', [set({ '|': [{ '&': [CT_MARK, 0xffffff00] }, 0x0a] })], undefined);
test(
	finds,
	'a mark is taken over, but for ours',
	[set({ '|': [{ '&': [CT_MARK, 0xffff8000] }, { '&': [MARK, 0x7fff] }] })],
	undefined,
);
test(finds, 'the packet mark is taken over', [set(MARK)], writes('0xffff8000'));
test(finds, 'of the packet mark a part is taken over', [set({ '&': [MARK, 0xff] })], writes('0xffff8000'));
test(finds, 'a map says which', [set({ map: { key: 'x', data: {} } })], writes('0xffff8000'));
test(finds, 'three operands', [set({ '|': [CT_MARK, 0x1, 0x20000] })], writes('0x00020000'));
test(finds, 'the packet mark is written', [{ mangle: { key: MARK, value: CT_MARK } }], undefined);
test(
	finds,
	'conntrack is skipped',
	[{ notrack: null }],
	'untracked: inet shaper c handle 7 keeps packets from conntrack (notrack)',
);
test(
	finds,
	'a flow is offloaded',
	[{ flow: { op: 'add', flowtable: '@ft' } }],
	'bypass: inet shaper c handle 7 takes flows past the forward hook (flow offload)',
);
test(
	finds,
	'a target of iptables that may do it',
	[{ xt: { type: 'target', name: 'CONNMARK' } }],
	'opaque: inet shaper c handle 7 has the target CONNMARK of iptables, of which nft does not say what it does',
);
test(finds, 'a target of iptables that does not', [{ xt: { type: 'target', name: 'TCPMSS' } }], undefined);
test(finds, 'our own table', [set(1)], undefined, { table: 'octroi' });
test(
	finds,
	'a table of our name of another family',
	[set(1)],
	'mark: ip octroi c handle 7 writes the bits 0xffff8000 of the conntrack mark',
	{
		family: 'ip',
		table: 'octroi',
	},
);
test(
	finds,
	'what is counted is dropped afterwards',
	[{ drop: null }],
	'after: inet shaper c drops packets after they were counted (forward, priority 20): they are charged and do not arrive',
	{ hook: 'forward', prio: 20, policy: 'accept' },
);
test(finds, 'a firewall before ours', [{ drop: null }], undefined, { hook: 'forward', prio: 0, policy: 'drop' });

test('a drop is found through jumps, in circles too', (t) => {
	const text = ruleset([{ jump: { target: 'd' } }], { hook: 'postrouting', prio: 100 });
	const chain = { family: 'inet', table: 'shaper', name: 'd' };
	text.nftables.push({ chain } as never);
	text.nftables.push({ rule: { ...chain, chain: 'd', handle: 8, expr: [{ goto: { target: 'c' } }] } } as never);
	t.deepEqual(foreignRules(text, MASK), []);
	text.nftables.push({ rule: { ...chain, chain: 'd', handle: 9, expr: [{ reject: {} }] } } as never);
	t.like(foreignRules(text, MASK)[0], { kind: 'after', where: 'inet shaper c' });
});

test('what is no list of rules has none, however it looks', (t) => {
	for (const odd of [
		undefined,
		null,
		7,
		[],
		{},
		{ nftables: 7 },
		{ nftables: [7, null, { rule: 7 }, { chain: {} }] },
	]) {
		t.deepEqual(foreignRules(odd, MASK), []);
	}
	let deep: unknown = CT_MARK;
	for (let depth = 0; depth < 10_000; depth++) deep = { '|': [deep, 1] };
	t.is(foreignRules(ruleset([set(deep)]), MASK)[0]?.kind, 'mark', 'what cannot be followed may write anything');
});
