import type { Namespace } from '../namespace/namespace.ts';

export type Latency = { readonly medianMs: number; readonly p95Ms: number; readonly lostPercent: number };

const INTERVAL_MS = 20;
/** What does not come back in this time counts as so late. */
const LOST_MS = 1000;

/** Round trips of so many pings, 20 ms apart; a lost one took as long as it was waited for. */
export async function pingLatency(space: Namespace, host: string, count: number): Promise<Latency> {
	const words = ['-n', '-D', '-c', String(count), '-i', String(INTERVAL_MS / 1000), '-W', String(LOST_MS / 1000), host];
	// ping says with its status that some were lost.
	const text = await space.run('sh', ['-c', `ping ${words.join(' ')} || true`]);
	const times = [...text.matchAll(/time=([\d.]+) ms/g)].map(([, time]) => Number(time));
	const lost = count - times.length;
	const sorted = [...times, ...Array<number>(Math.max(0, lost)).fill(LOST_MS)].sort((left, right) => left - right);
	return {
		medianMs: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
		p95Ms: sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN,
		lostPercent: (lost / count) * 100,
	};
}
