import { CarrierError } from './carrier-error.ts';
import { natureOf } from './database/sqlstates.ts';

/** It will be so again: a value, a constraint or a defect of ours that the database refuses, or our own refusal. */
export function isRefusal(error: unknown): boolean {
	return (
		error instanceof CarrierError ||
		natureOf(error) === 'ours' ||
		error instanceof RangeError ||
		error instanceof TypeError
	);
}
