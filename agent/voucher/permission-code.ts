import { createHmac, randomInt } from 'node:crypto';

/** Letters and digits that are not mistaken for each other. */
const SYMBOLS = '23456789abcdefghjkmnpqrstuvwxyz';
/** About 80 bits. */
const LENGTH = 16;

/** A code that nobody guesses. */
export function newPermissionCode(): string {
	return spelled(Array.from({ length: LENGTH }, () => randomInt(SYMBOLS.length)));
}

/** The same for the same request: a form that is sent twice permits once. @param secret of this run */
export function permissionCodeOf(request: string, secret: Uint8Array): string {
	const bytes = createHmac('sha256', secret).update(request).digest();
	return spelled([...bytes.subarray(0, LENGTH)].map((byte) => byte % SYMBOLS.length));
}

function spelled(numbers: readonly number[]): string {
	return numbers
		.map((number) => SYMBOLS[number])
		.join('')
		.replace(/(.{4})(?=.)/g, '$1-');
}
