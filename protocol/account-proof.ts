import { createHmac, timingSafeEqual } from 'node:crypto';

/** Of a customer's code. 80 random bits: the key that follows from it need not be slow to make. */
export const ACCOUNT_CODE_BYTES = 10;

/** What a proof is about. Each part is of an alphabet without a line feed, so no two of these are one text. */
export type ProofSubject = { readonly ap: string; readonly account: string; readonly request: string };

/**
 * The key that follows from a customer's code (HMAC-SHA256, RFC 2104, base64url). The platform stores it, an access point makes it when
 * the customer enters the code, and neither keeps the code. Capital letters, spaces and hyphens of the code do not matter.
 */
export function accountKeyOf(code: string, account: string): string {
	const plain = code.toUpperCase().replace(/[^0-9A-Z]/g, '');
	return createHmac('sha256', plain).update(`octroi account key 1\n${account}`).digest('base64url');
}

/**
 * The proof that goes with one request for a slice: the customer is, or was, at this access point. It says nothing at another access
 * point, for another account or for another request.
 *
 * @param key base64url
 */
export function accountProofOf(key: string, { ap, account, request }: ProofSubject): string {
	return createHmac('sha256', Buffer.from(key, 'base64url'))
		.update(`octroi slice request 1\n${ap}\n${account}\n${request}`)
		.digest('base64url');
}

/** Whether a proof is that of the key. Takes as long for one that is wrong. */
export function isAccountProof(key: string, subject: ProofSubject, proof: string): boolean {
	const right = Buffer.from(accountProofOf(key, subject));
	const said = Buffer.from(proof);
	return right.length === said.length && timingSafeEqual(right, said);
}
