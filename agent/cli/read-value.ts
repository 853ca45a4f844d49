import { accountIdRule } from '../core/account-id.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId } from '../core/units.ts';
import type { ValueRule } from '../core/value-rule.ts';
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
