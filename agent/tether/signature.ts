import type { System } from './system.ts';

/** How the window of a SYN comes about. */
export type WindowRule =
	| { readonly kind: 'any' }
	| { readonly kind: 'bytes'; readonly value: number }
	| { readonly kind: 'mss'; readonly value: number }
	| { readonly kind: 'mtu'; readonly value: number }
	| { readonly kind: 'modulo'; readonly value: number };

/** One line of a database in p0f's format: what the SYN of one system looks like. */
export type Signature = {
	/** For people: `Linux 3.11 and newer`. */
	readonly label: string;
	readonly system: System;
	/** Tells one version; the others are for what is left. */
	readonly isSpecific: boolean;
	/** A tool that makes its packets itself: says nothing about the system under it. */
	readonly isTool: boolean;
	/** Undefined: both. */
	readonly version: 4 | 6 | undefined;
	/** The hop limit at its start. */
	readonly start: number;
	readonly mss: number | undefined;
	readonly window: WindowRule;
	readonly scale: number | undefined;
	/** As {@link SynOptions} has it. */
	readonly layout: string;
	/** The line itself. */
	readonly text: string;
};

const LAYOUT_WORD = /^(?:mss|nop|ws|sok|sack|ts|eol(?:\+\d{1,2})?|\?\d{1,3})$/;
const QUIRKS: ReadonlySet<string> = new Set(
	'df id+ id- ecn 0+ flow seq- ack+ ack- uptr+ urgf+ pushf+ ts1- ts2+ opt+ exws bad'.split(' '),
);
const PAYLOAD_CLASSES: ReadonlySet<string> = new Set(['0', '+', '*']);
/** RFC 7323, 2.3. */
const SCALE_MAX = 14;

export type SignatureLabel = Pick<Signature, 'label' | 'system' | 'isSpecific' | 'isTool'>;

/**
 * `ver:ittl:olen:mss:wsize,scale:olayout:quirks:pclass`, as p0f's README, section 5, describes it.
 * Quirks and payload class must be well-formed, and are not used: they change where addresses are translated.
 * @returns what is wrong, in words, where it is not well-formed
 */
export function parseSignature(text: string, label: SignatureLabel): Signature | string {
	const fields = text.split(':');
	if (fields.length !== 8) return `${fields.length} fields instead of 8`;
	const [version, start, optionsLength, mss, windowAndScale, layout, quirks, payload] = fields as FieldsOfSignature;
	if (!/^[46*]$/.test(version)) return `version ${version}`;
	const startValue = startOf(start);
	if (startValue === undefined) return `hop limit ${start}`;
	if (!/^\d{1,2}$/.test(optionsLength)) return `options length ${optionsLength}`;
	if (!/^(?:\*|\d{1,5})$/.test(mss)) return `MSS ${mss}`;
	const [window, scale] = windowAndScale.split(',') as [string, string | undefined];
	const rule = windowRuleOf(window);
	if (rule === undefined) return `window ${window}`;
	if (scale === undefined || !/^(?:\*|\d{1,2})$/.test(scale)) return `scale ${scale}`;
	const words = layout === '' ? [] : layout.split(',');
	const wrongWord = words.find((word) => !LAYOUT_WORD.test(word));
	if (wrongWord !== undefined) return `option ${wrongWord}`;
	const wrongQuirk = quirks.split(',').find((quirk) => quirk !== '' && !QUIRKS.has(quirk));
	if (wrongQuirk !== undefined) return `quirk ${wrongQuirk}`;
	if (!PAYLOAD_CLASSES.has(payload)) return `payload class ${payload}`;
	return {
		...label,
		version: version === '*' ? undefined : version === '4' ? 4 : 6,
		start: startValue,
		mss: mss === '*' ? undefined : Number(mss),
		window: rule,
		scale: scale === '*' || !words.includes('ws') ? undefined : Math.min(SCALE_MAX, Number(scale)),
		layout: words.map((word) => (word.startsWith('eol') ? 'eol' : word)).join(','),
		text,
	};
}

type FieldsOfSignature = [string, string, string, string, string, string, string, string];

/** `64`, `64-` (may be set by the program), `54+10` (seen, and its distance). */
function startOf(text: string): number | undefined {
	const match = /^(\d{1,3})(?:-|\+(\d{1,3}|\?))?$/.exec(text);
	if (match === null) return undefined;
	const start = Number(match[1]) + (match[2] === undefined || match[2] === '?' ? 0 : Number(match[2]));
	return start >= 1 && start <= 255 ? start : undefined;
}

function windowRuleOf(text: string): WindowRule | undefined {
	if (text === '*') return { kind: 'any' };
	const match = /^(?:(mss|mtu)\*|(%))?(\d{1,5})$/.exec(text);
	if (match === null) return undefined;
	const value = Number(match[3]);
	if (match[1] !== undefined) return { kind: match[1] as 'mss' | 'mtu', value };
	if (match[2] !== undefined) return value > 0 ? { kind: 'modulo', value } : undefined;
	return { kind: 'bytes', value };
}
