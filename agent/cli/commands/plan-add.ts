import { closeSync, openSync, readSync } from 'node:fs';
import { decodeText } from '../../../protocol/decode-text.ts';
import { parseConfigText } from '../../config/parse-config-text.ts';
import { isRecord } from '../../config/read-options.ts';
import { OctroiError } from '../../core/octroi-error.ts';
import type { CliCommand } from '../cli-command.ts';

/** Several times what a plan with every option needs; it fits into one request. */
const PLAN_FILE_BYTES_MAX = 16_384;

export const planAdd: CliCommand = {
	words: ['plan', 'add'],
	summary: 'offer a plan that does not stand in the configuration',
	details: [
		'FILE holds one JSON object, written like an entry of `plans` in the configuration and checked by the same rules.',
		'It is on sale at once and survives a restart. Adding the same again changes nothing; another plan of its name is refused.',
	],
	arguments: [{ name: 'FILE', about: 'one plan: { "name": …, "title": …, "bytes": … }' }],
	examples: [{ line: 'octroi plan add fair-day.json', about: 'put the plan of that file on sale' }],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const path = given.FILE as string;
		const plan = parseConfigText(readText(path), path, 'invalid_value');
		if (!isRecord(plan)) {
			throw new OctroiError('invalid_value', `${path} does not hold a JSON object`, {
				fix: 'write one plan: { "name": …, "title": …, "bytes": … }',
			});
		}
		const done = await ask('plan.add', { plan });
		const what = done.answer === 'exists' ? 'had been added already: nothing changed' : 'is added';
		const hidden = done.from === 'carrier' ? "; the carrier's plan of that name is sold in its place" : '';
		return { text: `plan ${done.plan} ${what}${hidden}\n`, json: done };
	},
};

/** No more than a plan can have is read, whatever the file is. */
function readText(path: string): string {
	const bytes = Buffer.alloc(PLAN_FILE_BYTES_MAX + 1);
	let length = 0;
	try {
		const file = openSync(path, 'r');
		try {
			for (let read = -1; read !== 0 && length < bytes.length; length += read) {
				read = readSync(file, bytes, length, bytes.length - length, null);
			}
		} finally {
			closeSync(file);
		}
	} catch (error) {
		throw new OctroiError('not_found', `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`, {
			fix: 'name a file that holds one plan as JSON',
			cause: error,
		});
	}
	if (length > PLAN_FILE_BYTES_MAX) {
		throw new OctroiError('invalid_value', `${path} has more than ${PLAN_FILE_BYTES_MAX} bytes`, {
			fix: 'name a file that holds one plan',
		});
	}
	return decodeText(bytes.subarray(0, length));
}
