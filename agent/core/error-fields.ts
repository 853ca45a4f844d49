import { OctroiError } from './octroi-error.ts';

/**
 * What the log says of an error. One that was foreseen is its code, its sentence and the fix: its stack says nothing to whoever runs the agent, and fills
 * eleven lines. Everything else is a defect, and keeps its stack.
 *
 * @param whole what is said of a defect
 */
export function errorFields(error: unknown, whole: (error: Error) => unknown): unknown {
	if (!(error instanceof OctroiError) || error.code === 'internal') {
		return error instanceof Error ? whole(error) : error;
	}
	const { code, message, fix, cause } = error;
	return {
		code,
		message,
		...(fix === undefined ? {} : { fix }),
		...(cause instanceof Error ? { cause: cause.message } : {}),
	};
}
