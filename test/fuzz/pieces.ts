import type { SeededRandom } from '../fakes/seeded-random.ts';

/** Bytes that no grammar makes. */
export function randomBytes(random: SeededRandom, most: number): Buffer {
	const bytes = Buffer.alloc(random.between(0, most));
	for (let at = 0; at < bytes.length; at++) bytes[at] = random.between(0, 255);
	return bytes;
}

/** A word of these characters. */
export function randomWord(random: SeededRandom, characters: string, most: number): string {
	let word = '';
	for (let length = random.between(0, most); length > 0; length--) {
		word += characters[random.between(0, characters.length - 1)];
	}
	return word;
}

export function randomMac(random: SeededRandom): string {
	const pair = () => random.between(0, 255).toString(16).padStart(2, '0');
	return `02:${pair()}:${pair()}:${pair()}:${pair()}:${pair()}`;
}

/** Type, length, value: the length right, or nearly. @param isWhole the length counts type and length too, as in TCP and in attributes */
export function typeLengthValue(
	random: SeededRandom,
	types: readonly number[],
	{ isWhole, unit = 1, most = 40 }: { isWhole: boolean; unit?: number; most?: number },
): Buffer {
	const value = Buffer.alloc(random.between(0, most), random.between(0, 255));
	const length =
		Math.ceil((value.length + (isWhole ? 2 : 0)) / unit) + (random.chance(0.1) ? random.between(-2, 2) : 0);
	const padding = Buffer.alloc(isWhole && unit > 1 ? Math.max(0, length * unit - 2 - value.length) : 0);
	return Buffer.concat([Buffer.from([random.pick(types), length & 0xff]), value, padding]);
}
