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
 * The language that a browser asks for (RFC 9110, 12.5.4): the one with the highest quality that we have and offer.
 *
 * @param offered in the order of the venue's preference; the first is taken when nothing fits
 */
export function negotiateLanguage(header: string | undefined, offered: readonly LanguageTag[]): LanguageTag {
	let best: { tag: LanguageTag; quality: number } | undefined;
	for (const part of (header ?? '').slice(0, HEADER_CHARACTERS_MAX).split(',')) {
		const [range = '', ...parameters] = part.trim().toLowerCase().split(';');
		const primary = range.trim().split('-')[0] as string;
		const tag = ALIASES.get(primary) ?? primary;
		const weight = parameters.map((text) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(text)?.[1]).find(Boolean);
		const quality = Number(weight ?? 1);
		if (quality > (best?.quality ?? 0) && isLanguage(tag) && offered.includes(tag)) best = { tag, quality };
	}
	return best?.tag ?? offered[0] ?? 'en';
}

export function isLanguage(text: string): text is LanguageTag {
	return Object.hasOwn(LANGUAGES, text);
}
