/** What a figure must be. Both ends are allowed values. */
export type Bound = { equals: number } | { atMost: number } | { atLeast: number } | { atLeast: number; atMost: number };

/** Numbers of things and amounts: the same on any machine, however slow and however busy. Bounded in both forms. */
export type FirmRule = {
	/** What it is, with its unit, for people. */
	title: string;
	bound: Bound;
	kind?: never;
	/** Why it holds anywhere though its name speaks of time, a rate or a ratio; a test asks for it. */
	anywhere?: string;
	/** The long form alone measures it: missing in the short form is no failure. */
	longOnly?: true;
};

/**
 * What also says how fast or how busy the machine is: times, processor time, rates and ratios of them (`speed`), and memory of a
 * process that collects its garbage when it finds the time (`memory`). Measured and printed in both forms, bounded in the long form
 * alone, whatever the bound says.
 */
export type MachineRule = {
	title: string;
	/** Of the long form. Without it the figure is only printed, for people: what is bounded then is its ratio to a floor beside it. */
	bound?: Bound;
	kind: 'speed' | 'memory';
	anywhere?: never;
	longOnly?: true;
};

export type FigureRule = FirmRule | MachineRule;

export type FigureRules = Record<string, FigureRule>;

export type ScenarioOptions = {
	/** How long, where a scenario has a length. */
	seconds: number | undefined;
	/** The form that is part of `npm test`. */
	isShort: boolean;
	/** One line for people, on stderr. */
	progress: (line: string) => void;
};

/** One provable statement about Octroi. It makes its own labs and stops them. */
export type Scenario = {
	name: string;
	title: string;
	figures: FigureRules;
	run(options: ScenarioOptions): Promise<Record<string, number>>;
};

/** The figures that do not hold, one sentence each. A figure that is declared and was not measured does not hold. */
export function missedFigures(rules: FigureRules, figures: Record<string, number>, isShort: boolean): string[] {
	const missed: string[] = [];
	for (const [name, rule] of Object.entries(rules)) {
		const value = figures[name];
		const bound = boundOf(rule, isShort);
		if (value === undefined) {
			if (!(isShort && rule.longOnly)) missed.push(`${name} was not measured`);
		} else if (!Number.isFinite(value)) {
			missed.push(`${name} is ${value}: it could not be measured (${rule.title})`);
		} else if (bound !== undefined && !holds(value, bound)) {
			missed.push(`${name} is ${value}, must be ${describeBound(bound)} (${rule.title})`);
		}
	}
	for (const name of Object.keys(figures)) if (!(name in rules)) missed.push(`${name} is not declared`);
	return missed;
}

/** What is held in this form, for people; of a figure that depends on the machine nothing is held in the short one. */
export function describeLimits(rules: FigureRules, isShort: boolean): Record<string, string> {
	return Object.fromEntries(
		Object.entries(rules).map(([name, rule]) => {
			const bound = boundOf(rule, isShort);
			if (bound !== undefined) return [name, describeBound(bound)];
			return [name, rule.bound === undefined ? 'printed only' : `${describeBound(rule.bound)} in the long form`];
		}),
	);
}

/** The one place where the form decides what is held. */
function boundOf(rule: FigureRule, isShort: boolean): Bound | undefined {
	return isShort && rule.kind !== undefined ? undefined : rule.bound;
}

function describeBound(bound: Bound): string {
	if ('equals' in bound) return `${bound.equals}`;
	const parts: string[] = [];
	if ('atLeast' in bound) parts.push(`≥ ${bound.atLeast}`);
	if ('atMost' in bound) parts.push(`≤ ${bound.atMost}`);
	return parts.join(' and ');
}

function holds(value: number, bound: Bound): boolean {
	if ('equals' in bound) return value === bound.equals;
	return (!('atLeast' in bound) || value >= bound.atLeast) && (!('atMost' in bound) || value <= bound.atMost);
}

/**
 * Whether the lab itself lost packets behind the meter, as the counters of its devices say: what was charged and what arrived then differ,
 * and the comparison says nothing of Octroi. Only where a scenario allows none.
 */
export function isUnfit(rules: FigureRules, { losses_after_meter: losses = 0 }: Record<string, number>): boolean {
	const rule = rules.losses_after_meter;
	return rule?.bound !== undefined && 'equals' in rule.bound && losses > rule.bound.equals;
}
