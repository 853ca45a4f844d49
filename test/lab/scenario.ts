/** What a figure must be. Both ends are allowed values. */
export type Bound = { equals: number } | { atMost: number } | { atLeast: number } | { atLeast: number; atMost: number };

export type FigureRule = {
	/** What it is, with its unit, for people. */
	title: string;
	bound: Bound;
	/** The long form alone measures it: missing in the short form is no failure. */
	longOnly?: true;
};

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
		if (value === undefined) {
			if (!(isShort && rule.longOnly)) missed.push(`${name} was not measured`);
		} else if (!holds(value, rule.bound)) {
			missed.push(`${name} is ${value}, must be ${describeBound(rule.bound)} (${rule.title})`);
		}
	}
	for (const name of Object.keys(figures)) if (!(name in rules)) missed.push(`${name} is not declared`);
	return missed;
}

export function describeBound(bound: Bound): string {
	if ('equals' in bound) return `${bound.equals}`;
	const parts: string[] = [];
	if ('atLeast' in bound) parts.push(`≥ ${bound.atLeast}`);
	if ('atMost' in bound) parts.push(`≤ ${bound.atMost}`);
	return parts.join(' and ');
}

function holds(value: number, bound: Bound): boolean {
	if (!Number.isFinite(value)) return false;
	if ('equals' in bound) return value === bound.equals;
	return (!('atLeast' in bound) || value >= bound.atLeast) && (!('atMost' in bound) || value <= bound.atMost);
}
