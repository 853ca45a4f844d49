import { systemClock } from '../../../../agent/core/clock.ts';
import type { MacAddress, MeterId } from '../../../../agent/core/units.ts';
import type { DataPlaneOptions } from '../../../../agent/dataplane/data-plane-options.ts';
import type { Gate, PoolReading, Right } from '../../../../agent/meter/gate.ts';
import { listLog, STATION_MAC } from './router.ts';

export const meter = (number: number) => number as MeterId;
export const member = (number: number, mac = `02:00:5e:20:${hex(number >> 8)}:${hex(number & 255)}`) => ({
	meter: meter(number),
	mac: mac as MacAddress,
});
export const NO_READING: PoolReading = { counters: [], missing: [] };

export function bytesRight(grantBytes: number, reserveBytes = 0, reading = NO_READING): Right {
	return { kind: 'bytes', grantBytes, reserveBytes, reading };
}

/** Gives the station of the router a grant, as meter 1 of pool 1. */
export async function attach(gate: Gate, grantBytes = 1e9): Promise<void> {
	await gate.apply({ pool: 1, meters: [member(1, STATION_MAC)], right: bytesRight(grantBytes) });
}

export function dataPlaneOptions(log: string[], changes: Partial<DataPlaneOptions> = {}): DataPlaneOptions {
	return {
		metered: ['lan0'],
		clock: systemClock(),
		free: [],
		mask: 0xffff8000,
		garden: { ipv4: [], ipv6: [] },
		gardenBytesPerSecond: 100_000,
		portal: { port: 2050, name: 'portal.home.arpa' },
		dnsBytesPerSecond: 100,
		sessionDnsBytesPerSecond: 2000,
		log: listLog(log),
		onOffload: (error) => log.push(error?.message ?? 'no flow offload any more'),
		...changes,
	};
}

function hex(byte: number): string {
	return byte.toString(16).padStart(2, '0');
}
