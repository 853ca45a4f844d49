import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId } from '../core/units.ts';

/** The account that was named, or whose stations are attached, is not in the ledger. */
export function noAccount(account: AccountId): OctroiError {
	return new OctroiError('not_found', `there is no account ${account}`, {
		fix: `create it: octroi account create ${account}`,
	});
}
