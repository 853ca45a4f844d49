import type { CarrierErrorCode } from './error-codes.ts';

/** The one error class of the platform. `code` is stable; `message` says what happened, `fix` what to do. */
export class CarrierError extends Error {
	override readonly name = 'CarrierError';
	readonly code: CarrierErrorCode;
	readonly fix: string | undefined;
	/** Each with a path, where a value from outside was wrong. */
	readonly faults: readonly string[];

	constructor(
		code: CarrierErrorCode,
		message: string,
		options: { fix?: string; faults?: readonly string[]; cause?: unknown } = {},
	) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.code = code;
		this.fix = options.fix;
		this.faults = options.faults ?? [];
	}
}
