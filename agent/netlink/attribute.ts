import { OctroiError } from '../core/octroi-error.ts';
import { NLA_TYPE_MASK } from './constants.ts';
import { align } from './message.ts';

/** nla_len is a u16, and counts its own four bytes. */
export const ATTRIBUTE_BYTES_MAX = 0xffff;
const HEADER_BYTES = 4;

/**
 * Steps through the attributes between two offsets of a buffer (struct nlattr: length u16, type u16, host byte order).
 * Never reads outside of them, whatever the bytes say.
 */
export class AttributeCursor {
	/** Type without its flag bits. */
	type = 0;
	/** Where the value begins. */
	start = 0;
	/** Where the value ends, padding excluded. */
	end = 0;
	readonly bytes: Buffer;
	#next: number;
	readonly #limit: number;

	constructor(bytes: Buffer, start: number, end: number) {
		if (start < 0 || start > end || end > bytes.length) {
			throw malformed(`attributes from ${start} to ${end} of ${bytes.length} bytes`);
		}
		this.bytes = bytes;
		this.#next = start;
		this.#limit = end;
	}

	/** Moves to the next attribute. @throws OctroiError `netlink_malformed` when its length does not fit */
	next(): boolean {
		const at = this.#next;
		const room = this.#limit - at;
		if (room <= 0) return false;
		const length = room >= HEADER_BYTES ? this.bytes.readUInt16LE(at) : 0;
		if (length < HEADER_BYTES || length > room) throw malformed(`attribute of ${length} bytes where ${room} are left`);
		this.type = this.bytes.readUInt16LE(at + 2) & NLA_TYPE_MASK;
		this.start = at + HEADER_BYTES;
		this.end = at + length;
		this.#next = at + align(length);
		return true;
	}

	/** The attributes within this one. */
	nested(): AttributeCursor {
		return new AttributeCursor(this.bytes, this.start, this.end);
	}

	/** A view on the value. */
	value(): Buffer {
		return this.bytes.subarray(this.start, this.end);
	}

	u8(): number {
		return this.bytes[this.#fixed(1)] as number;
	}

	u16be(): number {
		return this.bytes.readUInt16BE(this.#fixed(2));
	}

	u32be(): number {
		return this.bytes.readUInt32BE(this.#fixed(4));
	}

	u32le(): number {
		return this.bytes.readUInt32LE(this.#fixed(4));
	}

	/** A 64-bit value as an exact number. @throws OctroiError `netlink_malformed` from 2^53 on */
	u64be(): number {
		return exact64(this.bytes, this.#fixed(8));
	}

	/** A string without its terminating zero. Kernel names are ASCII. */
	string(): string {
		const end = this.end > this.start && this.bytes[this.end - 1] === 0 ? this.end - 1 : this.end;
		return this.bytes.toString('latin1', this.start, end);
	}

	#fixed(length: number): number {
		if (this.end - this.start !== length) {
			throw malformed(`attribute ${this.type} has ${this.end - this.start} bytes instead of ${length}`);
		}
		return this.start;
	}
}

/** The big-endian 64-bit number at `offset`, which must be inside. @throws OctroiError `netlink_malformed` from 2^53 on */
export function exact64(bytes: Buffer, offset: number): number {
	const high = bytes.readUInt32BE(offset);
	if (high >= 0x20_0000) throw malformed('a 64-bit value of 2^53 or more, which is not exact in a number');
	return high * 0x1_0000_0000 + bytes.readUInt32BE(offset + 4);
}

/** Builds a payload: family header first, then attributes. One buffer, which grows. */
export class AttributeWriter {
	#bytes: Buffer;
	#length: number;

	/** @param familyHeader what stands between nlmsghdr and the attributes (nfgenmsg, ifinfomsg, ndmsg …) */
	constructor(familyHeader: Uint8Array, sizeHint = 128) {
		this.#bytes = Buffer.alloc(Math.max(sizeHint, familyHeader.length));
		this.#bytes.set(familyHeader);
		this.#length = familyHeader.length;
	}

	get length(): number {
		return this.#length;
	}

	/** The payload; a view on the writer's own memory, so that nothing more is to be written after it. */
	payload(): Buffer {
		return this.#bytes.subarray(0, this.#length);
	}

	bytes(type: number, value: Uint8Array): this {
		const at = this.#header(type, value.length);
		this.#bytes.set(value, at);
		return this;
	}

	string(type: number, value: string): this {
		const at = this.#header(type, value.length + 1);
		this.#bytes.write(value, at, 'latin1');
		return this;
	}

	u32be(type: number, value: number): this {
		const at = this.#header(type, 4);
		this.#bytes.writeUInt32BE(value, at);
		return this;
	}

	u32le(type: number, value: number): this {
		const at = this.#header(type, 4);
		this.#bytes.writeUInt32LE(value, at);
		return this;
	}

	u64be(type: number, value: number): this {
		if (!Number.isSafeInteger(value) || value < 0) {
			throw new OctroiError('invalid_value', `${value} is not a whole number from 0 to 2^53 - 1`);
		}
		const at = this.#header(type, 8);
		this.#bytes.writeUInt32BE(Math.floor(value / 0x1_0000_0000), at);
		this.#bytes.writeUInt32BE(value % 0x1_0000_0000, at + 4);
		return this;
	}

	/** An attribute whose value are the attributes that `write` adds. */
	nested(type: number, write: (writer: this) => void): this {
		const at = this.begin(type);
		write(this);
		this.finish(at);
		return this;
	}

	/** Opens a nested attribute; what it answers goes to {@link finish}. For loops that would otherwise make closures. */
	begin(type: number): number {
		return this.#header(type, 0) - HEADER_BYTES;
	}

	finish(at: number): void {
		const length = this.#length - at;
		if (length > ATTRIBUTE_BYTES_MAX) throw tooLong(length);
		this.#bytes.writeUInt16LE(length, at);
	}

	#header(type: number, length: number): number {
		if (length + HEADER_BYTES > ATTRIBUTE_BYTES_MAX) throw tooLong(length);
		const at = this.#length;
		this.#length = at + HEADER_BYTES + align(length);
		if (this.#length > this.#bytes.length) {
			const larger = Buffer.alloc(Math.max(this.#length, this.#bytes.length * 2));
			larger.set(this.#bytes.subarray(0, at));
			this.#bytes = larger;
		}
		this.#bytes.writeUInt16LE(HEADER_BYTES + length, at);
		this.#bytes.writeUInt16LE(type, at + 2);
		return at + HEADER_BYTES;
	}
}

function malformed(message: string): OctroiError {
	return new OctroiError('netlink_malformed', message);
}

function tooLong(length: number): OctroiError {
	return new OctroiError('invalid_value', `an attribute of ${length} bytes does not fit into its 16-bit length`);
}
