import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { changedSpans } from './changed-spans.ts';

/** A device that went away is tried again after this time. */
const REOPEN_MS = 5000;

/** What is used of a file; a test gives its own. */
export type PixelFile = {
	write(bytes: Buffer, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
	close(): Promise<void>;
};

export type FramebufferOptions = {
	path: string;
	timers: { after(delayMs: number, call: () => void): () => void };
	/** The device cannot be opened or written to; it is tried again. */
	onLost(reason: string): void;
	onFound?(): void;
	/** Default: the file system's. */
	openFile?: (path: string) => Promise<PixelFile>;
};

/** Brings frames to a framebuffer: only what changed, one frame at a time, always the newest. */
export class Framebuffer {
	readonly #options: FramebufferOptions;
	#file: PixelFile | undefined;
	/** What the device holds as far as we know. */
	#held: Buffer | undefined;
	#wanted: Buffer | undefined;
	#isBusy = false;
	#isStopped = true;
	#cancel: () => void = () => undefined;
	/** Since the start. */
	writtenBytes = 0;

	constructor(options: FramebufferOptions) {
		this.#options = options;
	}

	start(): void {
		this.#isStopped = false;
	}

	/** The picture stays as it is. */
	stop(): void {
		this.#isStopped = true;
		this.#cancel();
		void this.#close();
	}

	show(frame: Buffer): void {
		this.#wanted = frame;
		if (!this.#isBusy && !this.#isStopped) {
			this.#isBusy = true;
			void this.#run();
		}
	}

	/** Never rejects: what goes wrong is reported and tried again. */
	async #run(): Promise<void> {
		try {
			if (this.#file === undefined) {
				this.#file = await (this.#options.openFile ?? openPixels)(this.#options.path);
				this.#held = undefined;
				this.#options.onFound?.();
			}
			while (this.#wanted !== undefined && !this.#isStopped) {
				const frame = this.#wanted;
				this.#wanted = undefined;
				await this.#write(this.#file, frame);
			}
			this.#isBusy = false;
		} catch (error) {
			this.#lose(error as NodeJS.ErrnoException);
		}
		if (this.#isStopped) {
			await this.#close();
		}
	}

	async #write(file: PixelFile, frame: Buffer): Promise<void> {
		const spans = changedSpans(this.#held, frame);
		// Between the first and the last piece the device holds neither frame.
		this.#held = undefined;
		for (const { start, end } of spans) {
			for (let at = start; at < end; ) {
				const { bytesWritten } = await file.write(frame, at, end - at, at);
				if (bytesWritten === 0) {
					throw new Error('it takes no more bytes: is the size right?');
				}
				at += bytesWritten;
				this.writtenBytes += bytesWritten;
			}
		}
		this.#held = frame;
	}

	#lose(error: NodeJS.ErrnoException): void {
		void this.#close();
		if (!this.#isStopped) {
			this.#options.onLost(error.code ?? error.message);
			this.#cancel = this.#options.timers.after(REOPEN_MS, () => {
				this.#isBusy = this.#wanted !== undefined;
				if (this.#isBusy) {
					void this.#run();
				}
			});
		}
	}

	async #close(): Promise<void> {
		const file = this.#file;
		this.#file = undefined;
		this.#held = undefined;
		try {
			await file?.close();
		} catch {
			// The device is gone, and the descriptor with it.
		}
	}
}

/** A device must be there already: an ordinary file in its place would fill the memory of the router. */
async function openPixels(path: string): Promise<FileHandle> {
	const create = path.startsWith('/dev/') ? 0 : constants.O_CREAT;
	return open(path, constants.O_WRONLY | create, 0o644);
}
