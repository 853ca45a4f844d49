import type { AccountId, MacAddress } from '../core/units.ts';

/** A station at the other end of a connection, as the kernel sees it. */
export type Peer = { readonly mac: MacAddress; readonly address: string; readonly device: string };

/** Who asks: the answer to "who is this?", which everything asks that shows or changes something of an account. */
export type Requester = Peer & {
	/** Whose session it is. Absent: a stranger, whatever account its hardware address spends. */
	readonly account?: AccountId;
	/** Its hardware address spends an account, but nothing says that this is the device whose session it is. */
	readonly isContested: boolean;
	/** Of one that is contested: another station has its address. What helps is another address, and not a code. */
	readonly isTaken?: boolean;
};

/** `unknown`: this witness cannot tell; the next one is asked. `taken`: a stranger, by an address that another station has. */
export type Verdict = 'owner' | 'stranger' | 'taken' | 'unknown';

/** Says whether a peer is the device whose session its hardware address has. May throw the `netlink_*` codes. */
export type Witness = (peer: Peer) => Promise<Verdict>;

export type IdentifyParts = {
	/** The station at the other end; undefined: none of a metered device. */
	readonly find: (remote: string) => Promise<Peer | undefined>;
	/** What a hardware address spends. */
	readonly accountOf: (mac: MacAddress) => AccountId | undefined;
	/** The strongest one first: a key of its own for each person would go before the addresses of a session. */
	readonly witnesses: readonly Witness[];
};

/**
 * Makes the one function that answers "who is this?". What no witness knows is a stranger.
 *
 * @returns a function of the remote address of a socket (a link-local one with the name of its device); undefined: no station at
 * all. It throws the `netlink_*` codes
 */
export function identification({
	find,
	accountOf,
	witnesses,
}: IdentifyParts): (remote: string) => Promise<Requester | undefined> {
	const verdictOf = async (peer: Peer): Promise<Verdict> => {
		for (const witness of witnesses) {
			const verdict = await witness(peer);
			if (verdict !== 'unknown') return verdict;
		}
		return 'stranger';
	};
	return async (remote) => {
		const peer = await find(remote);
		if (peer === undefined) return undefined;
		const account = accountOf(peer.mac);
		if (account === undefined) return { ...peer, isContested: false };
		const verdict = await verdictOf(peer);
		// The session may have ended, or gone to another account, while the witnesses were asked.
		if (verdict === 'owner' && accountOf(peer.mac) === account) return { ...peer, account, isContested: false };
		return { ...peer, isContested: true, ...(verdict === 'taken' && { isTaken: true }) };
	};
}
