import { createHash } from 'node:crypto';

/** A name that two equal inputs share. */
export function contentName(input: Uint8Array): string {
	return createHash('sha256').update(input).digest('hex').slice(0, 12);
}
