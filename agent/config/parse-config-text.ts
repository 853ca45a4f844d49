import { readJsonText } from '../../protocol/bounded-json.ts';
import { OctroiError } from '../core/octroi-error.ts';

/** A configuration of 4 MiB. What is nested deeper than it can be would end whoever quotes it in an error. */
const BOUNDS = { bytesMax: 16 * 2 ** 20, valuesMax: 2 ** 20 };

/**
 * JSON with an error that names the line.
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
	try {
		return JSON.parse(text.replace(/^\uFEFF/, ''));
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new OctroiError(code, `${source}${placeOf(text, reason)} is not valid JSON: ${reason.split('\n')[0]}`, {
			fix: 'mend the text near that place; a common cause is a comma after the last entry',
			cause: error,
		});
	}
}

/** V8's message names a position where it can; an unexpected end has none. */
function placeOf(text: string, reason: string): string {
	const position = /at position (\d+)/.exec(reason)?.[1];
	const before = position === undefined ? text : text.slice(0, Number(position));
	return `, line ${before.split('\n').length}`;
}
