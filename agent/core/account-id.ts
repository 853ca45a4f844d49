import type { AccountId } from './units.ts';
import { textOf, type ValueRule } from './value-rule.ts';

/** An account's id: a voucher code, a room number, a name. It appears in commands and paths, so its letters are few. */
export const accountIdRule = textOf(
	/^[a-z0-9][a-z0-9._-]{0,63}$/,
	'an account id: 1 to 64 of a-z, 0-9, ".", "_" and "-", starting with a letter or digit',
) as ValueRule<AccountId>;
