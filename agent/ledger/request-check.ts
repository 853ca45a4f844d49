import { OctroiError } from '../core/octroi-error.ts';
import { type AccountId, AMOUNT_MAX, isAmount } from '../core/units.ts';
import type { End } from './account.ts';
import type { Moment } from './moment.ts';

/** The form of values that come from outside. All throw `invalid_value`. */

const ACCOUNT_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const CALLERS_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/** An account's id from text. */
export function parseAccountId(text: string): AccountId {
	if (!ACCOUNT_ID.test(text)) {
		throw new OctroiError('invalid_value', `${quoted(text)} is not an account id`, {
			fix: 'use 1 to 64 lower-case letters, digits, dots, underscores and hyphens, starting with a letter or digit',
		});
	}
	return text as AccountId;
}

/** The id of a transfer or session. Never starts with `~`: those are the ledger's own. */
export function checkId(what: string, text: string): void {
	if (!CALLERS_ID.test(text)) {
		throw new OctroiError('invalid_value', `${quoted(text)} is not a ${what} id`, {
			fix: 'use 1 to 64 letters, digits, dots, underscores, colons and hyphens, starting with a letter or digit',
		});
	}
}

export function checkText(what: string, text: string): void {
	if (typeof text !== 'string' || text.length < 1 || text.length > 128) {
		throw new OctroiError('invalid_value', `${what} ${quoted(text)} is not a text of 1 to 128 characters`);
	}
}

/** A whole number from `least` to `most` (AMOUNT_MAX). */
export function checkAmount(what: string, value: number, least = 0, most = AMOUNT_MAX): void {
	if (!isAmount(value) || value < least || value > most) {
		throw new OctroiError('invalid_value', `${what} is ${value}`, {
			fix: `give a whole number from ${least} to ${most}`,
		});
	}
}

export function checkEnd({ atEnd, throttleBytesPerSecond }: End): void {
	if (atEnd !== 'block' && atEnd !== 'throttle') {
		throw new OctroiError('invalid_value', `atEnd is ${quoted(atEnd)}`, { fix: 'give block or throttle' });
	}
	if (atEnd === 'throttle') checkAmount('throttleBytesPerSecond', throttleBytesPerSecond ?? Number.NaN, 1);
	else if (throttleBytesPerSecond !== undefined) {
		throw new OctroiError('invalid_value', 'throttleBytesPerSecond is given, but the end is block', {
			fix: 'leave it out, or set atEnd to throttle',
		});
	}
}

export function checkMoment({ wallMs, bootMs, trustedWallMs, validityMs }: Moment): void {
	for (const value of [wallMs, bootMs, trustedWallMs ?? 0, validityMs ?? 0]) {
		if (!Number.isSafeInteger(value))
			throw new OctroiError('invalid_value', `${value} is not a time in whole milliseconds`);
	}
}

function quoted(value: unknown): string {
	return JSON.stringify(String(value).slice(0, 80));
}
