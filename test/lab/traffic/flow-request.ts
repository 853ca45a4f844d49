/** What one flow shall do. It is the first line of a TCP connection, and the first datagram of a UDP flow. */
export type FlowRequest = {
	/** Unique in one lab; at most 2^32 − 1. */
	id: number;
	protocol: 'tcp' | 'udp';
	/** From the station: `up` is sent by it. */
	direction: 'up' | 'down';
	/** Payload bytes; without it the flow goes on until it is stopped. */
	bytes?: number | undefined;
	/** After so many payload bytes its sender waits until it is told to go on: what somebody does meanwhile may take its time. */
	holdAtBytes?: number | undefined;
	/** Payload bits per second; without it as fast as it goes. */
	bitsPerSecond?: number | undefined;
	/** Payload of one UDP datagram. */
	datagramBytes?: number | undefined;
};

/** What a client is told to do: the request and whom to ask. */
export type FlowOrder = FlowRequest & { host: string; port: number };

/** What one end knows of a flow. Times are CLOCK_MONOTONIC, the same for all processes of the lab. */
export type FlowReport = {
	id: number;
	/** `connecting` until the far end answered, `finished` when all was sent and (TCP) closed in order. */
	state: 'connecting' | 'open' | 'finished' | 'failed' | 'stopped';
	sentBytes: number;
	receivedBytes: number;
	/** When this end began with it, before its first packet. */
	begunAtMs: number;
	firstByteAtMs?: number;
	lastByteAtMs?: number;
	/** Why it failed: the error's code (`ECONNRESET`, …) or what differed. */
	error?: string;
};

export const DATAGRAM_BYTES_DEFAULT = 1400;

/** How much of the payload may be sent now, of what is wanted: nothing more is left, or it is held. */
export function unheldBytes({ bytes, holdAtBytes }: FlowRequest, { sentBytes }: FlowReport, wanted: number): number {
	const end = Math.min(bytes ?? Number.POSITIVE_INFINITY, holdAtBytes ?? Number.POSITIVE_INFINITY);
	return Math.max(0, Math.min(wanted, end - sentBytes));
}

export function newReport(id: number): FlowReport {
	return { id, state: 'connecting', sentBytes: 0, receivedBytes: 0, begunAtMs: monotonicMs() };
}

/** Notes that `bytes` of payload arrived now. */
export function noteReceived(report: FlowReport, bytes: number): void {
	const now = monotonicMs();
	report.receivedBytes += bytes;
	report.firstByteAtMs ??= now;
	report.lastByteAtMs = now;
}

/** Milliseconds of CLOCK_MONOTONIC. */
export function monotonicMs(): number {
	return Number(process.hrtime.bigint() / 1000n) / 1000;
}
