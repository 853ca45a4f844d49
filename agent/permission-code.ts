import { randomInt } from 'node:crypto';

/** 80 bits, in letters and digits that are not mistaken for each other. */
export function newPermissionCode(): string {
	const letters = '23456789abcdefghjkmnpqrstuvwxyz';
	const text = Array.from({ length: 16 }, () => letters[randomInt(letters.length)]).join('');
	return text.replace(/(.{4})(?=.)/g, '$1-');
}
