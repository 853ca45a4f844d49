/** What a TCP header tells of a packet that opens a connection. */
const TCP = 6;
const SYN = 0x02;
const ACK = 0x10;
const IPV4_HEADER_MIN = 20;
const IPV6_HEADER = 40;
/** Ports and sequence number. */
const OPENING_BYTES = 8;
const FLAGS_OFFSET = 13;

/**
 * A system that gets no answer asks again after a second at the earliest (RFC 6298, 2.1), and a packet that asks again is
 * another first packet only while the one before still waits. So the same one within this time waited with it.
 */
const WAITED_MS = 100;
/** In each of two generations; beyond it nothing is remembered until the next. */
const KEYS_MAX = 4096;

/**
 * Knows the packets that open connections and came twice, because the first one waited for its verdict for too long. Connection
 * tracking lets only one of them leave, but both would have been metered.
 */
export class OpenedConnections {
	#now = new Set<string>();
	#before = new Set<string>();
	#sinceMs = 0;

	/** @param packet from the IP header on; may be cut, may be hostile */
	isRepeated(packet: Buffer, nowMs: number): boolean {
		const key = keyOf(packet);
		if (key === undefined) return false;
		this.#age(nowMs);
		if (this.#now.has(key) || this.#before.has(key)) return true;
		if (this.#now.size < KEYS_MAX) this.#now.add(key);
		return false;
	}

	#age(nowMs: number): void {
		const age = nowMs - this.#sinceMs;
		if (age < WAITED_MS) return;
		this.#before = age < 2 * WAITED_MS ? this.#now : new Set();
		this.#now = new Set();
		this.#sinceMs = nowMs;
	}
}

/** Both addresses, both ports and the sequence number; undefined for what opens no TCP connection. */
function keyOf(packet: Buffer): string | undefined {
	const version = (packet[0] ?? 0) >>> 4;
	const isIpv4 = version === 4 && packet[9] === TCP;
	if (!isIpv4 && !(version === 6 && packet[6] === TCP)) return undefined;
	const start = isIpv4 ? Math.max(IPV4_HEADER_MIN, ((packet[0] as number) & 0xf) * 4) : IPV6_HEADER;
	const flags = packet[start + FLAGS_OFFSET] ?? 0;
	if ((flags & (SYN | ACK)) !== SYN) return undefined;
	const addresses = isIpv4 ? packet.toString('latin1', 12, 20) : packet.toString('latin1', 8, 40);
	return addresses + packet.toString('latin1', start, start + OPENING_BYTES);
}
