import type { Namespace } from './namespace/namespace.ts';

/** What the token bucket lets through at once: a few packets, so that the rate is smooth. */
const BURST_BYTES = 16_384;
/** How long a packet may wait: short enough for a quick lab, long enough that TCP fills the link. */
const LATENCY_MS = 40;

/**
 * Limits what a namespace *sends* by its eth0. Only the senders are shaped, the internet for downloads and the station for uploads:
 * what a shaper drops is then dropped before the router has metered it. Counts link-layer bytes, as tc does.
 */
export async function shapeSending(space: Namespace, bitsPerSecond: number): Promise<void> {
	const rate = ['rate', `${bitsPerSecond}bit`, 'burst', String(BURST_BYTES), 'latency', `${LATENCY_MS}ms`];
	await space.run('tc', ['qdisc', 'replace', 'dev', 'eth0', 'root', 'tbf', ...rate]);
}

/** Takes the limit away. */
export async function unshapeSending(space: Namespace): Promise<void> {
	await space.run('tc', ['qdisc', 'del', 'dev', 'eth0', 'root']);
}
