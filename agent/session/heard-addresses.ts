import type { MacAddress } from '../core/units.ts';

/** A neighbour entry: the same link-local address may be on two devices. */
export function entryOf(device: string, address: string): string {
	return `${device} ${address}`;
}

/** Whose neighbour entry each address is in: of one link the entry of its device, of the others the one that was heard last. */
export class HeardAddresses {
	readonly #stations = new Map<string, MacAddress>();

	/** @param entry as {@link entryOf} makes it */
	add(entry: string, mac: MacAddress): void {
		this.#stations.set(keyOf(entry), mac);
	}

	/** Changes nothing when the address is another station's by now. */
	remove(entry: string, mac: MacAddress): void {
		if (this.#stations.get(keyOf(entry)) === mac) this.#stations.delete(keyOf(entry));
	}

	/** @param remote as a socket has it: a link-local address with the name of its device, `fe80::1%br-lan` */
	find(remote: string): MacAddress | undefined {
		const [address = '', device = ''] = remote.replace(/^::ffff:(?=\d+\.)/i, '').split('%');
		return this.#stations.get(keyOf(entryOf(device, address)));
	}
}

function keyOf(entry: string): string {
	const address = entry.slice(entry.indexOf(' ') + 1);
	return /^fe[89ab]/i.test(address) ? entry : address;
}
