/** DNS messages, as far as the lab needs them (RFC 1035, 4.1; RFC 6891, 6.1.2). */

export const TYPE = { A: 1, TXT: 16, AAAA: 28, OPT: 41 } as const;
const CLASS_IN = 1;
const HEADER_BYTES = 12;
const FLAGS_QUESTION = 0x0100;
const FLAGS_ANSWER = 0x8580;
/** What dnsmasq and most resolvers announce. */
const UDP_BYTES_MAX = 1232;
/** A pointer to the question's name. */
const NAME_POINTER = 0xc00c;
const TTL_SECONDS = 60;
const TEXT_BYTES_MAX = 255;
/** Before a record's data: a pointer, type, class, time to live and length. */
const RECORD_BYTES = 12;
/** What the resolver adds to an answer. */
const OPTION_BYTES = 11;

export type Question = { id: number; name: string; type: number };

/** `isExtended`: long answers are wanted. Telephones and most computers do not say so. */
export function encodeQuestion({ id, name, type, isExtended }: Question & { isExtended: boolean }): Buffer {
	const option = Buffer.alloc(isExtended ? OPTION_BYTES : 0);
	if (isExtended) {
		option.writeUInt16BE(TYPE.OPT, 1);
		option.writeUInt16BE(UDP_BYTES_MAX, 3);
	}
	const first = header(id, FLAGS_QUESTION, 0, isExtended ? 1 : 0);
	return Buffer.concat([first, encodeName(name), words(type, CLASS_IN), option]);
}

/** The first question, of a question or an answer. */
export function decodeQuestion(message: Buffer): Question & { end: number; answers: number } {
	const labels: string[] = [];
	let at = HEADER_BYTES;
	for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
		labels.push(message.toString('latin1', at + 1, at + 1 + length));
		at += 1 + length;
	}
	return {
		id: message.readUInt16BE(0),
		answers: message.readUInt16BE(6),
		name: labels.join('.'),
		type: message.readUInt16BE(at + 1),
		end: at + 5,
	};
}

/** An answer with one record, or with none. */
export function encodeAnswer(question: Question, data: Buffer | undefined): Buffer {
	const asked = [encodeName(question.name), words(question.type, CLASS_IN)];
	if (data === undefined) return Buffer.concat([header(question.id, FLAGS_ANSWER, 0, 0), ...asked]);
	const record = Buffer.alloc(6);
	record.writeUInt32BE(TTL_SECONDS);
	record.writeUInt16BE(data.length, 4);
	return Buffer.concat([
		header(question.id, FLAGS_ANSWER, 1, 0),
		...asked,
		words(NAME_POINTER, question.type, CLASS_IN),
		record,
		data,
	]);
}

/** The data of a TXT record: texts of at most 255 bytes, as much as a datagram has room for beside this question. */
export function textData({ end }: { end: number }): Buffer {
	const room = UDP_BYTES_MAX - end - RECORD_BYTES - OPTION_BYTES;
	const bytes = room - Math.ceil(room / (TEXT_BYTES_MAX + 1));
	const parts: Buffer[] = [];
	for (let left = bytes; left > 0; left -= TEXT_BYTES_MAX) {
		const length = Math.min(left, TEXT_BYTES_MAX);
		parts.push(Buffer.from([length]), Buffer.alloc(length, 'x'));
	}
	return Buffer.concat(parts);
}

function header(id: number, flags: number, answers: number, additional: number): Buffer {
	return words(id, flags, 1, answers, 0, additional);
}

function encodeName(name: string): Buffer {
	const labels = name
		.split('.')
		.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]));
	return Buffer.concat([...labels, Buffer.from([0])]);
}

function words(...values: number[]): Buffer {
	const bytes = Buffer.alloc(values.length * 2);
	for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
	return bytes;
}
