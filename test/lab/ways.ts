import type { Family } from './topology.ts';
import type { WitnessReading } from './witness.ts';

/** One way in which bytes can go. */
export type Way = { protocol: 'tcp' | 'udp'; direction: 'up' | 'down'; family: Family };

/** All eight. */
export function allWays(): Way[] {
	const ways: Way[] = [];
	for (const protocol of ['tcp', 'udp'] as const) {
		for (const direction of ['down', 'up'] as const) {
			for (const family of ['ipv4', 'ipv6'] as const) ways.push({ protocol, direction, family });
		}
	}
	return ways;
}

export function describeWay({ protocol, direction, family }: Way): string {
	return `${protocol} ${direction} ${family}`;
}

/** Both directions of all stations together. */
export function movedBytes(readings: WitnessReading[]): number {
	return readings.reduce((sum, { up, down }) => sum + up + down, 0);
}
