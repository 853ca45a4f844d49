import { OctroiError } from '../core/octroi-error.ts';

/** One thing that is wrong: where, what, and how to mend it. */
export type ConfigProblem = { path: string; problem: string; fix: string };

/** More are counted, not listed: nobody reads a thousand lines. */
const PROBLEMS_LISTED_MAX = 50;

/** Collects what is wrong, so that all of it can be said at once. */
export class ConfigProblems {
	readonly #problems: ConfigProblem[] = [];

	add(path: string, problem: string, fix: string): void {
		this.#problems.push({ path, problem, fix });
	}

	get count(): number {
		return this.#problems.length;
	}

	/** One error that lists every problem, a line each. */
	toError(source: string, code: 'config_invalid' | 'invalid_value' = 'config_invalid'): OctroiError {
		const listed = this.#problems.slice(0, PROBLEMS_LISTED_MAX);
		const lines = listed.map(({ path, problem, fix }) => `  ${path}: ${problem} (${fix})`);
		if (this.#problems.length > listed.length) {
			lines.push(`  and ${this.#problems.length - listed.length} more`);
		}
		const count = this.#problems.length === 1 ? '1 problem' : `${this.#problems.length} problems`;
		return new OctroiError(code, `${source} has ${count}:\n${lines.join('\n')}`, {
			fix: 'docs/configuration.md explains every option; docs/example-config.json is a complete one',
		});
	}
}
