import { readJsonText } from '../../protocol/bounded-json.ts';
import { findJsonFault } from '../../protocol/json-fault.ts';
import { OctroiError } from '../core/octroi-error.ts';

/** A configuration of 4 MiB. What is nested deeper than it can be would end whoever quotes it in an error. */
const BOUNDS = { bytesMax: 16 * 2 ** 20, valuesMax: 2 ** 20 };

/**
 * JSON with an error that names line, column and what stands there. A byte-order mark, which editors put in front, is no fault.
 *
 * @throws OctroiError with that code
 */
export function parseConfigText(
	text: string,
	source: string,
	code: 'config_invalid' | 'invalid_value' = 'config_invalid',
): unknown {
	const read = readJsonText(text, BOUNDS);
	if (!read.ok && read.reason !== 'syntax') {
		throw new OctroiError(code, `${source} is refused: ${read.problem}`, { fix: 'look for brackets without an end' });
	}
	const content = text.replace(/^\uFEFF/, '');
	try {
		return JSON.parse(content);
	} catch (error) {
		const fault = findJsonFault(content);
		const where = fault === undefined ? '' : `, line ${fault.line}, column ${fault.column}`;
		const why = fault?.problem ?? (error as Error).message.split('\n')[0];
		throw new OctroiError(code, `${source}${where} is not valid JSON: ${why}`, {
			fix: 'mend the text at that place',
			cause: error,
		});
	}
}
