/** One device compares faster than a set of one. */
export function deviceSet(names: readonly string[]): string {
	const quoted = names.map((name) => `"${name}"`);
	return quoted.length === 1 ? (quoted[0] as string) : `{ ${quoted.join(', ')} }`;
}

export function hex(mask: number): string {
	return `0x${mask.toString(16).padStart(8, '0')}`;
}

/** The same rule for both families: `IP` stands for `ip` or `ip6`, a 4 behind `@name#` for its family. */
export function bothFamilies(rule: string): string[] {
	return (['ip', 'ip6'] as const).map((ip) => rule.replaceAll('IP', ip).replaceAll('#', ip === 'ip' ? '4' : '6'));
}

/** The names of a pair of sets or maps, one for each family of addresses. */
export function families(name: string): string[] {
	return [`${name}4`, `${name}6`];
}
