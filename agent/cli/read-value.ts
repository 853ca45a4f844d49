import { accountIdRule } from '../core/account-id.ts';
import { OctroiError } from '../core/octroi-error.ts';
import { type AccountId, AMOUNT_MAX, type Unit } from '../core/units.ts';
import { oneOf, type ValueRule } from '../core/value-rule.ts';
import { HISTORY_ROWS_DEFAULT, HISTORY_ROWS_MAX } from '../status/commands.ts';

/** @throws OctroiError `invalid_value` */
export function readValue<Value>(rule: ValueRule<Value>, text: unknown): Value {
	const answer = rule.read(text);
	if (!answer.ok) {
		throw new OctroiError('invalid_value', answer.problem, { fix: `give ${rule.accepts}` });
	}
	return answer.value;
}

/** @throws OctroiError `invalid_value` */
export function readAccount(text: string | undefined): AccountId {
	return readValue(accountIdRule, text);
}

/** The whole number of an option. @throws OctroiError `invalid_value` */
export function readWhole(name: string, text: string, { min, max }: { min: number; max: number }): number {
	const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
	if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
	throw new OctroiError('invalid_value', `${name} ${text.slice(0, 40)} is not a whole number from ${min} to ${max}`, {
		fix: 'give digits only: bytes, seconds or millionths of the currency',
	});
}

/** An amount with its unit: `10485760 byte`, `3600 second`, `5000000 micro`. @throws OctroiError `invalid_value` */
export function readAmount(amount: string | undefined, unit: string | undefined): { amount: number; unit: Unit } {
	return {
		amount: readWhole('the amount', amount ?? '', { min: 1, max: AMOUNT_MAX }),
		unit: readValue(oneOf(['byte', 'second', 'micro']), unit),
	};
}

/** `--limit N` of a list. @throws OctroiError `usage` */
export function readLimit(text: string | undefined): number {
	const limit = text === undefined ? HISTORY_ROWS_DEFAULT : Number(text);
	if (!/^\d{1,6}$/.test(text ?? '1') || limit < 1 || limit > HISTORY_ROWS_MAX) {
		throw new OctroiError('usage', `--limit ${text} is not a whole number from 1 to ${HISTORY_ROWS_MAX}`, {
			fix: 'octroi help',
		});
	}
	return limit;
}
