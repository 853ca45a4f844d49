/** One frame as it came; `bytes` is valid during the call only, and may be cut. */
export type CapturedFrame = {
	readonly bytes: Buffer;
	readonly wireBytes: number;
	readonly seconds: number;
	readonly microseconds: number;
};

export type ReaderOptions = {
	readonly device: string;
	/** In libpcap's language. */
	readonly filter: string;
	readonly snapBytes: number;
	readonly bufferBytes: number;
	/** What this machine sends is not handed over, and costs nothing where the kernel allows it. */
	readonly isInboundOnly: boolean;
	/** Sees frames from one station to another, where the device is a bridge. */
	readonly isPromiscuous: boolean;
	readonly onFrame: (frame: CapturedFrame) => void;
};

/** Frames of one device. What implements it never waits. */
export type FrameReader = {
	/** Hands over all frames that are there. @returns false: the device is gone; close it and open anew */
	read(): boolean;
	/** May be called from within `onFrame`: then no further frame comes, and `read` returns. */
	close(): void;
};

/** @throws Error where the device does not exist, or rights do not suffice */
export type OpenReader = (options: ReaderOptions) => FrameReader;
