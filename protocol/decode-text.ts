/** What stands at the beginning of a file that tells its encoding (The Unicode Standard, 23.8). */
const MARKS = [
	{ bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
	{ bytes: [0xff, 0xfe], encoding: 'utf-16le' },
	{ bytes: [0xfe, 0xff], encoding: 'utf-16be' },
] as const;

/** So much of a file is looked at to recognise UTF-16 without a mark. */
const SAMPLE_BYTES = 256;

/**
 * The text of a file that a person made or edited: UTF-8, UTF-16 as Windows' editors and spreadsheets save it ("Unicode text"), with and without a
 * byte-order mark. What is neither is read as Latin-1, which every older program means. Never throws; the mark is not part of the text.
 */
export function decodeText(bytes: Uint8Array): string {
	const mark = MARKS.find((candidate) => candidate.bytes.every((byte, index) => bytes[index] === byte));
	const encoding = mark?.encoding ?? unmarkedEncoding(bytes);
	const content = Buffer.from(bytes.subarray(mark?.bytes.length ?? 0));
	if (encoding === 'utf-16be')
		return content
			.subarray(0, content.length & ~1)
			.swap16()
			.toString('utf16le');
	if (encoding === 'utf-16le') return content.toString('utf16le');
	try {
		return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
	} catch {
		return content.toString('latin1');
	}
}

/** Nearly every second byte of such a text in UTF-16 is zero; no text in another encoding has a zero at all. */
function unmarkedEncoding(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
	const sample = bytes.subarray(0, SAMPLE_BYTES);
	let even = 0;
	let odd = 0;
	for (const [index, byte] of sample.entries()) {
		if (byte !== 0) continue;
		if (index % 2 === 0) even += 1;
		else odd += 1;
	}
	const enough = sample.length / 4;
	if (odd > enough && even === 0) return 'utf-16le';
	return even > enough && odd === 0 ? 'utf-16be' : 'utf-8';
}
