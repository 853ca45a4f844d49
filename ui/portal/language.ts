import { ar } from './messages/ar.ts';
import { en } from './messages/en.ts';
import { es } from './messages/es.ts';
import { fil } from './messages/fil.ts';
import { fr } from './messages/fr.ts';
import { hi } from './messages/hi.ts';
import { id } from './messages/id.ts';
import type { Messages } from './messages/message.ts';
import { pt } from './messages/pt.ts';
import { sw } from './messages/sw.ts';

/** Every language of the portal. `tag` is BCP 47; `name` is in the language itself. */
export const LANGUAGES = {
	en: { name: 'English', direction: 'ltr', messages: en },
	es: { name: 'Español', direction: 'ltr', messages: es },
	pt: { name: 'Português', direction: 'ltr', messages: pt },
	fr: { name: 'Français', direction: 'ltr', messages: fr },
	id: { name: 'Bahasa Indonesia', direction: 'ltr', messages: id },
	fil: { name: 'Filipino', direction: 'ltr', messages: fil },
	hi: { name: 'हिन्दी', direction: 'ltr', messages: hi },
	sw: { name: 'Kiswahili', direction: 'ltr', messages: sw },
	ar: { name: 'العربية', direction: 'rtl', messages: ar },
} as const satisfies Record<string, { name: string; direction: 'ltr' | 'rtl'; messages: Messages }>;

export type LanguageTag = keyof typeof LANGUAGES;

export const LANGUAGE_TAGS = Object.keys(LANGUAGES) as LanguageTag[];

/** Old and neighbouring names of the same language (BCP 47 and what browsers of telephones still send). */
const ALIASES: ReadonlyMap<string, LanguageTag> = new Map([
	['tl', 'fil'],
	['in', 'id'],
]);

/** A header longer than this is not read on: it bounds the work. */
const HEADER_CHARACTERS_MAX = 300;

/**
 * The language that a browser asks for (RFC 9110, 12.5.4): of the ranges, in the order of their quality, the first that we have and offer, each
 * shortened from its end (lookup, RFC 4647, 3.4). `*`, and no range that fits, mean the first that is offered and not refused (`q=0`). A weight that is
 * none counts as 1; `es_ES`, as programs with POSIX locales write it, is read as `es-ES`.
 *
 * @param offered in the order of the venue's preference
 */
export function negotiateLanguage(header: string | undefined, offered: readonly LanguageTag[]): LanguageTag {
	const refused = new Set<LanguageTag>();
	let best: { tag: LanguageTag; quality: number } | undefined;
	for (const part of (header ?? '').slice(0, HEADER_CHARACTERS_MAX).split(',')) {
		const [range = '', ...parameters] = part.trim().toLowerCase().split(';');
		const tag = lookUp(range, offered);
		if (tag === undefined) continue;
		const weight = parameters.map((text) => /^\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*$/.exec(text)?.[1]).find(Boolean);
		const quality = Number(weight ?? 1);
		if (quality > (best?.quality ?? 0)) best = { tag, quality };
		if (quality === 0 && tag === range.trim()) refused.add(tag);
	}
	return best?.tag ?? offered.find((tag) => !refused.has(tag)) ?? offered[0] ?? 'en';
}

/** `zh-hant-tw` is looked for as itself, as `zh-hant`, and as `zh`. */
function lookUp(range: string, offered: readonly LanguageTag[]): LanguageTag | undefined {
	// A character set and a modifier of a POSIX locale: `pt_BR.UTF-8@euro`.
	const subtags = range
		.trim()
		.replace(/[.@].*$/, '')
		.split(/[-_]/);
	for (let length = subtags.length; length > 0; length--) {
		const text = subtags.slice(0, length).join('-');
		const tag = ALIASES.get(text) ?? text;
		if (isLanguage(tag) && offered.includes(tag)) return tag;
	}
	return undefined;
}

export function isLanguage(text: string): text is LanguageTag {
	return Object.hasOwn(LANGUAGES, text);
}
