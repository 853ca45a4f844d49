import { CarrierError } from './carrier-error.ts';

/** It will be so again: a value or a constraint (classes 22 and 23 of SQLSTATE), our own refusal, or a defect of ours (42, XX). */
export function isRefusal(error: unknown): boolean {
	const code = (error as { code?: unknown }).code;
	if (error instanceof CarrierError) return true;
	return (
		(typeof code === 'string' && /^(?:22|23|42|XX)/.test(code)) ||
		error instanceof RangeError ||
		error instanceof TypeError
	);
}
