import type { MacAddress } from '../core/units.ts';
import type { AddressClaim } from './address-claim.ts';

/** One station says that another's address is its own, or does what only the router should. */
export type Spoof = {
	/**
	 * `gateway`: the address is this router's own. `neighbour`: it is another station's. `router`: it sends router advertisements.
	 * `dhcp`: it answers as a DHCP server. The last two claim nothing of this router.
	 */
	readonly target: 'gateway' | 'neighbour' | 'router' | 'dhcp';
	readonly address: string;
	/** Whose address it is: of `gateway` and `neighbour`. */
	readonly owner?: MacAddress;
	/** How the owner is known: an address of this machine, a lease, or heard in the last minute. */
	readonly ownerBy?: 'own' | 'lease' | 'heard';
	/** Who sent it. */
	readonly claimant: MacAddress;
	/** Whose it is, they say; mostly the claimant itself. */
	readonly claimed: MacAddress;
	readonly how: AddressClaim['how'];
};

/** The router's own hardware addresses, and which of its addresses belongs to which. */
export type OwnAddresses = {
	readonly macs: ReadonlySet<MacAddress>;
	readonly byAddress: ReadonlyMap<string, MacAddress>;
};

export type SpoofWatchOptions = {
	/** Of the device that is watched. */
	readonly own: () => OwnAddresses;
	/** Who has a DHCP lease for the address; that goes before what is heard. */
	readonly leaseholder: (address: string) => MacAddress | undefined;
	/** An address of another station is claimed again by who was told before. */
	readonly onRepeated?: ((address: string) => void) | undefined;
};

/** More addresses than a metered network has at once; the one that was silent longest is forgotten. */
const KNOWN_MAX = 4096;
/** An address that nobody has answered for during so long may have a new owner. Telephones ask for the gateway more often. */
const CONTESTED_MS = 60_000;
/** One attack sends a claim every second or two; it is told once in this time. */
const TOLD_AGAIN_AFTER_MS = 60_000;
/** Attacks that are remembered as told; beyond it the oldest one is told again. */
const TOLD_MAX = 256;

/** Finds claims of addresses that are the router's, or another station's, and other routers and DHCP servers. Pure but for what it remembers. */
export class SpoofWatch {
	readonly #own: SpoofWatchOptions['own'];
	readonly #leaseholder: SpoofWatchOptions['leaseholder'];
	readonly #onRepeated: (address: string) => void;
	/** Who was heard to have which address; heard last comes last. */
	readonly #known = new Map<string, { mac: MacAddress; heardMs: number }>();
	readonly #told = new Map<string, number>();

	constructor({ own, leaseholder, onRepeated = () => undefined }: SpoofWatchOptions) {
		this.#onRepeated = onRepeated;
		this.#own = own;
		this.#leaseholder = leaseholder;
	}

	/** @returns the spoofing that the claim is, unless it was told a moment ago */
	heard(claim: AddressClaim, nowMs: number): Spoof | undefined {
		const spoof = this.#judge(claim, nowMs);
		if (spoof === undefined) return undefined;
		if (this.#isNews(spoof, nowMs)) return spoof;
		if (spoof.target === 'neighbour') this.#onRepeated(spoof.address);
		return undefined;
	}

	#judge({ address, claimed, claimant, how }: AddressClaim, nowMs: number): Spoof | undefined {
		const own = this.#own();
		if (own.macs.has(claimant)) return undefined;
		const found = { address, claimed, claimant, how };
		const ours = own.byAddress.get(address);
		if (ours !== undefined) return { ...found, target: 'gateway', owner: ours, ownerBy: 'own' };
		if (how === 'router' || how === 'dhcp') return { ...found, target: how };
		const owner = this.#ownerOf(address, nowMs);
		if (owner !== undefined && owner.owner !== claimed) return { ...found, target: 'neighbour', ...owner };
		// Somebody who speaks for another: what is claimed is true, or told for the first time.
		this.#remember(address, claimed, nowMs);
		return undefined;
	}

	#ownerOf(address: string, nowMs: number): Pick<Spoof, 'owner' | 'ownerBy'> | undefined {
		const leaseholder = this.#leaseholder(address);
		if (leaseholder !== undefined) return { owner: leaseholder, ownerBy: 'lease' };
		const known = this.#known.get(address);
		return known !== undefined && nowMs - known.heardMs < CONTESTED_MS
			? { owner: known.mac, ownerBy: 'heard' }
			: undefined;
	}

	#remember(address: string, mac: MacAddress, nowMs: number): void {
		this.#known.delete(address);
		const [longestSilent] = this.#known.keys();
		if (longestSilent !== undefined && this.#known.size >= KNOWN_MAX) this.#known.delete(longestSilent);
		this.#known.set(address, { mac, heardMs: nowMs });
	}

	#isNews({ target, address, claimant }: Spoof, nowMs: number): boolean {
		const key = `${target} ${claimant} ${address}`;
		const toldMs = this.#told.get(key);
		if (toldMs !== undefined && nowMs - toldMs < TOLD_AGAIN_AFTER_MS) return false;
		this.#told.delete(key);
		const [oldest] = this.#told.keys();
		if (oldest !== undefined && this.#told.size >= TOLD_MAX) this.#told.delete(oldest);
		this.#told.set(key, nowMs);
		return true;
	}
}

/** What was heard, in words, and how it is known whose the address is: nothing that was not checked. */
export function spoofText({ target, address, owner, ownerBy, claimant }: Spoof): string {
	switch (target) {
		case 'gateway':
			return `station ${claimant} claims ${address}, which is an address of this router (${owner})`;
		case 'neighbour':
			return ownerBy === 'lease'
				? `station ${claimant} claims ${address}, which is leased to ${owner}`
				: `station ${claimant} claims ${address}, which ${owner} had in the last minute`;
		case 'router':
			return `station ${claimant} sends router advertisements from ${address}: hosts may send by it instead of this router`;
		case 'dhcp':
			return `station ${claimant} answers as a DHCP server from ${address}: hosts may take addresses of it`;
	}
}
