import { Transform, type TransformCallback } from 'node:stream';

const INTRODUCER = '\u001b\\[';
/** What a mouse does: SGR (`ESC [ < button ; x ; y M|m`), X10 (`ESC [ M` and three bytes), urxvt (`ESC [ b ; x ; y M`); XTerm Control Sequences, "Mouse Tracking". */
const REPORT = new RegExp(`(${INTRODUCER}(?:<[\\d;]{1,20}[Mm]|M[\\s\\S]{3}|\\d{1,5};\\d{1,5};\\d{1,5}M))`);
/** The beginning of one; a lone escape is a key. */
const BEGINNING = new RegExp(`${INTRODUCER}(?:<[\\d;]{0,20}|M[\\s\\S]{0,2}|\\d{1,5};[\\d;]{0,12})$`);

/**
 * The keyboard and mouse of a terminal, one report of the mouse in each chunk. On a busy machine several wait in one read, or one comes in
 * two; blessed reads a single one at the beginning of a chunk and forgets the others, so that clicks were lost.
 */
export class TerminalInput extends Transform {
	readonly #terminal: NodeJS.ReadStream;
	#begun = '';

	constructor(terminal: NodeJS.ReadStream) {
		super({ readableObjectMode: true });
		this.#terminal = terminal;
		terminal.pipe(this);
	}

	get isTTY(): boolean {
		return this.#terminal.isTTY;
	}

	get isRaw(): boolean {
		return this.#terminal.isRaw;
	}

	setRawMode(isRaw: boolean): this {
		this.#terminal.setRawMode(isRaw);
		return this;
	}

	/** The process may end then. */
	stop(): void {
		this.#terminal.unpipe(this);
		this.#terminal.pause();
	}

	override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
		// One character a byte: coordinates need not be text, and letters of several bytes stay whole.
		const bytes = this.#begun + chunk.toString('latin1');
		this.#begun = BEGINNING.exec(bytes)?.[0] ?? '';
		for (const part of partsOf(bytes.slice(0, bytes.length - this.#begun.length)))
			this.push(Buffer.from(part, 'latin1'));
		done();
	}
}

function partsOf(bytes: string): string[] {
	return bytes.split(REPORT).filter((part) => part !== '');
}
