import type { ErrorCode } from './error-codes.ts';

/** The one error class. `code` is stable and documented in `docs/errors.md`; `message` says what happened, `fix` what to do. */
export class OctroiError extends Error {
	override readonly name = 'OctroiError';
	readonly code: ErrorCode;
	readonly fix: string | undefined;

	constructor(code: ErrorCode, message: string, options: { fix?: string; cause?: unknown } = {}) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.code = code;
		this.fix = options.fix;
	}
}
