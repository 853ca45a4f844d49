import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LAB_DIRECTORY } from '../../lab/namespace/private-namespaces.ts';
import { runProgram } from '../../lab/namespace/program.ts';
import { SCENARIOS } from '../scenarios/registry.ts';
import { EXCHANGE, type Job, NODE_IS_UP, type Result } from '../vm-scenario.ts';

/** The guest's side of one run: reads the job, runs its scenario, leaves the result. The machine is ours alone. */
async function main(): Promise<void> {
	progress(NODE_IS_UP);
	const job = JSON.parse(readFileSync(join(EXCHANGE, 'job.json'), 'utf8')) as Job;
	leave(await run(job));
}

async function run({ scenario: name, seconds, isShort }: Job): Promise<Result> {
	try {
		const scenario = SCENARIOS.find((candidate) => candidate.name === name);
		if (scenario === undefined) throw new Error(`the guest knows no scenario "${name}"`);
		// The lab's parts expect them; outside of a virtual machine its private namespaces bring them.
		mkdirSync(LAB_DIRECTORY);
		mkdirSync('/run/netns');
		if (scenario.radios > 0) await runProgram('modprobe', ['mac80211_hwsim', `radios=${scenario.radios}`]);
		return { figures: await scenario.run({ seconds, isShort, progress }) };
	} catch (error) {
		return { figures: {}, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
	}
}

function progress(line: string): void {
	process.stderr.write(`${line}\n`);
}

function leave(result: Result): void {
	writeFileSync(join(EXCHANGE, 'result.json'), JSON.stringify(result));
}

await main();
process.exit(0);
