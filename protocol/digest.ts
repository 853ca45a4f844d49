import { createHash } from 'node:crypto';

/** The digest of a batch: SHA-256 of its bytes exactly as published, in base64url. */
export function digestOf(payload: Uint8Array | string): string {
	return createHash('sha256').update(payload).digest('base64url');
}
