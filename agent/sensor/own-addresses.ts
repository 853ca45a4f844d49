import { networkInterfaces } from 'node:os';
import type { MacAddress } from '../core/units.ts';
import type { OwnAddresses } from './spoof-watch.ts';

/** Addresses of a router change rarely; reading them costs 0.1 ms. */
const FRESH_MS = 5000;
const NO_MAC = '00:00:00:00:00:00';

/** This machine's addresses, read anew from time to time; those of `device` first. */
export function ownAddressesReader(device: string, nowMs: () => number): () => OwnAddresses {
	let read: OwnAddresses | undefined;
	let readMs = 0;
	return () => {
		if (read === undefined || nowMs() - readMs >= FRESH_MS) {
			readMs = nowMs();
			read = readOwnAddresses(device);
		}
		return read;
	};
}

function readOwnAddresses(device: string): OwnAddresses {
	const macs = new Set<MacAddress>();
	const byAddress = new Map<string, MacAddress>();
	const interfaces = Object.entries(networkInterfaces());
	for (const [, addresses] of interfaces.toSorted(([name]) => (name === device ? -1 : 1))) {
		for (const { address, mac } of addresses ?? []) {
			if (mac === NO_MAC) continue;
			macs.add(mac as MacAddress);
			if (!byAddress.has(address)) byAddress.set(address, mac as MacAddress);
		}
	}
	return { macs, byAddress };
}
