import { readJsonText } from '../protocol/bounded-json.ts';
import { findJsonFault } from '../protocol/json-fault.ts';
import { CarrierError } from './carrier-error.ts';
import type { CarrierErrorCode } from './error-codes.ts';

/** Far above every configuration and batch of cards. */
const BOUNDS = { bytesMax: 16 * 2 ** 20, valuesMax: 2 ** 20 };

/**
 * The value of a JSON text that a person has made.
 *
 * @param path of its file, for the sentence
 * @throws CarrierError of `code`, with line, column and what stands there
 */
export function parseJsonText(text: string, path: string, code: CarrierErrorCode): unknown {
	const read = readJsonText(text, BOUNDS);
	if (read.ok) return read.value;
	const fault = read.reason === 'syntax' ? findJsonFault(text) : undefined;
	const where = fault === undefined ? '' : `, line ${fault.line}, column ${fault.column}`;
	throw new CarrierError(code, `${path}${where}: ${fault?.problem ?? read.problem}`, {
		fix: 'mend the text at that place; docs/carrier-platform.md has examples',
	});
}
