import test from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import { Warnings } from '../../../agent/core/warnings.ts';
import { ForeignRuleWatch } from '../../../agent/dataplane/foreign-rule-watch.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

const CHAIN = { family: 'inet', table: 'shaper', name: 'c' };
const MEDDLER = {
	nftables: [{ chain: CHAIN }, { rule: { ...CHAIN, chain: 'c', handle: 7, expr: [{ notrack: null }] } }],
};

function scene() {
	const clock = new FakeClock();
	const warnings = new Warnings();
	const kernel: { rules: unknown; looks: number } = { rules: {}, looks: 0 };
	const read = async () => {
		kernel.looks += 1;
		if (kernel.rules instanceof Error) throw kernel.rules;
		return kernel.rules;
	};
	const watch = new ForeignRuleWatch({ mask: 0xffff8000, clock, warnings, log: silentLog, read });
	return { clock, warnings, kernel, watch };
}

test('a rule of another program is warned of when the kernel told of a change, and not after it has gone', async (t) => {
	const { clock, warnings, kernel, watch } = scene();
	kernel.rules = MEDDLER;
	for (let rule = 0; rule < 500; rule++) watch.changed();
	await clock.pass(2000);
	t.deepEqual(warnings.list(), [
		'a rule of another program disturbs the meter: inet shaper c handle 7 keeps packets from conntrack (notrack)',
	]);
	t.is(kernel.looks, 1, 'a firewall that loads its rules costs one look');
	kernel.rules = {};
	watch.changed();
	await clock.pass(30_000);
	t.deepEqual(warnings.list(), []);
	await clock.pass(3_600_000);
	t.is(kernel.looks, 2, 'nothing is looked at on a timer');
	t.is(clock.pending, 0);
});

test('a program that changes rules all the time costs two looks a minute', async (t) => {
	const { clock, kernel, watch } = scene();
	for (let second = 0; second < 600; second++) {
		watch.changed();
		await clock.pass(1000);
	}
	t.true(kernel.looks <= 21, `${kernel.looks}`);
	watch.stop();
	watch.stop();
	t.is(clock.pending, 0);
});

test('whoever asks is answered from now, many at once by one look, and told what cannot be read', async (t) => {
	const { clock, kernel, watch } = scene();
	kernel.rules = MEDDLER;
	const looks = await Promise.all([watch.now(), watch.now(), watch.now()]);
	t.deepEqual(
		looks.map(({ rules }) => rules.length),
		[1, 1, 1],
	);
	t.is(kernel.looks, 1);
	await clock.pass(1000);
	kernel.rules = new Error('nft has no JSON');
	t.deepEqual(await watch.now(), { rules: [], problem: 'nft has no JSON' });
});
