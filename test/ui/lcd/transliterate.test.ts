import test from 'ava';
import { transliterate } from '../../../ui/lcd/transliterate.ts';

const becomes = test.macro((t, text: string, ascii: string) => t.is(transliterate(text), ascii));

test('letters lose their marks', becomes, 'Zoë Łukasz Ærø Straße', 'Zoe Lukasz Aero Strasse');
test('Greek and Cyrillic become Latin', becomes, 'Ωμέγα Щука Жук', 'Omega Shchuka Zhuk');
test('scripts that we cannot write are one question mark', becomes, '東京カフェ 1', '? 1');
test('right-to-left text and marks of direction do no harm', becomes, 'a\u202e\u05d0\u05d1\u200fb', 'a?b');
test('escape sequences lose their escape', becomes, '\u001b[31mred\u0007', '?[31mred?');
test('wide and joined signs are single', becomes, 'Ａ１👩‍👩‍👧', 'A1?');
test('marks without a letter vanish', becomes, 'a\u0301\u0301\u0301b', 'ab');
test('what an HD44780 shows as something else is replaced', becomes, 'C:\\x~y', 'C:/x-y');
test('quotes, dashes, money', becomes, '“5 €” – ‘½’', '"5 EUR" - \'1/2\'');
