import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { corpusOf } from './corpus.ts';
import { type FuzzOrder, type FuzzResult, SHARED_HEAD_BYTES } from './fuzz-worker-message.ts';
import { fuzz } from './fuzzer.ts';
import { TARGETS } from './targets/targets.ts';

const LOOKS = 10;
const LOOK_MS = 50;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function memoryBytes(): number {
	collect();
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}

/** Buffers are given back by another thread, some time after the collection that found them. */
async function settledBytes(): Promise<number> {
	let least = memoryBytes();
	for (let look = 0; look < LOOKS; look++) {
		await delay(LOOK_MS);
		least = Math.min(least, memoryBytes());
	}
	return least;
}

/** Of this thread on a processor: the first number of schedstat, in nanoseconds (Documentation/scheduler/sched-stats.rst). */
function threadMs(): number {
	return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ', 1)[0]) / 1e6;
}

const { name, cases, seed, shared } = workerData as FuzzOrder;
const target = TARGETS.find((one) => one.name === name);
if (target === undefined) throw new Error(`there is no target ${name}`);
const numbers = new Int32Array(shared, 0, 2);
const bytes = new Uint8Array(shared, SHARED_HEAD_BYTES);
const early = Math.max(1, Math.floor(cases / 10));
let before = 0;
const began = performance.now();
const { failure, slowest, ...report } = await fuzz(target, {
	cases,
	seed,
	corpus: corpusOf(name),
	clock: () => performance.now(),
	cpuClock: threadMs,
	onCase(index, input) {
		if (index === early) before = memoryBytes();
		bytes.set(input.subarray(0, bytes.length));
		numbers[1] = input.length;
		Atomics.store(numbers, 0, index);
	},
});
const result: FuzzResult = {
	cases: report.cases,
	seconds: (performance.now() - began) / 1000,
	slowestMs: Math.round(slowest?.milliseconds ?? 0),
	growthBytes: before === 0 ? 0 : (await settledBytes()) - before,
	...(slowest === undefined ? {} : { slowest: slowest.input }),
	...(failure === undefined
		? {}
		: { failure: { error: failure.error.stack ?? failure.error.message, smallest: failure.smallest } }),
};
parentPort?.postMessage(result);
