import { accountIdRule } from '../core/account-id.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId } from '../core/units.ts';
import type { ValueRule } from '../core/value-rule.ts';

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
