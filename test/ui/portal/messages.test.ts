import test from 'ava';
import { PORTAL_LANGUAGES } from '../../../agent/config/portal-options.ts';
import { isLanguage, LANGUAGE_TAGS, LANGUAGES, negotiateLanguage } from '../../../ui/portal/language.ts';
import { en } from '../../../ui/portal/messages/en.ts';
import type { MessageKey, Messages, Plural } from '../../../ui/portal/messages/message.ts';
import { translator } from '../../../ui/portal/translate.ts';
import { sourceFiles } from '../../source-tree.ts';

const keys = Object.keys(en) as MessageKey[];

for (const tag of LANGUAGE_TAGS) {
	const messages: Messages = LANGUAGES[tag].messages;

	test(`${tag} has every message, none that is empty, and no other`, (t) => {
		t.deepEqual(Object.keys(messages).toSorted(), keys.toSorted());
		for (const key of keys) for (const text of textsOf(messages[key])) t.regex(text, /\S/, key);
	});

	test(`${tag} has the same placeholders as English`, (t) => {
		for (const key of keys) {
			const expected = placeholdersOf(textsOf(en[key])[0] as string);
			for (const text of textsOf(messages[key])) t.deepEqual(placeholdersOf(text), expected, `${key}: ${text}`);
		}
	});

	test(`${tag} has a form for each of its plural categories, and none that is never used`, (t) => {
		const { pluralCategories } = new Intl.PluralRules(tag).resolvedOptions();
		for (const key of keys) {
			const message = messages[key];
			if (typeof message !== 'string') t.deepEqual(Object.keys(message).toSorted(), pluralCategories.toSorted(), key);
		}
	});

	if (tag !== 'en') {
		test(`${tag} is translated`, (t) => {
			const same = keys.filter((key) => JSON.stringify(messages[key]) === JSON.stringify(en[key]));
			// Some words are the same in several languages.
			t.true(same.length <= 12, same.join());
		});
	}
}

test('the configuration offers exactly the languages that there are', (t) => {
	t.deepEqual([...PORTAL_LANGUAGES], LANGUAGE_TAGS);
});

test('every message is used', (t) => {
	const code = sourceFiles('ui', 'agent/portal')
		.filter(({ path }) => !path.includes('/messages/'))
		.map((file) => file.code)
		.join('\n');
	t.deepEqual(
		keys.filter((key) => !code.includes(`'${key}'`) && !/^state_/.test(key)),
		[],
	);
});

const ASKED: [string | undefined, string][] = [
	[undefined, 'en'],
	['', 'en'],
	['es-419,es;q=0.9,en;q=0.8', 'es'],
	['en;q=0.3, ar;q=0.9', 'ar'],
	['pt-BR', 'pt'],
	['tl', 'fil'],
	['in-ID', 'id'],
	['fr;q=0', 'en'],
	['fr;q=5, sw;q=0.1', 'fr'],
	['zh-CN, zh', 'en'],
	['*', 'en'],
	['es_ES', 'es'],
	['es_ES.UTF-8', 'es'],
	['pt_BR.UTF-8@euro;q=0.9, en;q=0.8', 'pt'],
	['zh-Hant-TW', 'en'],
	['zh-Hant-TW, hi-Deva-IN;q=0.5', 'hi'],
	['pt-BR;q=', 'pt'],
	['pt-BR;q=abc, fr;q=0.5', 'pt'],
	['pt-BR; q = 0.1, fr ; q=0.9', 'fr'],
	['sw;q=0.5, *;q=0.8', 'sw'],
	['*;q=0.1, sw', 'sw'],
	['en;q=0', 'es'],
	['en;q=0, *', 'es'],
	['en-US;q=0', 'en'],
	['*;q=0', 'en'],
	['tl-PH', 'fil'],
	['in_ID', 'id'],
	['i-klingon, x-fr', 'en'],
	['-, _, ;, ,', 'en'],
	['FR-ca', 'fr'],
	['__proto__', 'en'],
	[`${'x,'.repeat(10_000)}fr`, 'en'],
];
for (const [header, tag] of ASKED) {
	test(`who asks for ${JSON.stringify(header)?.slice(0, 40)} gets ${tag}`, (t) => {
		t.is(negotiateLanguage(header, LANGUAGE_TAGS), tag as never);
	});
}

test('what the venue does not offer is not spoken', (t) => {
	t.is(negotiateLanguage('fr', ['sw', 'en']), 'sw');
	t.false(isLanguage('constructor'));
});

test('a count chooses the form and is written in the digits of the language', (t) => {
	t.is(translator('en')('devices_count', { count: 1 }), '1 device shares this credit.');
	t.is(translator('en')('devices_count', { count: 2 }), '2 devices share this credit.');
	t.is(translator('ar')('devices_count', { count: 2 }), 'جهازان (2) على هذا الرصيد.');
	t.is(translator('ar')('devices_count', { count: 3 }), '3 أجهزة على هذا الرصيد.');
});

function textsOf(message: string | Plural): string[] {
	return typeof message === 'string' ? [message] : Object.values(message);
}

function placeholdersOf(text: string): string[] {
	return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string).toSorted();
}
