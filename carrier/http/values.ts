import { z } from 'zod';
import { PAGE_ROWS_MAX } from '../account/accounts.ts';

/** Values that more than one operation has; the same bounds as on the wire. */

export const accountName = z
	.string()
	.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)
	.describe('1 to 64 of a-z, 0-9, ".", "_" and "-"');
export const apName = z
	.string()
	.regex(/^(?!all$)[a-z0-9][a-z0-9-]{0,62}$/)
	.describe('1 to 63 of a-z, 0-9 and "-"');
export const audience = z
	.string()
	.regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
	.describe('an access point, or "all"');
export const requestName = z
	.string()
	.regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/)
	.describe('made by whoever asks; the same twice acts once');
export const plainName = z
	.string()
	.regex(/^[a-z0-9][a-z0-9-]{0,31}$/)
	.describe('1 to 32 of a-z, 0-9 and "-"');
export const title = z
	.string()
	.min(1)
	.max(64)
	.regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u);
export const unit = z.enum(['byte', 'second', 'micro']);
export const amount = z
	.int()
	.min(1)
	.max(2 ** 50);
export const wallMs = z.int().min(0);
export const none = z.object({});
export const done = z.object({ outcome: z.enum(['done', 'exists']) });
/**
 * A whole number of a query or a path, as decimal digits: what other notations (0x10, 1e3, " 7") would mean is not guessed.
 * In the API's description it is a number.
 */
export const wholeNumber = ({ min, max = Number.MAX_SAFE_INTEGER, absent }: WholeNumber) => {
	const number = z.int().min(min).max(max);
	return z.preprocess(
		(given) => (typeof given === 'string' && /^\d{1,16}$/.test(given) ? Number(given) : given),
		absent === undefined ? number : number.default(absent),
	);
};
/** `absent`: the value where none is given. */
type WholeNumber = { min: number; max?: number; absent?: number };
/** Lists come in pages, in the order of names. */
export const page = z.object({
	after: z.string().max(64).default('').describe('the last name of the page before'),
	limit: wholeNumber({ min: 1, max: PAGE_ROWS_MAX, absent: 100 }),
});
export const list = (entry: z.ZodType) =>
	z.object({
		entries: z.array(entry),
		next: z.string().nullable().describe('`after` of the next page; null: this is the last'),
	});

/** The page, and where the next one begins. */
export function paged<Entry>(
	entries: Entry[],
	limit: number,
	nameOf: (entry: Entry) => string,
): { entries: Entry[]; next: string | null } {
	const last = entries.at(-1);
	return { entries, next: entries.length < limit || last === undefined ? null : nameOf(last) };
}
