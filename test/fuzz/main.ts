import { Worker } from 'node:worker_threads';
import { keep } from './corpus.ts';
import { type FuzzTarget, INPUT_BYTES_MAX } from './fuzz-target.ts';
import { type FuzzOrder, type FuzzResult, SHARED_HEAD_BYTES } from './fuzz-worker-message.ts';
import { TARGETS } from './targets/targets.ts';

/** `npm run fuzz [-- NAME…] [--cases N] [--seed S]`: the long form. Its last line on stdout is one JSON object. */
const CASES = 10_000_000;
/** Of processor time, which a machine that is busy elsewhere does not give: no parser takes so long for some kilobytes. */
const HANG_MS = 20_000;
const LOOK_MS = 5000;
/** Of one case, at best of some times. */
const SLOW_MS_MAX = 250;
/** V8 keeps code and statistics of its own: what a parser kept of each case would be a hundred times as much. */
const GROWTH_BYTES_MAX = 8 * 2 ** 20;
const STATUS_USAGE = 2;
const STATUS_FAILED = 8;

type Command = { readonly names: readonly string[]; readonly cases: number; readonly seed: number };

function readCommand(words: readonly string[]): Command | undefined {
	const names: string[] = [];
	let [cases, seed] = [CASES, 1];
	for (let at = 0; at < words.length; at++) {
		const word = words[at] as string;
		if (word === '--cases') cases = Number(words[++at]);
		else if (word === '--seed') seed = Number(words[++at]);
		else names.push(word);
	}
	const isRight = Number.isSafeInteger(cases) && cases > 0 && Number.isSafeInteger(seed);
	return isRight && names.every((name) => TARGETS.some((target) => target.name === name))
		? { names, cases, seed }
		: undefined;
}

/** Runs one target in a thread of its own, so that one that never ends is seen, with its input. */
async function run(target: FuzzTarget, { cases, seed }: Command): Promise<FuzzResult> {
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
			if (now.cpuMs - last.cpuMs > HANG_MS) {
				const smallest = new Uint8Array(shared, SHARED_HEAD_BYTES).slice(0, numbers[1]);
				resolve({
					cases: now.index,
					seconds: 0,
					slowestMs: HANG_MS,
					growthBytes: 0,
					failure: { error: 'it hangs', smallest },
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
		process.stderr.write(`usage: npm run fuzz [-- NAME…] [--cases N] [--seed S]\n\n${list}\n`);
		process.exitCode = STATUS_USAGE;
		return;
	}
	const chosen = TARGETS.filter(({ name }) => command.names.length === 0 || command.names.includes(name));
	const figures: Record<string, object> = {};
	let failed = 0;
	for (const target of chosen) {
		const result = await run(target, command);
		const faults = faultsOf(target.name, result);
		for (const fault of faults) process.stderr.write(`FAILED: ${fault}\n`);
		failed += faults.length > 0 ? 1 : 0;
		const { cases, seconds, slowestMs, growthBytes } = result;
		const perSecond = Math.round(cases / Math.max(0.001, seconds));
		process.stderr.write(
			`${target.name.padEnd(22)} ${cases} cases, ${Math.round(seconds)} s, ${perSecond} a second, slowest ${slowestMs} ms, ${Math.round(growthBytes / 1024)} KiB kept\n`,
		);
		figures[target.name] = { cases, perSecond, slowestMs, growthBytes, failed: faults.length };
	}
	process.stdout.write(`${JSON.stringify({ ok: failed === 0, seed: command.seed, figures })}\n`);
	process.exitCode = failed === 0 ? 0 : STATUS_FAILED;
}

await main();
