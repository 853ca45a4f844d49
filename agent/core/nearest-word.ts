/** Longer words are not compared: the work grows with the product of the lengths. */
const WORD_CHARACTERS_MAX = 64;

/** The candidate that a person most likely meant, or undefined when none is near (at most a third of its letters differ). */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
	if (word.length > WORD_CHARACTERS_MAX) {
		return undefined;
	}
	let nearest: string | undefined;
	let nearestDistance = Number.POSITIVE_INFINITY;
	for (const candidate of candidates) {
		const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
		if (distance < nearestDistance && distance <= Math.max(1, Math.floor(candidate.length / 3))) {
			nearest = candidate;
			nearestDistance = distance;
		}
	}
	return nearest;
}

/** Single letters added, removed, replaced, or swapped with their neighbour (Damerau, "optimal string alignment"). */
function editDistance(left: string, right: string): number {
	let before: number[] = [];
	let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
	for (let row = 1; row <= left.length; row += 1) {
		const current = [row];
		for (let column = 1; column <= right.length; column += 1) {
			const same = left[row - 1] === right[column - 1];
			let distance = Math.min(
				(previous[column] as number) + 1,
				(current[column - 1] as number) + 1,
				(previous[column - 1] as number) + (same ? 0 : 1),
			);
			if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
				distance = Math.min(distance, (before[column - 2] as number) + 1);
			}
			current.push(distance);
		}
		before = previous;
		previous = current;
	}
	return previous[right.length] as number;
}
