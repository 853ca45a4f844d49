import { OctroiError } from '../core/octroi-error.ts';

/** A whole number of an option or argument. @throws OctroiError `usage` */
export function readWhole(name: string, text: string, { min, max }: { min: number; max: number }): number {
	const value = Number(text);
	if (!/^\d{1,16}$/.test(text) || value < min || value > max) {
		throw new OctroiError('usage', `${name} ${text.slice(0, 40)} is not a whole number from ${min} to ${max}`, {
			fix: 'write digits only',
		});
	}
	return value;
}
