import test from 'ava';
import { CONFIG_OPTIONS } from '../../../agent/config/options.ts';
import { freeMeterOf, ownMeterOf } from '../../../agent/core/free-meter.ts';
import { isTetheredMeter, tetheredMeterOf } from '../../../agent/core/tethered-meter.ts';
import type { MeterId } from '../../../agent/core/units.ts';
import { markField } from '../../../agent/dataplane/mark.ts';

const fits = test.macro({
	exec(t, mask: number, meterMax: number) {
		const field = markField(mask);
		t.is(field.meterMax, meterMax);
		for (const number of [1, 2, meterMax >>> 1, meterMax].filter((number) => number > 0 && number <= meterMax)) {
			const meter = number as MeterId;
			t.is((field.markOf(meter) & ~mask) >>> 0, 0, 'no bit of others');
			t.true(field.markOf(meter) > 0);
			t.is(field.meterOf((field.markOf(meter) | ~mask) >>> 0), meter, 'whatever the others have set');
			t.is(field.meterOfKey(field.key(meter)), meter);
			const free = freeMeterOf(meter);
			t.is(field.markOf(free), (field.markOf(meter) | field.freeBit) >>> 0, 'zero-rated: one bit more');
			t.is(field.meterOfKey(field.key(free)), free);
			t.is(ownMeterOf(free), meter);
			const tethered = tetheredMeterOf(meter);
			t.is(field.markOf(tethered), (field.markOf(meter) | field.tetheredBit) >>> 0, 'tethered: another bit more');
			t.is(field.meterOfKey(field.key(tethered)), tethered);
			t.is(ownMeterOf(tethered), meter);
			t.true(isTetheredMeter(tethered) && !isTetheredMeter(meter) && !isTetheredMeter(free));
		}
		t.is(field.meterOf(~mask >>> 0), 0 as MeterId);
		t.is(field.meterOfKey(Buffer.alloc(3)), 0 as MeterId);
	},
	title: (_title, mask) => `the mask 0x${(mask as number).toString(16)} holds its meters`,
});

test(fits, 0xffff8000, 6435);
test(fits, 0xffff0000, 3432);
test(fits, 0x00ff0000, 20);
test(fits, 0x000000ff, 20);
test(fits, 0x00007f00, 10);
test(fits, 0x00003f00, 6);
test(fits, 0xf8000000, 3);
test(fits, 0x0000001f, 3);
test(fits, 0xffffffff, 6435);

test('no part of the bits of a meter is another meter', (t) => {
	const field = markField(0x0ff0);
	const marks = Array.from({ length: field.meterMax }, (_, index) => field.markOf((index + 1) as MeterId));
	t.is(new Set(marks).size, field.meterMax);
	for (const mark of marks) for (const part of marks) t.true(part === mark || (mark & part) !== part);
});

test('the capacities that the documentation names are those of the masks', (t) => {
	const stations = [0x7f, 0xff, 0xffff0000, 0xffff8000].map((mask) => markField(mask).meterMax);
	t.deepEqual(stations, [10, 20, 3432, 6435]);
	const caution = CONFIG_OPTIONS.find(({ path }) => path === 'mark.mask')?.caution ?? '';
	for (const count of stations) t.regex(caution, new RegExp(`\\b${count.toLocaleString('en-US')}\\b`));
});

test('a wider mask whose lowest bit is new leaves the marks of the narrower one what they were', (t) => {
	const [before, now] = [0xffff0000, 0xffff8000].map(markField);
	// Before there was a bit for tethered flows, the numbers began with the lowest bit of the mask.
	t.is(now?.tetheredBit, 0x8000);
	t.is(now?.freeBit, before?.freeBit);
	t.deepEqual(now?.bits, [before?.tetheredBit, ...(before?.bits ?? [])]);
});
