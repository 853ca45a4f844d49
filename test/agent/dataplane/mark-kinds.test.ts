import test from 'ava';
import fc from 'fast-check';
import { freeMeterOf } from '../../../agent/core/free-meter.ts';
import { tetheredMeterOf } from '../../../agent/core/tethered-meter.ts';
import type { MeterId } from '../../../agent/core/units.ts';
import { type FlowKind, markField, markKinds } from '../../../agent/dataplane/mark.ts';
import { renderRuleset } from '../../../agent/dataplane/ruleset.ts';
import { RULESETS } from './ruleset-cases.ts';

const MARK_BITS_MIN = 7;
const ALL_MASKS = Array.from({ length: 32 }, (_, low) =>
	Array.from({ length: 32 - low - MARK_BITS_MIN + 1 }, (_, more) => {
		const bits = MARK_BITS_MIN + more;
		return ((2 ** bits - 1) * 2 ** low) >>> 0;
	}),
).flat();

const fields = new Map<number, ReturnType<typeof markField>>();
function fieldOf(mask: number) {
	const field = fields.get(mask) ?? markField(mask);
	fields.set(mask, field);
	return field;
}

/** The marks of all meters of all classes, by their kind. */
function metered(mask: number): [FlowKind, number][] {
	const field = fieldOf(mask);
	return Array.from({ length: field.meterMax }, (_, index) => (index + 1) as MeterId).flatMap((meter) => [
		['own', field.markOf(meter)],
		['tethered', field.markOf(tetheredMeterOf(meter))],
		['zeroRated', field.markOf(freeMeterOf(meter))],
	]);
}

test('each mask that the configuration accepts is tried', (t) => {
	t.is(ALL_MASKS.length, (26 * 27) / 2);
	t.true(ALL_MASKS.includes(0xffff8000) && ALL_MASKS.includes(0xffffffff) && ALL_MASKS.includes(0x7f));
});

test('no mark is of two kinds, under any mask: neither by their definition nor by any meter', (t) => {
	for (const mask of ALL_MASKS) {
		const { kinds } = markKinds(mask);
		const all = Object.entries(kinds);
		for (const [name, one] of all) {
			t.is((one.value & ~one.mask) >>> 0, 0, name);
			t.is((one.mask & ~mask) >>> 0, 0, 'no bit of others');
			for (const [other, { mask: bits, value }] of all) {
				const common = one.mask & bits;
				if (other !== name) t.not((one.value & common) >>> 0, (value & common) >>> 0, `${name} and ${other}`);
			}
		}
	}
});

test('each meter of each class has a mark of its own kind, and no question and no garden flow has one of a meter', (t) => {
	// The numbers depend on how many bits there are, up to fifteen.
	for (const mask of [0x7f, 0xff00, 0x1ff0000, 0xfff, 0xffff0000, 0xffff8000, 0x0001ffff, 0xffffffff]) {
		const { kindOf, stationMark, stationBits } = markKinds(mask);
		const field = fieldOf(mask);
		const marks = metered(mask);
		t.is(new Set(marks.map(([, mark]) => mark)).size, marks.length, 'no two are equal');
		const meters = new Set(marks.map(([, mark]) => mark));
		const wrong = marks.filter(([kind, mark]) => kindOf(mark) !== kind);
		t.deepEqual(wrong, []);
		for (let last = 0; last < 2 ** stationBits.length; last++) {
			const mac = `02:00:00:00:${(last >> 8).toString(16).padStart(2, '0')}:${(last & 255).toString(16).padStart(2, '0')}`;
			for (const kind of ['question', 'garden'] as const) {
				const mark = stationMark(kind, mac);
				if (kindOf(mark) !== kind || meters.has(mark) || field.meterOf(mark) !== 0) t.fail(`${kind} of ${mac}`);
			}
		}
	}
});

test('whatever mark a flow has, it is of one kind or of none, and a meter that it finds is of that kind', (t) => {
	fc.assert(
		fc.property(fc.constantFrom(...ALL_MASKS), fc.integer({ min: 0, max: 0xffffffff }), (mask, mark) => {
			const { kinds, kindOf } = markKinds(mask);
			const matching = Object.values(kinds).filter((kind) => (mark & kind.mask) >>> 0 === kind.value);
			const meter = fieldOf(mask).meterOf(mark);
			const kind = kindOf(mark);
			if (matching.length !== 1) return false;
			if ((mark & mask) === 0) return kind === undefined && meter === 0;
			return meter === 0 || kind === (meter >= 0x8000 ? 'zeroRated' : meter >= 0x4000 ? 'tethered' : 'own');
		}),
		{ numRuns: 2000 },
	);
	t.pass();
});

/** A mark that a question or a garden flow had in the middle of being made is of its kind too. */
test('rules set the kind of a mark at once, and then only bits that tell no kind', (t) => {
	const setters = /ct mark set ct mark (?:and (0x[0-9a-f]{8}) )?or (0x[0-9a-f]{8})/g;
	for (const [name, options] of Object.entries(RULESETS)) {
		const { mask } = options;
		const { kinds, stationBits } = markKinds(mask);
		const field = fieldOf(mask);
		const single = new Set([...field.bits, field.tetheredBit, ...stationBits]);
		let seen = 0;
		for (const [text, kept, added] of renderRuleset(options).matchAll(setters)) {
			seen++;
			const value = Number(added);
			if (kept === undefined) t.true(single.has(value), `${name}: ${text}`);
			else {
				const cleared = ~Number(kept) >>> 0;
				const kind = Object.values(kinds).find((one) => one.value === value && (one.mask & ~cleared) >>> 0 === 0);
				t.truthy(kind, `${name}: ${text}`);
				t.is((cleared & ~mask) >>> 0, 0, `${name}: ${text} leaves the bits of others`);
			}
		}
		t.true(seen > 10, name);
	}
});

test('a question and a garden flow keep the last bits of the hardware address, as many as there are', (t) => {
	const { stationMark, stationBits } = markKinds(0xffff8000);
	t.is(stationBits.length, 14);
	t.is(stationMark('question', '02:00:5e:10:00:7f'), (0x80008000 | (0x7f << 17)) >>> 0);
	t.is(stationMark('garden', '02:00:5e:10:00:00'), 0x80018000);
	t.is(markKinds(0x7f).stationBits.length, 4);
});
