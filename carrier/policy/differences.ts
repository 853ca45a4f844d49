/** One place where two values differ. Absent is undefined. */
export type Change = { readonly path: string; readonly before: unknown; readonly after: unknown };

/** Where two JSON values differ, in the order of the paths. Entries of a list are matched by their `name`, if they have one. */
export function differences(before: unknown, after: unknown, path = ''): Change[] {
	if (isBranch(before) && isBranch(after)) {
		const left = membersOf(before);
		const right = membersOf(after);
		const keys = [...new Set([...left.keys(), ...right.keys()])].toSorted();
		return keys.flatMap((key) => differences(left.get(key), right.get(key), path === '' ? key : `${path}.${key}`));
	}
	return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

function isBranch(value: unknown): value is object {
	return typeof value === 'object' && value !== null;
}

function membersOf(value: object): Map<string, unknown> {
	if (!Array.isArray(value)) return new Map(Object.entries(value));
	return new Map(
		value.map((entry, index) => {
			const name = (entry as { name?: unknown } | null)?.name;
			return [typeof name === 'string' ? name : String(index), entry];
		}),
	);
}
