import test from 'ava';
import { CarrierError } from '../../carrier/carrier-error.ts';
import { parseJsonText } from '../../carrier/json-text.ts';

const problem = (text: string) => {
	try {
		return parseJsonText(text, 'carrier.json', 'config_invalid');
	} catch (error) {
		return error as CarrierError;
	}
};

test('what a person has typed is read, or the place and what stands there are named', (t) => {
	t.deepEqual(problem('{"a": [1]}'), { a: [1] });
	for (const [text, says] of [
		['{\n"a": 1,\n}', /^carrier\.json, line 2, column 7: a comma/],
		['{"a": 1} // one', /^carrier\.json, line 1, column 10: /],
		['{“a”: 1}', /^carrier\.json, line 1, column 2: /],
		['', /^carrier\.json, line 1, column 1: the file is empty/],
		[`${'['.repeat(60_000)}`, /^carrier\.json: it is nested deeper than \d+ levels/],
	] as const) {
		const error = problem(text);
		t.true(error instanceof CarrierError, text.slice(0, 40));
		t.regex((error as CarrierError).message, says);
		t.truthy((error as CarrierError).fix);
	}
});
