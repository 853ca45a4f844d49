import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { keep } from './corpus.ts';
import { type FuzzTarget, INPUT_BYTES_MAX } from './fuzz-target.ts';
import { type FuzzOrder, type FuzzResult, SHARED_HEAD_BYTES } from './fuzz-worker-message.ts';
import { TARGETS } from './targets/targets.ts';

/** `npm run fuzz [-- NAME…] [--cases N] [--seed S] [--threads N]`: the long form. Its last line on stdout is one JSON object. */
const CASES = 10_000_000;
/** Of processor time, which a machine that is busy elsewhere does not give: no parser takes so long for some kilobytes. For each thread. */
const HANG_MS = 20_000;
const LOOK_MS = 5000;
/** Of one case, at best of some times. */
const SLOW_MS_MAX = 250;
/** V8 keeps code and statistics of its own: what a parser kept of each case would be a hundred times as much. */
const GROWTH_BYTES_MAX = 8 * 2 ** 20;
const HANGS = 'it hangs';
const STATUS_USAGE = 2;
const STATUS_FAILED = 8;

type Command = {
	readonly names: readonly string[];
	readonly cases: number;
	readonly seed: number;
	/** Parsers at once, each in a thread of its own. */
	readonly threads: number;
};

function readCommand(words: readonly string[]): Command | undefined {
	const names: string[] = [];
	const numbers = { cases: CASES, seed: 1, threads: availableParallelism() };
	for (let at = 0; at < words.length; at++) {
		const word = words[at] as string;
		const option = word.startsWith('--') ? word.slice(2) : undefined;
		if (option === undefined) names.push(word);
		else if (Object.hasOwn(numbers, option)) numbers[option as keyof typeof numbers] = Number(words[++at]);
		else return undefined;
	}
	const { cases, seed, threads } = numbers;
	const isRight = [cases, threads].every((number) => Number.isSafeInteger(number) && number > 0);
	return isRight && Number.isSafeInteger(seed) && names.every((name) => TARGETS.some((target) => target.name === name))
		? { names, ...numbers }
		: undefined;
}

/** Runs one target in a thread of its own, so that one that never ends is seen, with its input. */
async function run(target: FuzzTarget, { cases, seed, threads }: Command): Promise<FuzzResult> {
	const shared = new SharedArrayBuffer(SHARED_HEAD_BYTES + (target.bytesMax ?? INPUT_BYTES_MAX));
	const order: FuzzOrder = { name: target.name, cases, seed, shared };
	const worker = new Worker(new URL('./fuzz-worker.js', import.meta.url), { workerData: order });
	const numbers = new Int32Array(shared, 0, 2);
	return await new Promise((resolve, reject) => {
		let last = { index: -1, cpuMs: 0 };
		const watchdog = setInterval(() => {
			const { user, system } = process.cpuUsage();
			const now = { index: Atomics.load(numbers, 0), cpuMs: (user + system) / 1000 };
			if (now.index !== last.index) last = now;
			if (now.cpuMs - last.cpuMs > HANG_MS * threads) {
				const smallest = new Uint8Array(shared, SHARED_HEAD_BYTES).slice(0, numbers[1]);
				resolve({
					cases: now.index,
					seconds: 0,
					slowestMs: HANG_MS,
					growthBytes: 0,
					failure: { error: HANGS, smallest },
				});
				void worker.terminate();
			}
		}, LOOK_MS);
		worker.once('message', resolve);
		worker.once('error', reject);
		worker.once('exit', () => clearInterval(watchdog));
	});
}

/** What is wrong, one sentence each; what failed is kept in the corpus. */
function faultsOf(name: string, { failure, slowestMs, slowest, growthBytes }: FuzzResult): string[] {
	const faults: string[] = [];
	if (failure) faults.push(`${name}: ${keep(name, failure.smallest)}: ${failure.error}`);
	if (slowestMs > SLOW_MS_MAX && slowest) faults.push(`${name}: ${keep(name, slowest)} takes ${slowestMs} ms`);
	if (growthBytes > GROWTH_BYTES_MAX) faults.push(`${name}: ${growthBytes} bytes are kept`);
	return faults;
}

async function main(): Promise<void> {
	const command = readCommand(process.argv.slice(2));
	if (command === undefined) {
		const list = TARGETS.map(({ name, title }) => `  ${name.padEnd(22)} ${title}`).join('\n');
		process.stderr.write(`usage: npm run fuzz [-- NAME…] [--cases N] [--seed S] [--threads N]\n\n${list}\n`);
		process.exitCode = STATUS_USAGE;
		return;
	}
	const chosen = TARGETS.filter(({ name }) => command.names.length === 0 || command.names.includes(name));
	process.stderr.write(row(['parser', 'cases', 'crashes', 'hangs', 'kept KiB', 'a second', 'slowest ms', 'seconds']));
	const figures: Record<string, object> = {};
	let failed = 0;
	const left = [...chosen];
	await Promise.all(
		Array.from({ length: command.threads }, async () => {
			for (let target = left.shift(); target !== undefined; target = left.shift()) {
				const figure = report(target.name, await run(target, command));
				figures[target.name] = figure;
				failed += figure.failed > 0 ? 1 : 0;
			}
		}),
	);
	process.stdout.write(`${JSON.stringify({ ok: failed === 0, seed: command.seed, figures })}\n`);
	process.exitCode = failed === 0 ? 0 : STATUS_FAILED;
}

/** Writes the parser's line of the table. */
function report(name: string, result: FuzzResult) {
	const faults = faultsOf(name, result);
	for (const fault of faults) process.stderr.write(`FAILED: ${fault}\n`);
	const { cases, seconds, slowestMs, growthBytes, failure } = result;
	const perSecond = Math.round(cases / Math.max(0.001, seconds));
	const hangs = failure?.error === HANGS ? 1 : 0;
	const crashes = failure !== undefined && hangs === 0 ? 1 : 0;
	const keptKib = Math.round(growthBytes / 1024);
	process.stderr.write(row([name, cases, crashes, hangs, keptKib, perSecond, slowestMs, Math.round(seconds)]));
	return { cases, crashes, hangs, growthBytes, perSecond, slowestMs, failed: faults.length };
}

function row([name, ...cells]: readonly (string | number)[]): string {
	return `${String(name).padEnd(22)}${cells.map((cell) => String(cell).padStart(11)).join('')}\n`;
}

await main();
