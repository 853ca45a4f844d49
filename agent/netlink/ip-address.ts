import { OctroiError } from '../core/octroi-error.ts';

/**
 * The text of 4 bytes (IPv4) or 16 bytes (IPv6, RFC 5952: lower case, the longest run of zeros as `::`).
 *
 * @throws OctroiError `netlink_malformed` for every other length
 */
export function ipAddressText(bytes: Uint8Array): string {
	if (bytes.length === 4) return bytes.join('.');
	if (bytes.length !== 16) throw new OctroiError('netlink_malformed', `an address of ${bytes.length} bytes`);
	const words: string[] = [];
	for (let at = 0; at < 16; at += 2)
		words.push((((bytes[at] as number) << 8) | (bytes[at + 1] as number)).toString(16));
	const { start, length } = longestZeros(words);
	if (length < 2) return words.join(':');
	return `${words.slice(0, start).join(':')}::${words.slice(start + length).join(':')}`;
}

/** The bytes of an address as {@link ipAddressText} writes it. */
export function ipAddressBytes(text: string): Buffer {
	if (!text.includes(':')) return Buffer.from(text.split('.').map(Number));
	const [head = '', tail] = text.split('::');
	const words = (part: string) => (part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16)));
	const first = words(head);
	const last = words(tail ?? '');
	const bytes = Buffer.alloc(16);
	for (const [index, word] of first.entries()) bytes.writeUInt16BE(word, 2 * index);
	for (const [index, word] of last.entries()) bytes.writeUInt16BE(word, 16 - 2 * (last.length - index));
	return bytes;
}

/** The first of the longest runs. */
function longestZeros(words: readonly string[]): { start: number; length: number } {
	let best = { start: 0, length: 0 };
	for (let start = 0; start < words.length; start++) {
		let length = 0;
		while (words[start + length] === '0') length++;
		if (length > best.length) best = { start, length };
	}
	return best;
}
