import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { macAddressBytes } from '../core/mac-address.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { MacAddress } from '../core/units.ts';
import type { CapturedFrame, OpenReader } from './frame-reader.ts';
import { FrameSource } from './frame-source.ts';
import type { FrameTurns } from './frame-turns.ts';
import { pcapFileFrame, pcapFileHeader } from './pcap-file.ts';

/** What a person looks through, and a router can carry away. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;
/** Between two reads of whoever asked; more than this would be memory of the meter. */
const WAITING_BYTES_MAX = 1024 * 1024;
/** Whoever does not fetch for so long is gone. */
const FORGOTTEN_AFTER_MS = 10_000;
/** Kernel memory, while a capture runs. */
const BUFFER_BYTES = 4 * 1024 * 1024;
/** They are copied, not looked at: 2 µs each. */
const FRAMES_PER_TURN_MAX = 4096;

export type CaptureRequest = { readonly mac: MacAddress; readonly seconds: number; readonly snapBytes: number };

/** A part of the file. The parts one after the other are a whole pcap file. */
export type CapturePart = {
	readonly capture: string;
	readonly data: Buffer;
	readonly isDone: boolean;
	readonly frames: number;
	/** Frames that are not in the file: it is full, or nobody fetched them in time. */
	readonly missed: number;
	/** How often frames came faster than they can be kept, and some passed uncounted. */
	readonly floods: number;
};

export type StationCaptureOptions = {
	readonly devices: readonly string[];
	readonly open: () => OpenReader;
	readonly turns: FrameTurns;
	readonly clock: Clock;
	readonly log: Log;
	readonly newId: () => string;
};

type Running = {
	readonly id: string;
	readonly sources: readonly FrameSource[];
	readonly endMs: number;
	readonly cancel: () => void;
	parts: Buffer[];
	waitingBytes: number;
	fileBytes: number;
	frames: number;
	missed: number;
	readMs: number;
};

/** What one station sends and gets, for support: one capture at a time, in memory until it is fetched. */
export class StationCapture {
	readonly #options: StationCaptureOptions;
	#running: Running | undefined;

	constructor(options: StationCaptureOptions) {
		this.#options = options;
	}

	/** @throws OctroiError `not_allowed` while another one runs; `feature_missing` */
	start({ mac, seconds, snapBytes }: CaptureRequest): CapturePart {
		const { clock, log, turns, devices, newId } = this.#options;
		const nowMs = clock.bootMs();
		if (this.#running !== undefined && nowMs - this.#running.readMs < FORGOTTEN_AFTER_MS) {
			throw new OctroiError('not_allowed', 'another capture is running', { fix: 'wait until it has ended' });
		}
		this.stop();
		const open = this.#options.open();
		const bytes = macAddressBytes(mac);
		const onFrame = (frame: CapturedFrame) => {
			if (isOf(bytes, frame.bytes)) this.#take(frame);
		};
		const sources = devices.map(
			(device) =>
				new FrameSource({
					open,
					log,
					device,
					// Address resolution is everywhere: a capture of a station that has left ends by it (see pcap-binding.ts).
					filter: `ether host ${mac} or arp`,
					framesPerTurnMax: FRAMES_PER_TURN_MAX,
					snapBytes,
					bufferBytes: BUFFER_BYTES,
					isPromiscuous: false,
					isInboundOnly: false,
					onFrame,
				}),
		);
		const header = pcapFileHeader(snapBytes);
		this.#running = {
			id: newId(),
			sources,
			endMs: nowMs + seconds * 1000,
			cancel: clock.after(seconds * 1000 + FORGOTTEN_AFTER_MS, () => this.stop()),
			parts: [header],
			waitingBytes: header.length,
			fileBytes: header.length,
			frames: 0,
			missed: 0,
			readMs: nowMs,
		};
		for (const source of sources) turns.add(source);
		log.info({ mac, seconds, snapBytes }, 'a capture was asked for');
		return this.#part(this.#running);
	}

	/** @throws OctroiError `not_found` when it has ended and was fetched, or nobody fetched it in time */
	read(id: string): CapturePart {
		const running = this.#running;
		if (running === undefined || running.id !== id) {
			throw new OctroiError('not_found', 'that capture does not run', { fix: 'start it anew: octroi capture' });
		}
		running.readMs = this.#options.clock.bootMs();
		const part = this.#part(running);
		if (part.isDone) this.stop();
		return part;
	}

	stop(): void {
		if (this.#running === undefined) return;
		this.#running.cancel();
		for (const source of this.#running.sources) this.#options.turns.remove(source);
		this.#running = undefined;
	}

	#part(running: Running): CapturePart {
		const { id, parts, endMs, frames, missed, sources } = running;
		running.parts = [];
		running.waitingBytes = 0;
		const problems = sources.map(({ problem }) => problem);
		if (problems.every((problem) => problem !== undefined)) {
			this.stop();
			throw new OctroiError('feature_missing', `nothing can be captured: ${problems[0]}`, {
				fix: 'see `octroi doctor`',
			});
		}
		const floods = sources.reduce((sum, { figures }) => sum + figures.floods, 0);
		const isDone = this.#options.clock.bootMs() >= endMs;
		return { capture: id, data: Buffer.concat(parts), isDone, frames, missed, floods };
	}

	#take(frame: CapturedFrame): void {
		const running = this.#running;
		if (running === undefined || this.#options.clock.bootMs() >= running.endMs) return;
		const record = pcapFileFrame(frame);
		if (
			running.waitingBytes + record.length > WAITING_BYTES_MAX ||
			running.fileBytes + record.length > FILE_BYTES_MAX
		) {
			running.missed++;
			return;
		}
		running.parts.push(record);
		running.waitingBytes += record.length;
		running.fileBytes += record.length;
		running.frames++;
	}
}

function isOf(mac: Buffer, frame: Buffer): boolean {
	return frame.length >= 12 && (mac.compare(frame, 0, 6) === 0 || mac.compare(frame, 6, 12) === 0);
}
