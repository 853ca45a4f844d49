import { AMOUNT_MAX } from '../core/units.ts';
import { oneOf, wholeNumber, yesOrNo } from '../core/value-rule.ts';
import type { ConfigProblems } from './config-problems.ts';
import type { Option } from './option.ts';
import type { OptionValues } from './read-options.ts';

const RULES = ['allowed', 'slowed', 'blocked'] as const;

/** What flows of devices behind a station may have under plans that do not say, and how they are found. */
export const TETHERED_OPTIONS: readonly Option[] = [
	{
		path: 'tethered.detect',
		title: 'Whether the first packet of each new flow is looked at, in order to tell tethered flows from own ones',
		default: false,
		rule: yesOrNo,
		needsRestart: true,
		caution:
			'Off: everything is own, and a rule for tethered flows has no effect. On: each new flow costs the router about 40 µs.',
	},
	{
		path: 'tethered.rule',
		title: 'What becomes of tethered flows under a plan that does not say',
		default: 'allowed',
		rule: oneOf(RULES),
		needsRestart: true,
		caution:
			'`allowed` counts them apart and charges them like all others. Nobody can be told apart with certainty: `slowed` is kinder than `blocked`.',
	},
	{
		path: 'tethered.bitsPerSecond',
		title: 'Speed of all tethered flows of an account together (only with `rule` = `slowed`)',
		unit: 'bits per second',
		rule: wholeNumber({ min: 8000, max: 100_000_000_000 }),
		needsRestart: true,
		caution: 'In each direction. Bits, not bytes.',
	},
	{
		path: 'tethered.afterBytes',
		title: 'How much of a package may be tethered before its tethered flows are slowed or blocked',
		default: 0,
		unit: 'bytes',
		rule: wholeNumber({ min: 0, max: AMOUNT_MAX }),
		needsRestart: true,
		caution: 'Counted for each package from its purchase, also for those that are being spent.',
	},
	{
		path: 'tethered.ownRule',
		title: "What becomes of the stations' own flows under a plan that does not say",
		default: 'allowed',
		rule: oneOf(RULES),
		needsRestart: true,
		caution:
			'Has an effect only with `tethered.detect`. Flows that are not looked at are own: who tethers a little and is not found out is limited as well.',
	},
	{
		path: 'tethered.ownBitsPerSecond',
		title: 'Speed of all own flows of an account together (only with `ownRule` = `slowed`)',
		unit: 'bits per second',
		rule: wholeNumber({ min: 8000, max: 100_000_000_000 }),
		needsRestart: true,
		caution: 'In each direction. Bits, not bytes. Tethered flows are not held by it.',
	},
	{
		path: 'tethered.ownAfterBytes',
		title: 'How much of a package own flows may spend before they are slowed or blocked',
		default: 0,
		unit: 'bytes',
		rule: wholeNumber({ min: 0, max: AMOUNT_MAX }),
		needsRestart: true,
		caution: 'Counted for each package from its purchase, also for those that are being spent. `blocked` needs it.',
	},
	{
		path: 'tethered.flowsPerSecond',
		title: 'How many new flows of one station are looked at',
		default: 200,
		unit: 'per second',
		rule: wholeNumber({ min: 1, max: 10_000 }),
		needsRestart: true,
		caution:
			'Twice as many at once. Those beyond count as the station was judged before. Too high: one station can keep the router busy with new flows.',
	},
	{
		path: 'tethered.queue',
		title: 'Number of the netfilter queue for new flows',
		default: 7210,
		rule: wholeNumber({ min: 0, max: 65_535 }),
		needsRestart: true,
		caution: 'If another program reads the same queue, it decides about the flows, or none is looked at.',
	},
];

/** The same of a plan. */
export const TETHERED_PLAN_OPTIONS: readonly Option[] = [
	{
		path: 'tethered',
		title: 'What becomes of tethered flows; absent: `tethered.rule`',
		rule: oneOf(RULES),
		needsRestart: true,
		caution: 'Has an effect only with `tethered.detect`. A sold package keeps the rule that it was bought with.',
	},
	{
		path: 'tetheredBitsPerSecond',
		title: 'Speed of all its tethered flows together (only with `tethered` = `slowed`)',
		unit: 'bits per second',
		rule: wholeNumber({ min: 8000, max: 100_000_000_000 }),
		needsRestart: true,
		caution: 'In each direction. Bits, not bytes.',
	},
	{
		path: 'tetheredAfterBytes',
		title: 'How much of it may be tethered before (only with `tethered` = `slowed` or `blocked`)',
		unit: 'bytes',
		rule: wholeNumber({ min: 0, max: AMOUNT_MAX }),
		needsRestart: true,
		caution: 'Absent: nothing.',
	},
	{
		path: 'own',
		title: "What becomes of the stations' own flows; absent: `tethered.ownRule`",
		rule: oneOf(RULES),
		needsRestart: true,
		caution: 'Has an effect only with `tethered.detect`. A sold package keeps the rule that it was bought with.',
	},
	{
		path: 'ownBitsPerSecond',
		title: 'Speed of all its own flows together (only with `own` = `slowed`)',
		unit: 'bits per second',
		rule: wholeNumber({ min: 8000, max: 100_000_000_000 }),
		needsRestart: true,
		caution: 'In each direction. Bits, not bytes.',
	},
	{
		path: 'ownAfterBytes',
		title: 'How much of it own flows may spend before (only with `own` = `slowed` or `blocked`)',
		unit: 'bytes',
		rule: wholeNumber({ min: 0, max: AMOUNT_MAX }),
		needsRestart: true,
		caution: 'Absent: nothing. `blocked` needs it.',
	},
];

/** What the flows of a class may have: those of the stations themselves, or of devices behind them. */
export type ClassRule = {
	readonly rule: (typeof RULES)[number];
	/** Exactly with `slowed`. The file has bits per second. */
	readonly bytesPerSecond?: number;
	/** Not with `allowed`. */
	readonly afterBytes?: number;
};

/** The names of the three options of a class. */
type Paths = { readonly rule: string; readonly rate: string; readonly after: string };

type ClassPaths = { readonly own: Paths; readonly tethered: Paths };

export const VENUE_PATHS: ClassPaths = {
	own: { rule: 'tethered.ownRule', rate: 'tethered.ownBitsPerSecond', after: 'tethered.ownAfterBytes' },
	tethered: { rule: 'tethered.rule', rate: 'tethered.bitsPerSecond', after: 'tethered.afterBytes' },
};
export const PLAN_PATHS: ClassPaths = {
	own: { rule: 'own', rate: 'ownBitsPerSecond', after: 'ownAfterBytes' },
	tethered: { rule: 'tethered', rate: 'tetheredBitsPerSecond', after: 'tetheredAfterBytes' },
};

/** What the options cannot say each by itself. @param prefix stands before each path that is reported */
export function checkClasses(values: OptionValues, problems: ConfigProblems, paths: ClassPaths, prefix = ''): void {
	checkClass(values, problems, paths.own, prefix);
	checkClass(values, problems, paths.tethered, prefix);
	const { rule, after } = paths.own;
	if (values.get(rule) === 'blocked' && (values.get(after) ?? 0) === 0) {
		problems.add(
			`${prefix}${after}`,
			`is missing although "${rule}" is "blocked": nobody could use anything`,
			'say how much own flows may spend before',
		);
	}
}

function checkClass(values: OptionValues, problems: ConfigProblems, paths: Paths, prefix: string): void {
	const [rule, rate, after] = [paths.rule, paths.rate, paths.after].map((path) => values.get(path));
	if (rule === 'slowed' && rate === undefined) {
		problems.add(
			`${prefix}${paths.rate}`,
			`is missing although "${paths.rule}" is "slowed"`,
			'give the rate in bits per second',
		);
	}
	if (rule !== 'slowed' && rate !== undefined) {
		problems.add(`${prefix}${paths.rate}`, `has no effect unless "${paths.rule}" is "slowed"`, 'remove it');
	}
	if ((rule === undefined || rule === 'allowed') && after !== undefined && after !== 0) {
		problems.add(
			`${prefix}${paths.after}`,
			`has no effect unless "${paths.rule}" is "slowed" or "blocked"`,
			'remove it',
		);
	}
}

/** Undefined where the rule is absent. */
export function classRuleOf(values: OptionValues, paths: Paths): ClassRule | undefined {
	const rule = values.get(paths.rule) as ClassRule['rule'] | undefined;
	if (rule === undefined) return undefined;
	const rate = values.get(paths.rate) as number | undefined;
	const after = values.get(paths.after) as number | undefined;
	return {
		rule,
		...(rule !== 'slowed' || rate === undefined ? {} : { bytesPerSecond: Math.floor(rate / 8) }),
		...(rule === 'allowed' || after === undefined ? {} : { afterBytes: after }),
	};
}
