import { OctroiError } from '../core/octroi-error.ts';
import type { Answer } from '../ledger/answer.ts';
import type { Done } from '../status/protocol.ts';

/**
 * What a command says of an operation that the ledger answered.
 *
 * @throws OctroiError `exists_with_different_values`, `not_found`, `not_allowed`
 */
export function resultOf(answer: Answer): Done {
	switch (answer) {
		case 'created':
		case 'changed':
		case 'exists':
			return { answer };
		case 'exists_with_different_values':
			throw new OctroiError('exists_with_different_values', 'this id was used before, with other values', {
				fix: 'use a new id for a new purchase; an id may be repeated only with the same values',
			});
		case 'not_found':
			throw new OctroiError('not_found', 'what was named does not exist');
		case 'nothing_to_extend':
			throw new OctroiError('not_allowed', 'no running package of this unit expires, so there is nothing to extend', {
				fix: 'buy a plan that has an expiry first; while the clock is not set, nothing has a date',
			});
		case 'meter_in_use':
			throw new OctroiError('not_allowed', 'the meter is in use');
	}
}
