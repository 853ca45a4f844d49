import type { Log } from '../core/log.ts';
import type { CapturedFrame, FrameReader, OpenReader, ReaderOptions } from './frame-reader.ts';

/**
 * Frames of one turn, at about 10 µs each: the meter waits no longer than 5 ms for it. libpcap hands over all that is there and
 * cannot be interrupted but by closing; so a flood closes it.
 */
const FRAMES_PER_TURN_DEFAULT = 512;
/**
 * After a flood. Opening anew waits 14 ms for the kernel (0.3 ms of CPU), in which the meter waits too: so 1.4 % of the time,
 * and about 500 frames a second are looked at.
 */
const PAUSE_AFTER_FLOOD_MS = 1000;
/** A device that is not there, or has gone: it may come (back). */
const RETRY_MS = 5000;

/** What happened is clear after that many; whoever sends them sends more. */
const FAULTS_LOGGED_MAX = 10;
/** A flood is told for this long after it: it comes in turns. */
const FLOOD_TOLD_MS = 10_000;

export type SourceFigures = {
	/** Frames that were looked at. */
	frames: number;
	/** How often a flood made it close its ears for {@link PAUSE_AFTER_FLOOD_MS}. */
	floods: number;
};

export type FrameSourceOptions = ReaderOptions & {
	readonly open: OpenReader;
	readonly log: Log;
	readonly framesPerTurnMax?: number;
};

/** One reader that survives floods and devices that come and go. Driven by {@link FrameSource.turn}. */
export class FrameSource {
	readonly figures: SourceFigures = { frames: 0, floods: 0 };
	readonly #open: OpenReader;
	readonly #options: ReaderOptions;
	readonly #log: Log;
	readonly #perTurnMax: number;
	#reader: FrameReader | undefined;
	#notBeforeMs = 0;
	#inTurn = 0;
	#faults = 0;
	#floodedMs = Number.NEGATIVE_INFINITY;
	/** Undefined: it works. */
	#problem: string | undefined;

	constructor({ open, log, framesPerTurnMax = FRAMES_PER_TURN_DEFAULT, ...options }: FrameSourceOptions) {
		this.#open = open;
		this.#log = log;
		this.#perTurnMax = framesPerTurnMax;
		this.#options = { ...options, onFrame: (frame) => this.#take(frame, options.onFrame) };
	}

	get device(): string {
		return this.#options.device;
	}

	/** Why nothing is heard, in words; undefined: all is well. */
	get problem(): string | undefined {
		return this.#problem;
	}

	/** Has it passed frames over a moment ago, because there were too many? */
	isFlooded(nowMs: number): boolean {
		return nowMs - this.#floodedMs < FLOOD_TOLD_MS;
	}

	/** Reads what has come since the last turn. */
	turn(nowMs: number): void {
		if (this.#reader === undefined && nowMs >= this.#notBeforeMs) this.#start(nowMs);
		if (this.#reader === undefined) return;
		this.#inTurn = 0;
		const isThere = this.#reader.read();
		if (this.#inTurn > this.#perTurnMax) {
			this.figures.floods++;
			this.#floodedMs = nowMs;
			this.#log.debug({ device: this.#options.device }, 'too many frames to look at all of them');
			this.#pause(nowMs + PAUSE_AFTER_FLOOD_MS);
		} else if (!isThere) {
			this.#fail('the device has gone');
			this.#pause(nowMs + RETRY_MS);
		}
	}

	stop(): void {
		this.#pause(Number.POSITIVE_INFINITY);
	}

	#take(frame: CapturedFrame, onFrame: ReaderOptions['onFrame']): void {
		if (++this.#inTurn > this.#perTurnMax) {
			this.#reader?.close();
			return;
		}
		this.figures.frames++;
		try {
			onFrame(frame);
		} catch (error) {
			// A frame that a defect of ours stumbles over must not end the meter.
			if (this.#faults++ < FAULTS_LOGGED_MAX) this.#log.error({ error }, 'a frame could not be understood');
		}
	}

	#start(nowMs: number): void {
		try {
			this.#reader = this.#open(this.#options);
			if (this.#problem !== undefined) this.#log.info({ device: this.#options.device }, 'heard again');
			this.#problem = undefined;
		} catch (error) {
			this.#fail(error instanceof Error ? error.message : String(error));
			this.#notBeforeMs = nowMs + RETRY_MS;
		}
	}

	#fail(problem: string): void {
		// Said once: it is tried again and again.
		if (this.#problem !== problem) this.#log.warn({ device: this.#options.device, problem }, 'nothing is heard there');
		this.#problem = problem;
	}

	#pause(untilMs: number): void {
		this.#reader?.close();
		this.#reader = undefined;
		this.#notBeforeMs = untilMs;
	}
}
