import { drop } from './ruleset-refusals.ts';

/** The chains that {@link limits} goes to. @param mark the flow's mark, without the bits of others */
export function limitChains(mark: string): string[] {
	const both = [slowedChain, partChains, pacedChain];
	return both.flatMap((chain) => [...chain('up', mark), ...chain('down', mark)]);
}

/**
 * The limits of one direction, in the order in which they are spent. Each counts what it lets through in the same rule, which
 * costs less for each packet than a chain to go to.
 */
export function limits(counters: 'up_of' | 'down_of', mark: string): string[] {
	const pass = count(counters, mark);
	const direction = counters === 'up_of' ? 'up' : 'down';
	return [
		`\t\tquota name ${mark} map @grant_of ${pass}`,
		`\t\tquota name ${mark} map @reserve_of ${pass}`,
		`\t\t${mark} @timed ${pass}`,
		`\t\tlimit name ${mark} map @pace_${counters} goto paced_${direction}`,
		// Faster than its speed: no rule below may let it pass.
		`\t\tmeta priority set ${mark} map @pace_class_of ${drop('pace')}`,
		...partRules(direction, mark),
		...slowRule(direction, mark),
	];
}

/** Fair use, after the last byte. */
function slowRule(direction: 'up' | 'down', mark: string): string[] {
	return [`\t\tlimit name ${mark} map @slow_${direction}_of goto slowed_${direction}`];
}

/**
 * The limit before it is the tail of a queue: it lets pass what a queue of its burst, served at its rate, would have room for.
 * Where there is such a queue (a class of the shaper), that holds all of it, and nothing is dropped after it was counted.
 */
function slowedChain(direction: 'up' | 'down', mark: string): string[] {
	return [
		`\tchain slowed_${direction} {`,
		`\t\tmeta priority set ${mark} map @slow_class_of`,
		`\t\t${count(`${direction}_of`, mark)}`,
		`\t\t${drop('uncounted')}`,
		'\t}',
	];
}

/** Flows of a class with limits of its own, own or tethered ones: at first within a part of the package, then slowed, or not at all. */
function partRules(direction: 'up' | 'down', mark: string): string[] {
	return [
		`\t\tquota name ${mark} map @part_left_of goto part_${direction}`,
		`\t\tlimit name ${mark} map @part_pace_${direction}_of goto part_slowed_${direction}`,
		`\t\tmeta priority set ${mark} map @part_class_of ${drop('class_pace')}`,
	];
}

/** They spend what the account's other flows spend. */
function partChains(direction: 'up' | 'down', mark: string): string[] {
	const pass = count(`${direction}_of`, mark);
	return [
		`\tchain part_slowed_${direction} {`,
		`\t\tmeta priority set ${mark} map @part_class_of`,
		`\t\tgoto part_${direction}`,
		'\t}',
		`\tchain part_${direction} {`,
		`\t\tquota name ${mark} map @part_grant_of ${pass}`,
		`\t\tquota name ${mark} map @part_reserve_of ${pass}`,
		`\t\t${mark} @part_timed ${pass}`,
		...slowRule(direction, mark),
		`\t\tgoto spent_${direction}`,
		'\t}',
	];
}

/** What is slow enough may spend; what is too fast never gets here, so its quotas do not count it. */
function pacedChain(direction: 'up' | 'down', mark: string): string[] {
	const pass = count(`${direction}_of`, mark);
	return [
		`\tchain paced_${direction} {`,
		`\t\tmeta priority set ${mark} map @pace_class_of`,
		`\t\tquota name ${mark} map @paced_grant_of ${pass}`,
		`\t\tquota name ${mark} map @paced_reserve_of ${pass}`,
		`\t\t${mark} @paced_timed ${pass}`,
		...partRules(direction, mark),
		...slowRule(direction, mark),
		`\t\tgoto spent_${direction}`,
		'\t}',
	];
}

export function count(counters: 'up_of' | 'down_of', mark: string): string {
	return `counter name ${mark} map @${counters} accept`;
}
