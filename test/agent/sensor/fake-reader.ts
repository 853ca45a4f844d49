import type { CapturedFrame, OpenReader, ReaderOptions } from '../../../agent/sensor/frame-reader.ts';

/** A device by hand: frames wait until they are read. */
export class FakeDevice {
	readonly waiting: Buffer[] = [];
	isThere = true;
	opened = 0;
	closed = 0;
	options: ReaderOptions | undefined;

	readonly open: OpenReader = (options) => {
		if (!this.isThere) throw new Error('No such device exists');
		this.opened++;
		this.options = options;
		let isOpen = true;
		return {
			read: () => {
				while (isOpen && this.waiting.length > 0) options.onFrame(frameOf(this.waiting.shift() as Buffer, options));
				return this.isThere;
			},
			close: () => {
				if (isOpen) this.closed++;
				isOpen = false;
			},
		};
	};
}

function frameOf(bytes: Buffer, { snapBytes }: ReaderOptions): CapturedFrame {
	return { bytes: bytes.subarray(0, snapBytes), wireBytes: bytes.length, seconds: 1_700_000_000, microseconds: 42 };
}
