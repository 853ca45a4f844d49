import type { Reply } from '../../protocol/reply.ts';
import type { Fault } from '../../protocol/shape.ts';
import { OctroiError } from '../core/octroi-error.ts';

export type Outcome = Omit<Reply, 'version' | 'ap' | 'request'>;

/** What a reply may hold of a message for people. */
const MESSAGE_CHARACTERS_MAX = 500;
const PATH_CHARACTERS_MAX = 250;

export function refused(code: string, message: string, faults: readonly Fault[] = []): Outcome {
	return {
		outcome: 'refused',
		code,
		message: oneLine(message, MESSAGE_CHARACTERS_MAX),
		...(faults.length === 0
			? {}
			: {
					faults: faults.map(({ path, problem }) => ({
						path: oneLine(path, PATH_CHARACTERS_MAX) || '(all)',
						problem: oneLine(problem, MESSAGE_CHARACTERS_MAX),
					})),
				}),
	};
}

/** Errors that would be there again if the same were asked again. */
const LASTING: ReadonlySet<string> = new Set([
	'invalid_value',
	'not_found',
	'not_allowed',
	'exists_with_different_values',
]);

/** What a reply says of an error: `refused` if asking again is of no use, else `failed`. */
export function outcomeOf(error: unknown): Outcome {
	if (!(error instanceof OctroiError)) return { outcome: 'failed', code: 'internal', message: 'a defect; see the log' };
	const { code, message, fix } = error;
	const text = oneLine(fix === undefined ? message : `${message}; ${fix}`, MESSAGE_CHARACTERS_MAX);
	return { outcome: LASTING.has(code) ? 'refused' : 'failed', code, message: text };
}

function oneLine(text: string, charactersMax: number): string {
	return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, charactersMax);
}
