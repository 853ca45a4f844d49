import test from 'ava';
import fc from 'fast-check';
import { findJsonFault } from '../../protocol/json-fault.ts';

const FAULTS: [string, number, number, RegExp][] = [
	['', 1, 1, /^the file is empty$/],
	[' \n', 2, 1, /^the file is empty$/],
	['{\n  "a": 1,\n}', 2, 9, /^a comma stands after the last entry$/],
	['[1, 2,]', 1, 6, /^a comma stands after the last entry$/],
	['[1,,2]', 1, 4, /^an entry is missing between two commas$/],
	['{\n  // the venue\n  "a": 1\n}', 2, 3, /^JSON has no comments$/],
	['{ "a": 1 /* one */ }', 1, 10, /^JSON has no comments$/],
	['# mine\n{}', 1, 1, /^JSON has no comments$/],
	['{ "a": 1, // one\n "b": 2 }', 1, 11, /^JSON has no comments$/],
	['{\r\n"a": 1\r\n"b": 2\r\n}', 3, 1, /^a comma is missing before this entry$/],
	['["a" "b"]', 1, 6, /^a comma is missing before this entry$/],
	['[1 2]', 1, 4, /^a comma is missing before this entry$/],
	['{ \u201ca\u201d: 1 }', 1, 3, /^a name stands in \u201c instead of straight double quotation marks/],
	["{ 'a': 1 }", 1, 3, /^a name stands in ' instead of/],
	['{ "a": \'b\' }', 1, 8, /^a text stands in ' instead of/],
	['{ a: 1 }', 1, 3, /^a name has no quotation marks/],
	['{ "a" = 1 }', 1, 7, /^"=" stands where a colon/],
	['{ "a": }', 1, 8, /^"}" stands where a value is expected$/],
	['{ "a": yes }', 1, 8, /^yes is no value of JSON: write true$/],
	['{ "a": None }', 1, 8, /^None is no value of JSON: write null$/],
	['{ "a": 10MB }', 1, 8, /^10MB is not a number/],
	['{ "a": 007 }', 1, 8, /^007 is not a number/],
	['{ "a": 0,5 }', 1, 10, /a name has no quotation marks/],
	['{ "a": .5 }', 1, 8, /^\.5 is not a number/],
	['{ "a": br-lan }', 1, 8, /^br-lan is neither a number/],
	['{ "a": "b }\n', 1, 8, /^a text has no closing quotation mark/],
	['{ "a": "C:\\temp\\x" }', 1, 16, /^a single backslash stands in a text/],
	['{ "a": "x\ty" }', 1, 10, /^a text has a tab/],
	['{ "a": [1, 2 }', 1, 14, /^"}" stands where a comma or ] is expected$/],
	['{ "a": [1, 2', 1, 8, /^the bracket \[ has no end$/],
	['{\n\n', 1, 1, /^the bracket { has no end$/],
	['{}\n{}', 2, 1, /^"{" stands after the end of the JSON text$/],
	['{ "é😀": 1, }', 1, 10, /^a comma stands after the last entry$/],
	['<html>', 1, 1, /^"<" stands where a value is expected$/],
	['{ "a":\u00a01 }', 1, 7, /^the character U\+00A0 stands where a value is expected$/],
];
for (const [text, line, column, problem] of FAULTS) {
	test(`what is wrong with ${JSON.stringify(text)}`, (t) => {
		t.throws(() => JSON.parse(text));
		const fault = findJsonFault(text);
		t.like(fault, { line, column });
		t.regex(fault?.problem ?? '', problem);
	});
}

test('JSON has no fault, and a fault is found wherever the parser finds one', (t) => {
	fc.assert(
		fc.property(
			fc.json(),
			fc.nat(),
			fc.constantFrom(',', '"', '{', ']', ' ', '0', '\\', '\u0001', "'", 'x'),
			(json, at, character) => {
				t.is(findJsonFault(json), undefined);
				const place = at % (json.length + 1);
				const changed = json.slice(0, place) + character + json.slice(place);
				t.is(findJsonFault(changed) === undefined, parses(changed), changed);
			},
		),
	);
	t.pass();
});

function parses(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}
