import test from 'ava';
import { kernelTest } from '../../kernel-namespace.ts';
import type depletion from './kernel/depletion.ts';
import type devices from './kernel/devices.ts';
import type severalDevices from './kernel/several-devices.ts';
import type tableRemoved from './kernel/table-removed.ts';

const script = (name: string) => new URL(`./kernel/${name}.js`, import.meta.url);

kernelTest<Awaited<ReturnType<typeof tableRemoved>>>(
	test,
	'a table that is removed, flushed, restored or foreign is loaded anew under a new epoch, and told once',
	script('table-removed'),
	(t, found) => {
		t.is(found.afterForeign.epoch, found.first.epoch);
		t.is(found.afterForeign.replaced, 0, 'a foreign table at the start is no loss of ours');
		t.notRegex(found.afterForeign.text, /map station \{/);
		t.true(found.passedBefore);
		for (const answer of found.answers) t.like(answer, { told: 1, passedEmpty: false, passed: true });
		t.deepEqual(found.restored.state?.pools, [], 'what a saved ruleset brings back is not of the new epoch');
		t.is(found.restored.state?.epoch, found.restored.epoch);
		t.true(found.storm.passed);
		t.is(new Set(found.epochs).size, found.epochs.length);
		t.deepEqual(
			found.log.filter((line) => line.startsWith('could not') && !line.includes('ENOENT')),
			[],
		);
	},
);

kernelTest<Awaited<ReturnType<typeof devices>>>(
	test,
	'a metered device may come back under another index: nothing passes uncounted meanwhile, and a storm costs few looks',
	script('devices'),
	(t, { bytes, dumpsOfStorm }) => {
		t.true(bytes.up > 0);
		t.is(bytes.up, bytes.received, 'what the station sent and the uplink received');
		t.true(dumpsOfStorm < 60, `600 links came with ${dumpsOfStorm} looks`);
	},
);

kernelTest<Awaited<ReturnType<typeof severalDevices>>>(
	test,
	'stations behind several metered devices are counted apart, also after a move; from one to the other is no traffic of theirs',
	script('several-devices'),
	(t, { seen, counted, countedOfLocal, seenMoved, countedMoved, log }) => {
		for (const { up, down } of [...seen, seenMoved]) t.deepEqual({ up, down }, { up: 51_400, down: 51_400 });
		t.deepEqual(counted, seen);
		t.deepEqual(countedOfLocal, counted);
		t.deepEqual(countedMoved, seenMoved);
		t.deepEqual(log, [
			'metered device does not exist yet; waiting for it',
			'metered devices changed; renewing the rules',
		]);
	},
);

kernelTest<Awaited<ReturnType<typeof depletion>>>(
	test,
	'the kernel tells of the low water when a grant is used up, and of the end when its reserve is, with their pool',
	script('depletion'),
	(t, { passed, toldFirst, toldSecond, told }) => {
		t.deepEqual(passed, [true, true, false]);
		t.deepEqual(toldFirst, []);
		t.deepEqual(toldSecond, ['low water 7']);
		t.deepEqual(told, ['low water 7', 'depleted 7']);
	},
);
