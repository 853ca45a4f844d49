import type { WallMs } from '../core/units.ts';

/** A certificate that ends so soon is reported. */
const SOON_MS = 14 * 86_400_000;
const DAY_MS = 86_400_000;

/** Looks after the end of the client certificate of the line that stands: the line goes on, the next connection will be refused. */
export class CertificateWatch {
	readonly #onExpired: () => void;
	#isReported = false;

	/** @param onExpired called once for each certificate that has expired */
	constructor(onExpired: () => void) {
		this.#onExpired = onExpired;
	}

	/**
	 * To be called every second or so.
	 * @param endMs of the certificate; undefined: there is none
	 * @param wallMs null: the clock is not known to be set, so nothing can be said
	 * @returns what the operator should know
	 */
	look(endMs: number | undefined, wallMs: WallMs | null): string | undefined {
		const leftMs = endMs === undefined || wallMs === null ? undefined : endMs - wallMs;
		const isOver = leftMs !== undefined && leftMs <= 0;
		if (isOver && !this.#isReported) this.#onExpired();
		this.#isReported = isOver;
		if (isOver) return 'the certificate for the carrier has expired';
		if (leftMs === undefined || leftMs > SOON_MS) return undefined;
		return `the certificate for the carrier expires in ${Math.ceil(leftMs / DAY_MS)} days`;
	}
}
