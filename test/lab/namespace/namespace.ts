import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { requireProgram, runProgram } from './program.ts';

/** One network namespace of the lab, by its name under /run/netns. */
export class Namespace {
	readonly name: string;

	constructor(name: string) {
		this.name = name;
	}

	/** Runs a program inside; see {@link runProgram}. */
	async run(program: string, programArguments: string[], input = ''): Promise<string> {
		requireProgram(program);
		return await runProgram('nsenter', [...this.#enter(), program, ...programArguments], input);
	}

	/** Starts a program inside. nsenter executes it in place, so the child's pid is the program's own. Throws `feature_missing`. */
	spawn(program: string, programArguments: string[], options: SpawnOptions = {}): ChildProcess {
		requireProgram(program);
		return spawn('nsenter', [...this.#enter(), program, ...programArguments], options);
	}

	/** `ip -batch` inside: one line a command. */
	async ip(lines: string[]): Promise<string> {
		return await runProgram('ip', ['-n', this.name, '-batch', '-'], `${lines.join('\n')}\n`);
	}

	/** `ip -json …` inside, parsed. */
	async ipJson<Answer>(...ipArguments: string[]): Promise<Answer> {
		return JSON.parse((await runProgram('ip', ['-n', this.name, '-json', ...ipArguments])) || '[]') as Answer;
	}

	/** Sets kernel parameters inside; those that this kernel does not know are passed over. */
	async sysctl(values: Record<string, string | number>): Promise<void> {
		const lines = Object.entries(values).map(([name, value]) => `${name} = ${value}`);
		await this.run('sysctl', ['-e', '-q', '-p', '-'], `${lines.join('\n')}\n`);
	}

	/** Loads a ruleset inside, atomically. */
	async nft(ruleset: string): Promise<string> {
		return await this.run('nft', ['-f', '-'], ruleset);
	}

	#enter(): string[] {
		return [`--net=/run/netns/${this.name}`];
	}
}
