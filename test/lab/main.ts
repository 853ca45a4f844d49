import { inPrivateNamespaces } from './namespace/private-namespaces.ts';
import { describeLimits, isUnfit, missedFigures, type Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios/registry.ts';

/** `lab NAME [--seconds N] [--short] [--json]`: runs one scenario. Its last line on stdout is one JSON object. */
type LabCommand = { name: string | undefined; seconds: number | undefined; isShort: boolean; isJson: boolean };

/** A busy machine leaves packets in the queue between two devices for so long that the kernel drops the next ones. */
const FIT_ATTEMPTS_MAX = 3;

const STATUS_USAGE = 2;
const STATUS_MISSED = 8;

async function main(): Promise<void> {
	const command = readCommand(process.argv.slice(2));
	const scenario = SCENARIOS.find(({ name }) => name === command?.name);
	if (command !== undefined && scenario !== undefined) {
		await inPrivateNamespaces(async () => await runScenario(scenario, command));
		return;
	}
	if (command?.name !== undefined) process.stderr.write(`there is no scenario "${command.name}"\n`);
	printHelp();
	process.exitCode = command !== undefined && command.name === undefined ? 0 : STATUS_USAGE;
}

async function runScenario(scenario: Scenario, command: LabCommand): Promise<number> {
	const start = performance.now();
	const progress = (line: string) => {
		if (command.isJson) return;
		process.stderr.write(`${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
	};
	let figures: Record<string, number> = {};
	let failure: string | undefined;
	try {
		const options = { seconds: command.seconds, isShort: command.isShort, progress };
		figures = await scenario.run(options);
		for (let attempt = 1; attempt < FIT_ATTEMPTS_MAX && isUnfit(scenario.figures, figures); attempt++) {
			process.stderr.write(
				`${figures.losses_after_meter} packets were lost in the lab itself: it says nothing, once more\n`,
			);
			figures = await scenario.run(options);
		}
	} catch (error) {
		failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
	}
	const missed = failure === undefined ? missedFigures(scenario.figures, figures, command.isShort) : [failure];
	for (const line of missed) process.stderr.write(`MISSED: ${line}\n`);
	const limits = describeLimits(scenario.figures, command.isShort);
	const seconds = Math.round((performance.now() - start) / 100) / 10;
	const result = { scenario: scenario.name, ok: missed.length === 0, seconds, figures, limits };
	process.stdout.write(
		`${JSON.stringify(failure === undefined ? result : { ...result, failure: failure.split('\n')[0] })}\n`,
	);
	return missed.length === 0 ? 0 : STATUS_MISSED;
}

function readCommand(words: string[]): LabCommand | undefined {
	const command: LabCommand = { name: undefined, seconds: undefined, isShort: false, isJson: false };
	while (words.length > 0) {
		const word = words.shift() as string;
		if (word === '--short') command.isShort = true;
		else if (word === '--json') command.isJson = true;
		else if (word === '--seconds') command.seconds = Number(words.shift());
		else if (!word.startsWith('-') && command.name === undefined) command.name = word;
		else return undefined;
	}
	return command.seconds === undefined || command.seconds > 0 ? command : undefined;
}

function printHelp(): void {
	const lines = SCENARIOS.map(({ name, title }) => `  ${name.padEnd(10)} ${title}`);
	process.stderr.write(`usage: npm run lab -- NAME [--seconds N] [--short] [--json]\n\n${lines.join('\n')}\n`);
}

await main();
