import { cpSync, mkdirSync } from 'node:fs';
import { OctroiError } from '../../agent/core/octroi-error.ts';
import { inPrivateNamespaces, LAB_DIRECTORY } from '../lab/namespace/private-namespaces.ts';
import { describeLimits, type FigureRules, missedFigures } from '../lab/scenario.ts';
import { initramfs } from './initramfs.ts';
import { findKernel, type Kernel } from './kernel-package.ts';
import { Machine } from './machine.ts';
import { requirePrograms } from './programs.ts';
import { SCENARIOS } from './scenarios/registry.ts';
import type { VmScenario } from './vm-scenario.ts';

/** `vm NAME …`: runs one scenario in the virtual machine. Its last line on stdout is one JSON object. */
type VmCommand = {
	name: string | undefined;
	seconds: number | undefined;
	timeoutSeconds: number;
	isShort: boolean;
	artifacts: string | undefined;
};

const STATUS_USAGE = 2;
const STATUS_MISSED = 8;
/** What test harnesses take for "skipped" (automake, meson). */
const STATUS_SKIPPED = 77;

/** Only what hangs takes so long, without help of the processor and beside other work too. */
const TIMEOUT_SECONDS = 1700;

const BOOT_RULES: FigureRules = {
	boot_seconds: { title: 'from the start of QEMU to Node in the guest', bound: { atMost: 120 }, kind: 'speed' },
};

const start = performance.now();

function progress(line: string): void {
	process.stderr.write(`${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
}

async function main(): Promise<void> {
	const command = readCommand(process.argv.slice(2));
	const scenario = SCENARIOS.find(({ name }) => name === command?.name);
	if (command === undefined || scenario === undefined) {
		if (command?.name !== undefined) process.stderr.write(`there is no scenario "${command.name}"\n`);
		printHelp();
		process.exitCode = command !== undefined && command.name === undefined ? 0 : STATUS_USAGE;
		return;
	}
	let image: { kernel: Kernel; initramfs: string };
	try {
		image = prepare();
	} catch (error) {
		if (!(error instanceof OctroiError) || error.code !== 'feature_missing') throw error;
		process.stderr.write(`SKIPPED: ${error.message}\n${error.fix === undefined ? '' : `fix: ${error.fix}\n`}`);
		process.stdout.write(`${JSON.stringify({ scenario: scenario.name, ok: false, skipped: error.message })}\n`);
		process.exitCode = STATUS_SKIPPED;
		return;
	}
	// The lab's private namespaces: QEMU ends with this process however that ends, and its files lie on a tmpfs of its own.
	await inPrivateNamespaces(async () => await runScenario(scenario, command, image));
}

/** Called outside of the namespaces, where there is a network, and once more inside, where all is in the cache. */
function prepare(): { kernel: Kernel; initramfs: string } {
	requirePrograms();
	const kernel = findKernel(progress);
	return { kernel, initramfs: initramfs(kernel) };
}

async function runScenario(
	scenario: VmScenario,
	command: VmCommand,
	image: { kernel: Kernel; initramfs: string },
): Promise<number> {
	const machine = new Machine({
		...image,
		directory: LAB_DIRECTORY,
		timeoutSeconds: command.timeoutSeconds,
		progress,
	});
	progress(`booting Linux ${image.kernel.release}`);
	const rules = { ...BOOT_RULES, ...scenario.figures };
	let figures: Record<string, number> = {};
	let failure: string | undefined;
	try {
		const result = await machine.run({ scenario: scenario.name, seconds: command.seconds, isShort: command.isShort });
		figures = { boot_seconds: machine.bootSeconds, ...result.figures };
		failure = result.failure;
		if (command.artifacts !== undefined) keepArtifacts(machine.artifacts, command.artifacts);
	} catch (error) {
		failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
	}
	const missed = failure === undefined ? missedFigures(rules, figures, command.isShort) : [failure];
	for (const line of missed) process.stderr.write(`MISSED: ${line}\n`);
	const limits = describeLimits(rules, command.isShort);
	const seconds = Math.round((performance.now() - start) / 100) / 10;
	const result = { scenario: scenario.name, ok: missed.length === 0, seconds, kernel: image.kernel.release };
	const ending = failure === undefined ? {} : { failure: failure.split('\n')[0] };
	process.stdout.write(`${JSON.stringify({ ...result, figures, limits, ...ending })}\n`);
	return missed.length === 0 ? 0 : STATUS_MISSED;
}

function keepArtifacts(from: string, to: string): void {
	mkdirSync(to, { recursive: true });
	cpSync(from, to, { recursive: true });
	progress(`kept what the guest left, in ${to}`);
}

function readCommand(words: string[]): VmCommand | undefined {
	const command: VmCommand = {
		name: undefined,
		seconds: undefined,
		timeoutSeconds: TIMEOUT_SECONDS,
		isShort: false,
		artifacts: undefined,
	};
	while (words.length > 0) {
		const word = words.shift() as string;
		if (word === '--short') command.isShort = true;
		else if (word === '--seconds') command.seconds = Number(words.shift());
		else if (word === '--timeout') command.timeoutSeconds = Number(words.shift());
		else if (word === '--artifacts') command.artifacts = words.shift();
		else if (!word.startsWith('-') && command.name === undefined) command.name = word;
		else return undefined;
	}
	const isPositive = [command.seconds ?? 1, command.timeoutSeconds].every((value) => value > 0);
	return isPositive ? command : undefined;
}

function printHelp(): void {
	const lines = SCENARIOS.map(({ name, title }) => `  ${name.padEnd(10)} ${title}`);
	const usage = 'npm run vm -- NAME [--seconds N] [--short] [--timeout SECONDS] [--artifacts DIRECTORY]';
	process.stderr.write(`usage: ${usage}\n\n${lines.join('\n')}\n`);
}

await main();
