import { isIPv6 } from 'node:net';
import type { Clock } from '../clock.ts';

/** Wrong tokens of one address until it is answered 429: whoever pastes the wrong line a few times is still told what is wrong. */
export const WRONG_TRIES_MAX = 10;
/** One more try in so many. */
export const FORGET_ONE_MS = 30_000;
/** Addresses that are remembered; the one that was heard of longest ago goes. */
const ADDRESSES_MAX = 4096;

type Tries = { count: number; atMs: number };

/**
 * Counts wrong tokens by address (of IPv6 by the network of 64 bits). A token has 192 random bits: that nobody guesses one comes from
 * these odds. So a right token is let in whatever its address has tried, and nobody can lock anybody out; who goes on with wrong ones is
 * told to wait, and neither fills the log nor learns anything.
 */
export class WrongTokens {
	readonly #clock: Pick<Clock, 'wallMs'>;
	readonly #tries = new Map<string, Tries>();

	constructor(clock: Pick<Clock, 'wallMs'>) {
		this.#clock = clock;
	}

	/** Notes a wrong one. @returns undefined, or after how many seconds the address may try again */
	note(address: string): number | undefined {
		const now = this.#clock.wallMs();
		const key = networkOf(address);
		const before = this.#tries.get(key);
		// A clock that was set back forgets nothing.
		const forgotten = before === undefined ? 0 : Math.max(0, Math.floor((now - before.atMs) / FORGET_ONE_MS));
		const left = Math.max(0, (before?.count ?? 0) - forgotten);
		const count = Math.min(WRONG_TRIES_MAX + 1, left + 1);
		this.#tries.delete(key);
		this.#tries.set(key, {
			count,
			atMs: left === 0 || before === undefined ? now : before.atMs + forgotten * FORGET_ONE_MS,
		});
		const [oldest] = this.#tries.keys();
		if (this.#tries.size > ADDRESSES_MAX && oldest !== undefined) this.#tries.delete(oldest);
		return count > WRONG_TRIES_MAX ? FORGET_ONE_MS / 1000 : undefined;
	}
}

/** A host may have any address of its network. */
function networkOf(address: string): string {
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
	if (mapped !== undefined) return mapped;
	if (!isIPv6(address)) return address;
	const [head = '', tail = ''] = address.split('%', 1)[0]?.split('::') ?? [];
	const before = head.split(':').filter((part) => part !== '');
	const behind = tail.split(':').filter((part) => part !== '');
	const whole = address.includes('::')
		? [...before, ...Array<string>(Math.max(0, 8 - before.length - behind.length)).fill('0'), ...behind]
		: before;
	return whole
		.slice(0, 4)
		.map((part) => part.replace(/^0+(?=.)/, '').toLowerCase())
		.join(':');
}
