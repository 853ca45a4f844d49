/** Trials of one shrinking: each is a run of the parser. */
const TRIALS_MAX = 20_000;

/**
 * The smallest input that still fails: pieces are taken out, longest first, and what is left is made plain, until nothing more can go
 * (delta debugging, Zeller and Hildebrandt 2002).
 */
export async function shrink(input: Buffer, fails: (candidate: Buffer) => Promise<boolean>): Promise<Buffer> {
	let smallest = input;
	let trials = 0;
	const accept = async (candidate: Buffer) => {
		trials++;
		if (!(await fails(candidate))) return false;
		smallest = candidate;
		return true;
	};
	for (let hasShrunk = true; hasShrunk && trials < TRIALS_MAX; ) {
		hasShrunk = false;
		for (let length = smallest.length; length >= 1; length = Math.floor(length / 2)) {
			for (let at = 0; at + length <= smallest.length && trials < TRIALS_MAX; ) {
				const without = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + length)]);
				if (await accept(without)) hasShrunk = true;
				else at += length;
			}
		}
		for (let at = 0; at < smallest.length && trials < TRIALS_MAX; at++) {
			for (const plain of [0, 0x20, 0x61]) {
				if (smallest[at] === plain || (smallest[at] as number) < plain) continue;
				const candidate = Buffer.from(smallest);
				candidate[at] = plain;
				if (await accept(candidate)) {
					hasShrunk = true;
					break;
				}
			}
		}
	}
	return smallest;
}
