/** Addresses as the kernel and Node write them, so that they can be compared as text (IPv6: RFC 5952). */
export function addressText(bytes: Buffer): string {
	return bytes.length === 4 ? bytes.join('.') : ipv6Text(bytes);
}

function ipv6Text(bytes: Buffer): string {
	const words = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2));
	const { start, length } = longestZeros(words);
	const text = (part: number[]) => part.map((word) => word.toString(16)).join(':');
	if (length < 2) return text(words);
	return `${text(words.slice(0, start))}::${text(words.slice(start + length))}`;
}

/** The first of the longest runs of zeros. */
function longestZeros(words: readonly number[]): { start: number; length: number } {
	let best = { start: 0, length: 0 };
	for (let start = 0; start < words.length; start++) {
		let end = start;
		while (words[end] === 0) end++;
		if (end - start > best.length) best = { start, length: end - start };
	}
	return best;
}
