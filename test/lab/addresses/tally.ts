import type { Customer } from './customer.ts';
import { INTERNET } from './customer.ts';

const REFUSED = ['ECONNRESET', 'ECONNREFUSED', 'EHOSTUNREACH', 'closed'];
const TRIES_MAX = 3;

/** What the changes have come to; the figures of the scenario. */
export class Tally {
	readonly progress: (line: string) => void;
	changes = 0;
	firstRefused = 0;
	unserved = 0;
	refusals = 0;
	forged = 0;
	toldOnline = 0;
	unexplained = 0;
	paidUnserved = 0;
	falselySold = 0;
	unknownAddresses = 0;
	stolenBytes = 0;
	withoutServiceMs = 0;

	constructor(progress: (line: string) => void) {
		this.progress = progress;
	}

	/** An honest change: the first connection by the address is not refused, and is served. @returns whether it was */
	async served(what: string, customer: Customer, from: string): Promise<boolean> {
		const began = performance.now();
		for (let tries = 0; tries < TRIES_MAX; tries++) {
			const { outcome } = await customer.connects(from);
			const isRefused = REFUSED.includes(outcome);
			if (tries === 0 && isRefused) this.firstRefused += 1;
			if (outcome !== INTERNET) this.progress(`${what}, ${from}: ${outcome}`);
			if (outcome === INTERNET) {
				this.withoutServiceMs = Math.max(this.withoutServiceMs, performance.now() - began);
				return true;
			}
		}
		this.unserved += 1;
		return false;
	}

	/** The kernel refuses this address: its user is not told otherwise, and a page says why. */
	async refused(what: string, customer: Customer, from: string): Promise<void> {
		const { outcome } = await customer.connects(from);
		const { online, why } = await customer.isTold(from);
		if (outcome === INTERNET) this.progress(`${what}, ${from}: it is served`);
		else this.refusals += 1;
		if (outcome !== INTERNET && online) this.toldOnline += 1;
		if (outcome !== INTERNET && !why) this.unexplained += 1;
		if (online || !why) this.progress(`${what}, ${from}: ${outcome}, online: ${online}, says why: ${why}`);
	}

	/** Somebody pays by his code, and gets what he has paid for by the address that he typed it from. */
	async pays(what: string, customer: Customer, { code, from }: { code: string; from: string }): Promise<void> {
		const began = performance.now();
		const { status, location = '' } = await customer.types(code, from);
		const isDone = status === 303;
		if (!isDone) this.progress(`${what}: the code is answered by ${status} ${location}`);
		const isServed = await this.served(what, customer, from);
		if (!isServed) this.paidUnserved += 1;
		if (!isDone) this.unserved += 1;
		else this.withoutServiceMs = Math.max(this.withoutServiceMs, performance.now() - began);
	}

	figures() {
		return {
			changes: this.changes,
			first_refused: this.firstRefused,
			unserved: this.unserved,
			refusals: this.refusals,
			forged: this.forged,
			told_online: this.toldOnline,
			unexplained: this.unexplained,
			paid_unserved: this.paidUnserved,
			falsely_sold: this.falselySold,
			unknown_addresses: this.unknownAddresses,
			stolen_bytes: this.stolenBytes,
			without_service_ms: this.withoutServiceMs,
		};
	}
}
