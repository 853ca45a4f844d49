import test from 'ava';
import type { BootMs, WallMs } from '../../../agent/core/units.ts';
import type { Moment } from '../../../agent/ledger/moment.ts';
import { shownEnd } from '../../../agent/ledger/validity.ts';

const moment = (trustedWallMs: number | null, validityMs?: number): Moment => ({
	wallMs: 0 as WallMs,
	bootMs: 0 as BootMs,
	trustedWallMs: trustedWallMs as WallMs | null,
	...(validityMs === undefined ? {} : { validityMs: validityMs as WallMs }),
});

const ends = test.macro({
	exec(t, end: number | undefined, at: Moment, shown: ReturnType<typeof shownEnd>) {
		t.deepEqual(shownEnd(end, at), shown);
	},
	title: (title) => `an end is shown ${title}`,
});
test('as a date when the date is known', ends, 9000, moment(1000, 1000), { endMs: 9000 as WallMs });
test('as what is left while no date is known', ends, 9500, moment(null, 1000), { leftSeconds: 8 });
test('as over when it is over', ends, 500, moment(null, 1000), { leftSeconds: 0 });
test('not at all where there is none', ends, undefined, moment(null, 1000), {});
