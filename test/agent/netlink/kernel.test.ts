import test from 'ava';
import { kernelTest } from '../../kernel-namespace.ts';
import type concurrency from './kernel/concurrency.ts';
import type events from './kernel/events.ts';
import type network from './kernel/network.ts';
import type transactions from './kernel/transactions.ts';

const script = (name: string) => new URL(`./kernel/${name}.js`, import.meta.url);

kernelTest<Awaited<ReturnType<typeof transactions>>>(
	test,
	'the kernel commits whole batches or nothing, and says in its own words what it refuses',
	script('transactions'),
	(t, found) => {
		t.like(found.table, { table: 'octroi', comment: 'meter of the guest network' });
		t.like(found.raised[0], { limitBytes: 5000, usedBytes: 10 }, 'raising a quota in place keeps what is used');
		t.deepEqual(found.station, [{ key: '02005e100001', data: '00000100', timeoutMs: 3_600_000 }]);
		t.deepEqual(
			found.refused?.refusals.map(({ errno, index }) => [errno, index]),
			[
				['EEXIST', 1],
				['EBUSY', 2],
				['ENOENT', 3],
			],
		);
		t.deepEqual(found.countersAfterRefusal, ['u1']);
		t.deepEqual(found.tablesAfter, []);
		t.is(found.tooLong.code, 'invalid_value');
		t.is(found.elementCount, 5001);
		t.is(found.absent?.refusals[0]?.errno, 'ENOENT');
		t.like(found, { quotasAtTheEnd: 0, answersInFlight: 1 });
		t.is(found.extendedErrors.set, found.extendedErrors.loaded);
		if (!found.extendedErrors.loaded) return t.log('SKIPPED: the words of errors; run "npm run build:native" first');
		t.regex(found.words?.refusals[0]?.text ?? '', /policy validation/);
		t.regex(found.words?.message ?? '', /ERANGE: Attribute failed policy validation/);
		t.is(found.pointedAt, '020000001770', 'of three elements, the one that is absent');
	},
);

kernelTest<Awaited<ReturnType<typeof events>>>(
	test,
	'a depleted quota, a deleted table and lost events are heard of',
	script('events'),
	(t, found) => {
		t.like(found.depletion, { kind: 'quota', name: 'q1', table: 'octroi', depleted: true, usedBytes: 1000 });
		t.deepEqual(found.tables, ['table-new other', 'table-deleted octroi']);
		if (found.wasLost === undefined) return t.log('SKIPPED: lost events; run "npm run build:native" first');
		t.true(found.wasLost);
		t.is(found.counterCount, 3000);
	},
);

kernelTest<Awaited<ReturnType<typeof network>>>(
	test,
	'links, neighbours and tracked flows are listed and heard of; flows are deleted by mark and family',
	script('network'),
	(t, found) => {
		const bridge = found.links.find(({ name }) => name === 'br-guest');
		t.like(bridge, { up: true, mac: '02:00:5e:10:00:fe' as never });
		t.is(found.links.find(({ name }) => name === 'lan1')?.masterIndex, bridge?.interfaceIndex);
		t.deepEqual(
			found.neighbours.map(({ address, state }) => [address, state]),
			[
				['203.0.113.7', 'permanent'],
				['2001:db8:113::7', 'stale'],
			],
		);
		t.true(found.heard.includes('new 2001:db8:113::7 02:00:5e:10:00:07'));
		t.true(found.heard.includes('new br-guest up'));
		t.like(found.tracked[0], { mark: 0x10000, protocol: 17, sourcePort: 4001, destinationPort: 4000 });
		t.deepEqual(found.counts, { otherMark: 0, afterOther: 1, afterOtherFamily: 1, afterFlush: 0 });
		t.deepEqual(found.flowtables, []);
	},
);

kernelTest<Awaited<ReturnType<typeof concurrency>>>(
	test,
	'a dump sees each counter exactly once while the table changes, or is given up as interrupted',
	script('concurrency'),
	(t, found) => {
		t.is(found.whole, 8192);
		t.true(found.held.datagrams > 10);
		t.is(found.held.bytes, 0, 'the memory of a dump is given back when it was visited');
		t.is(found.overTinyBuffer, 8192);
		t.true(found.changed > 0);
		for (const outcome of found.during) t.true(outcome === 8192 || outcome === 'EINTR', String(outcome));
		t.log(found);
	},
);
