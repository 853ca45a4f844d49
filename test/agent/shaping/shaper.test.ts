import test from 'ava';
import { kernelTest } from '../../kernel-namespace.ts';
import type shaper from './kernel/shaper.ts';

kernelTest<Awaited<ReturnType<typeof shaper>>>(
	test,
	'queues are made on demand, changed, adopted by the next agent, and follow devices and routes',
	new URL('./kernel/shaper.js', import.meta.url),
	(t, found) => {
		for (const qdiscs of found.untouched) t.regex(qdiscs, /noqueue/, 'nothing is touched before it is needed');
		t.regex(found.made.lan, /qdisc htb 6f63: root/);
		t.deepEqual(
			found.made.lanClasses,
			['7 16250Kbit 16250Kbit', '8007 2031Kbit 2031Kbit'],
			'a little above the limits',
		);
		t.deepEqual(found.made.wanClasses, ['7 4062Kbit 4062Kbit', '8007 2031Kbit 2031Kbit']);
		t.regex(found.made.lan, /parent 6f63:7 limit 2265536b/, 'as much as the limit lets in at once');
		t.deepEqual(found.changed.lan, ['7 8125Kbit 8125Kbit', '8007 2031Kbit 2031Kbit']);
		t.regex(found.changed.queues, /parent 6f63:7 limit 1165536b/, 'the queue fits the new rate');
		t.is(leafHandles(found.changed.queues), leafHandles(found.made.lan), 'and is the same queue');
		t.true(leafHandles(found.adopted.leaf).includes(leafHandles(found.adopted.lan)), 'what fits is not made anew');
		t.deepEqual(found.adopted.wan, ['8007 2031Kbit 2031Kbit']);
		t.regex(found.foreign.wan, /^qdisc tbf 1: root [^\n]*\n$/, "somebody else's is left alone");
		t.is(found.foreign.lan.length, 2, 'the other direction queues');
		t.regex(found.foreign.problem ?? '', /wan0 \(tbf\)/);
		t.like(found.foreign.devices, { 0: { device: 'wan0', by: 'limit' }, 1: { device: 'lan0', by: 'queue' } });
		t.is(found.freed.problem, undefined, 'it is told when that is over');
		t.deepEqual(
			found.each,
			{ count: 300, first: 1, last: 300, errno: 'ENOENT', left: [false, false] },
			'each by itself',
		);
		t.deepEqual(found.warnings, ['rates are held by dropping packets']);
	},
);

function leafHandles(qdiscs: string): string {
	return [...qdiscs.matchAll(/qdisc bfifo (\S+):/g)].map(([, handle]) => handle).join(' ');
}
