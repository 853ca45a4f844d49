import type { BootMs, MacAddress } from '../../../agent/core/units.ts';
import { CodeLimiter, type LimiterRates } from '../../../agent/voucher/code-limiter.ts';

/** The configuration's defaults. */
export const RATES: LimiterRates = {
	freeAttempts: 5,
	firstWaitMs: 30_000,
	longestWaitMs: 3_600_000,
	overallBurst: 30,
	overallPerHour: 60,
};

const STEP_MS = 250;

/**
 * Somebody who tries with each of his addresses as soon as it is let in, four times a second, and takes a new address as soon as
 * one has to wait, if `isEndless`. All have had a lease for long. Every other address is a customer's. Answers how many guesses were looked at in each hour.
 */
export function guessesOf(attack: {
	addresses: number;
	hours: number;
	isEndless?: boolean;
	rates?: LimiterRates;
}): number[] {
	const limiter = new CodeLimiter(attack.rates ?? RATES);
	const macs = Array.from({ length: attack.addresses }, (_, index) => `attacker-${index}` as MacAddress);
	const hours: number[] = Array.from({ length: attack.hours }, () => 0);
	const as = (index: number) => ({ isCustomer: index % 2 === 1, standing: 'settled' as const });
	let taken = attack.addresses;
	for (let now = 0; now < attack.hours * 3_600_000; now += STEP_MS) {
		for (const [index, mac] of macs.entries()) {
			const wait = limiter.wait(mac, as(index), now as BootMs);
			if (wait === undefined) {
				limiter.failed(mac, as(index), now as BootMs);
				hours[Math.floor(now / 3_600_000)] = (hours[Math.floor(now / 3_600_000)] ?? 0) + 1;
			} else if (wait.scope === 'station' && attack.isEndless) macs[index] = `attacker-${taken++}` as MacAddress;
		}
	}
	return hours;
}
