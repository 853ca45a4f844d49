import { createRequire } from 'node:module';
import { OctroiError } from '../core/octroi-error.ts';
import { setSocketOption, socketsOfProcess } from '../netlink/index.ts';
import type { CapturedFrame, FrameReader, OpenReader, ReaderOptions } from './frame-reader.ts';

/** What npm's `pcap` makes of libpcap, below its event emitter: see docs/decisions/0017-sensor-by-timer.md. */
type Binding = { readonly PcapSession: new () => Session; lib_version(): string };

type Session = {
	open_live(
		device: string,
		filter: string,
		bufferBytes: number,
		snapBytes: number,
		dumpFile: string,
		onFrame: () => void,
		isMonitor: boolean,
		blockTimeoutMs: number,
		onWarning: (text: string) => void,
		isPromiscuous: boolean,
	): string;
	/** Calls `onFrame` for each frame that is there. −1: the device is gone. */
	dispatch(frame: Buffer, header: Buffer): number;
	/** The next `dispatch`, or the one that is under way, lets go of everything. */
	close(): void;
};

const require = createRequire(import.meta.url);

/** A block of frames is handed over when it is full, or after this long. */
const BLOCK_TIMEOUT_MS = 100;
/** `struct pcap_pkthdr` as the binding copies it: seconds, microseconds, bytes captured, bytes on the wire. */
const HEADER_BYTES = 16;
/** linux/socket.h, linux/if_packet.h; since Linux 4.20. */
const SOL_PACKET = 263;
const PACKET_IGNORE_OUTGOING = 23;
/** What `dispatch` answers once the session has let go. */
const CLOSED = -2;
const GONE = -1;
/** Sessions that wait for one more frame to let go (each holds its ring): beyond it no further one is opened. */
const CLOSING_MAX = 8;
/** Sessions of devices that have gone never let go: each keeps its ring (1 MiB). Beyond it the agent must be started anew. */
const LOST_MAX = 32;

/** Sessions that are closed and have not let go. */
type Remains = { readonly closing: Set<() => number>; lost: number };

export type Pcap = { readonly version: string; readonly open: OpenReader };

/** @throws OctroiError `feature_missing` where the native module or libpcap is not there */
export function loadPcap(): Pcap {
	let binding: Binding;
	try {
		binding = require('pcap/build/Release/pcap_binding') as Binding;
	} catch (cause) {
		throw new OctroiError('feature_missing', `libpcap cannot be used: ${firstLine(cause)}`, {
			fix: 'install libpcap (Debian: libpcap0.8, OpenWrt: libpcap1) and build the package pcap for this Node',
			cause,
		});
	}
	const remains: Remains = { closing: new Set(), lost: 0 };
	return { version: binding.lib_version(), open: (options) => openReader(binding, options, remains) };
}

/**
 * libpcap notices that it was told to close only when it looks at a frame. A session that is closed between two frames is kept
 * among `closing`, and asked again with every read of another one.
 */
function openReader(binding: Binding, options: ReaderOptions, remains: Remains): FrameReader {
	const { device, filter, bufferBytes, snapBytes, isPromiscuous, isInboundOnly, onFrame } = options;
	const { closing } = remains;
	if (remains.lost >= LOST_MAX) {
		throw new OctroiError('not_allowed', `devices have gone ${LOST_MAX} times while they were listened to`, {
			fix: 'restart the agent',
		});
	}
	if (closing.size >= CLOSING_MAX) {
		throw new OctroiError('not_allowed', 'too many captures wait for a last frame to end', {
			fix: 'try again in a minute',
		});
	}
	const session = new binding.PcapSession();
	const frame = Buffer.alloc(snapBytes);
	const header = Buffer.alloc(HEADER_BYTES);
	let isOpen = true;
	let isReading = false;
	const others = isInboundOnly ? socketsOfProcess() : [];
	const linkType = session.open_live(
		device,
		filter,
		bufferBytes,
		snapBytes,
		'',
		() => {
			if (isOpen) onFrame(capturedFrame(frame, header));
		},
		false,
		BLOCK_TIMEOUT_MS,
		() => undefined, // a device without an IPv4 address has no netmask; no filter of ours asks for it
		isPromiscuous,
	);
	if (isInboundOnly) ignoreOutgoing(socketsOfProcess().filter((socket) => !others.includes(socket)));
	const letGo = () => session.dispatch(frame, header);
	const reader: FrameReader = {
		read() {
			for (const attempt of closing) if (attempt() === CLOSED) closing.delete(attempt);
			if (!isOpen) return false;
			isReading = true;
			const result = session.dispatch(frame, header);
			isReading = false;
			return result !== GONE;
		},
		close() {
			if (!isOpen) return;
			isOpen = false;
			session.close();
			// From within a frame: the dispatch that is under way lets go.
			if (isReading) return;
			const result = letGo();
			if (result === GONE) remains.lost++;
			else if (result !== CLOSED) closing.add(letGo);
		},
	};
	if (linkType !== 'LINKTYPE_ETHERNET') {
		reader.close();
		throw new OctroiError('feature_missing', `${device} has no Ethernet frames (${linkType})`);
	}
	return reader;
}

/**
 * A packet socket takes a copy of every packet that the device sends, before its filter: 0.35 µs of each downloaded one. libpcap
 * has an option against it, which the binding lacks; so it is set on the sockets that have just been opened.
 */
function ignoreOutgoing(sockets: readonly number[]): void {
	for (const fd of sockets) setSocketOption(fd, { level: SOL_PACKET, option: PACKET_IGNORE_OUTGOING, value: 1 });
}

function capturedFrame(frame: Buffer, header: Buffer): CapturedFrame {
	return {
		bytes: frame.subarray(0, Math.min(header.readUInt32LE(8), frame.length)),
		wireBytes: header.readUInt32LE(12),
		seconds: header.readUInt32LE(0),
		microseconds: header.readUInt32LE(4),
	};
}

function firstLine(error: unknown): string {
	return (error instanceof Error ? error.message : String(error)).split('\n')[0] as string;
}
