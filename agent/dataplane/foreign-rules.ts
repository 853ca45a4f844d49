import { TABLE } from './names.ts';

/**
 * A rule or a chain of somebody else that keeps packets from being metered as they should be:
 * `mark` writes bits of the conntrack mark that are ours; `untracked` takes packets from conntrack, so they have no mark;
 * `bypass` takes them past the forward hook; `after` drops what was counted before; `opaque` does one of the first two, perhaps:
 * a target of xtables, of which nft does not say what it does.
 */
export type ForeignRule = {
	readonly kind: 'mark' | 'untracked' | 'bypass' | 'after' | 'opaque';
	/** Family, table and chain, and the rule's handle: `inet shaper forward handle 7`. */
	readonly where: string;
	/** What it does, for people; goes on behind `where`. */
	readonly does: string;
};

/** The forward hook's priority at which our rules count. */
const OUR_PRIORITY = 10;
/** Rules beyond these are not looked at: a ruleset is a person's, and has some hundreds. */
const ENTRIES_MAX = 100_000;
/** More is of no use to anybody. */
const FOUND_MAX = 50;
/** Nested deeper is nothing that nft prints. */
const DEPTH_MAX = 16;
const ALL_BITS = 0xffff_ffff;
/** Targets of xtables (iptables-nft) that write the conntrack mark, or keep packets from conntrack. */
const OPAQUE_TARGETS = /^(?:CONNMARK|CONNSECMARK|CT|NOTRACK|FLOWOFFLOAD)$/;

type Fields = Readonly<Record<string, unknown>>;
type Chain = { readonly where: string; readonly fields: Fields; readonly rules: Fields[] };

/**
 * Finds the rules of others that the meter suffers from, in the order in which nft lists them.
 *
 * @param ruleset what `nft -j list ruleset` prints, parsed (libnftables-json(5)); names in it are other programs', so hostile
 * @param mask our bits of the conntrack mark
 * @returns at most 50
 */
export function foreignRules(ruleset: unknown, mask: number): ForeignRule[] {
	const chains = chainsOf(ruleset);
	const found: ForeignRule[] = [];
	for (const chain of chains.values()) {
		for (const rule of chain.rules) found.push(...judgeRule(chain, rule, mask));
		const after = dropsAfter(chain, chains);
		if (after !== undefined) found.push({ kind: 'after', where: chain.where, does: after });
	}
	return found.slice(0, FOUND_MAX);
}

/** Chains of other tables with their rules, by family, table and name. */
function chainsOf(ruleset: unknown): ReadonlyMap<string, Chain> {
	const chains = new Map<string, Chain>();
	const entries = arrayOf(fieldsOf(ruleset).nftables).slice(0, ENTRIES_MAX).map(fieldsOf);
	for (const { chain: given } of entries) {
		if (given === undefined || isOurs(fieldsOf(given))) continue;
		const fields = fieldsOf(given);
		const where = placeOf(fields, fields.name);
		chains.set(where, { where, fields, rules: [] });
	}
	for (const { rule } of entries) {
		if (rule !== undefined) chains.get(placeOf(fieldsOf(rule), fieldsOf(rule).chain))?.rules.push(fieldsOf(rule));
	}
	return chains;
}

function isOurs({ family, table }: Fields): boolean {
	return family === 'inet' && table === TABLE;
}

function placeOf({ family, table }: Fields, chain: unknown): string {
	return [family, table, chain].map(textOf).join(' ');
}

function judgeRule({ where: chain }: Chain, rule: Fields, mask: number): ForeignRule[] {
	const where = `${chain} handle ${textOf(rule.handle)}`;
	const found: ForeignRule[] = [];
	for (const statement of arrayOf(rule.expr).map(fieldsOf)) {
		const bits = (writtenBits(statement) & mask) >>> 0;
		if (bits !== 0) found.push({ kind: 'mark', where, does: `writes the bits ${hex(bits)} of the conntrack mark` });
		if ('notrack' in statement)
			found.push({ kind: 'untracked', where, does: 'keeps packets from conntrack (notrack)' });
		if ('flow' in statement)
			found.push({ kind: 'bypass', where, does: 'takes flows past the forward hook (flow offload)' });
		if ('fwd' in statement) found.push({ kind: 'bypass', where, does: 'forwards packets past all hooks (fwd)' });
		const { name } = fieldsOf(statement.xt);
		if (typeof name === 'string' && OPAQUE_TARGETS.test(name)) {
			found.push({
				kind: 'opaque',
				where,
				does: `has the target ${name} of iptables, of which nft does not say what it does`,
			});
		}
	}
	return found;
}

/** The bits of the conntrack mark that a statement may change. */
function writtenBits(statement: Fields): number {
	const { key, value } = fieldsOf(statement.mangle);
	return isMark(key) ? changedBits(value, 0) : 0;
}

function isMark(expression: unknown): boolean {
	return fieldsOf(fieldsOf(expression).ct).key === 'mark';
}

/** Of an expression that becomes the mark: the bits in which it may differ from the mark that was. */
function changedBits(expression: unknown, depth: number): number {
	if (isMark(expression)) return 0;
	const [operator, left, right] = operationOf(expression);
	if (operator === undefined || depth > DEPTH_MAX) return ALL_BITS;
	const keptLeft = changedBits(left, depth + 1);
	const keptRight = changedBits(right, depth + 1);
	// What comes from the mark itself on one side, and what the other side can have.
	const [kept, other] = keptLeft <= keptRight ? [keptLeft, right] : [keptRight, left];
	if (operator === '|' || operator === '^') return (kept | possibleBits(other, depth + 1)) >>> 0;
	if (operator === '&') return typeof other === 'number' ? (kept | ~other) >>> 0 : ALL_BITS;
	return ALL_BITS;
}

/** The bits that an expression can have set. */
function possibleBits(expression: unknown, depth: number): number {
	if (typeof expression === 'number') return expression >>> 0;
	const [operator, left, right] = operationOf(expression);
	if (operator === undefined || depth > DEPTH_MAX) return ALL_BITS;
	const one = possibleBits(left, depth + 1);
	const two = possibleBits(right, depth + 1);
	if (operator === '&') return (one & two) >>> 0;
	return operator === '|' || operator === '^' ? (one | two) >>> 0 : ALL_BITS;
}

function operationOf(expression: unknown): [string | undefined, unknown, unknown] {
	for (const operator of ['|', '&', '^', '<<', '>>']) {
		const operands = fieldsOf(expression)[operator];
		if (!Array.isArray(operands)) continue;
		// From nft 1.1 on an operation may have more than two operands: (a | b) | c.
		const [first, ...rest] = operands as unknown[];
		const left = rest.length > 1 ? { [operator]: operands.slice(0, -1) } : first;
		return [operator, left, rest.at(-1)];
	}
	return [undefined, undefined, undefined];
}

/** What a chain of the forward hook behind ours drops was counted: it is charged, and does not arrive. */
function dropsAfter(chain: Chain, chains: ReadonlyMap<string, Chain>): string | undefined {
	const { hook, prio, policy, family } = chain.fields;
	const isBehind = typeof prio === 'number' && ((hook === 'forward' && prio > OUR_PRIORITY) || hook === 'postrouting');
	if (!isBehind || !['inet', 'ip', 'ip6'].includes(textOf(family))) return undefined;
	const drops = policy === 'drop' || reaches(chain, chains, new Set());
	return drops
		? `drops packets after they were counted (${hook}, priority ${prio}): they are charged and do not arrive`
		: undefined;
}

function reaches(chain: Chain, chains: ReadonlyMap<string, Chain>, seen: Set<string>): boolean {
	if (seen.has(chain.where)) return false;
	seen.add(chain.where);
	for (const statement of chain.rules.flatMap(({ expr }) => arrayOf(expr)).map(fieldsOf)) {
		if ('drop' in statement || 'reject' in statement) return true;
		const { target } = fieldsOf(statement.jump ?? statement.goto);
		const next = target === undefined ? undefined : chains.get(placeOf(chain.fields, target));
		if (next && reaches(next, chains, seen)) return true;
	}
	return false;
}

function fieldsOf(value: unknown): Fields {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function arrayOf(value: unknown): unknown[] {
	return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
	return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 128) : '?';
}

function hex(bits: number): string {
	return `0x${bits.toString(16).padStart(8, '0')}`;
}
