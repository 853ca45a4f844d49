import { LANGUAGES, type LanguageTag } from './language.ts';
import type { MessageKey, Messages } from './messages/message.ts';
import { once } from './once.ts';

/** What is put into a sentence. `count` also chooses the plural form. */
export type Values = Readonly<Record<string, string | number>>;

export type Translate = (key: MessageKey, values?: Values) => string;

const translators = new Map<LanguageTag, Translate>();

/** The sentences of a language, as plain text: escape it when it is drawn. */
export function translator(tag: LanguageTag): Translate {
	const known = translators.get(tag);
	if (known) return known;
	const made = makeTranslator(tag);
	translators.set(tag, made);
	return made;
}

function makeTranslator(tag: LanguageTag): Translate {
	const messages: Messages = LANGUAGES[tag].messages;
	const plural = once(() => new Intl.PluralRules(tag));
	const number = once(() => new Intl.NumberFormat(tag));
	return (key, values = {}) => {
		const message = messages[key];
		const text =
			typeof message === 'string' ? message : (message[plural().select(Number(values.count ?? 0))] ?? message.other);
		return text.replace(/\{(\w+)\}/g, (_, name: string) => {
			const value = values[name];
			return typeof value === 'number' ? number().format(value) : (value ?? '');
		});
	};
}
