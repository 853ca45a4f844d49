import { CompactSign, compactVerify, decodeProtectedHeader, importJWK } from 'jose';
import { readJson } from './bounded-json.ts';
import { decode } from './decode.ts';
import { type Envelope, envelope } from './envelope.ts';
import { DOWN_BYTES_MAX } from './limits.ts';
import type { PublicKey } from './policy.ts';
import type { Fault } from './shape.ts';

/** The one algorithm: EdDSA with Ed25519 (RFC 8037). No message can choose another. */
const ALGORITHM = 'EdDSA';

/** A private key of the platform: `d` of RFC 8037, base64url, beside its public half. */
export type PrivateKey = PublicKey & { readonly d: string };

/** A key as `jose` has it, made once. */
export type Key = Awaited<ReturnType<typeof importJWK>>;

export function keyOf({ kid, x, ...rest }: PublicKey | PrivateKey): Promise<Key> {
	return importJWK({ kty: 'OKP', crv: 'Ed25519', alg: ALGORITHM, kid, x, ...rest }, ALGORITHM);
}

/** The message as it is published. */
export function sign(message: Envelope, { kid, key }: { kid: string; key: Key }): Promise<string> {
	const payload = new TextEncoder().encode(JSON.stringify(message));
	return new CompactSign(payload).setProtectedHeader({ alg: ALGORITHM, kid }).sign(key);
}

/**
 * `id` is there when the signature is good: then the sender may be told what is wrong with the rest. A message that nobody
 * signed is not answered.
 */
export type Opened =
	| { readonly ok: true; readonly message: Envelope }
	| {
			readonly ok: false;
			readonly reason: 'size' | 'form' | 'key' | 'signature' | 'schema';
			readonly faults: readonly Fault[];
			readonly id?: string;
	  };

/** Checks size, form, key and signature, and then what it says. Never throws. */
export async function open(
	payload: Uint8Array,
	keys: { readonly get: (kid: string) => Key | undefined },
): Promise<Opened> {
	if (payload.length > DOWN_BYTES_MAX) {
		return refused('size', `${payload.length} bytes are more than ${DOWN_BYTES_MAX}`);
	}
	const token = Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('latin1');
	if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return refused('form', 'it is not a JWS in compact form');
	if (!token.split('.').every(isCanonical)) return refused('form', 'its base64url has bits that stand for nothing');
	const kid = kidOf(token);
	if (kid === undefined) return refused('form', 'its header is not one of EdDSA with a key id');
	const key = keys.get(kid);
	if (key === undefined) return refused('key', 'the key that it names is not known here');
	const content = await verified(token, key);
	if (content === undefined) return refused('signature', 'the signature is not that of its key');
	const read = decode(envelope, content, DOWN_BYTES_MAX);
	if (read.ok) return { ok: true, message: read.value };
	const id = idOf(content);
	return { ok: false, reason: 'schema', faults: read.faults, ...(id === undefined ? {} : { id }) };
}

/** One text for one message: the last letter of base64url may have bits that nothing reads (RFC 4648, 3.5). */
function isCanonical(part: string): boolean {
	return Buffer.from(part, 'base64url').toString('base64url') === part;
}

function kidOf(token: string): string | undefined {
	try {
		const { alg, kid } = decodeProtectedHeader(token);
		return alg === ALGORITHM && typeof kid === 'string' && kid.length <= 64 ? kid : undefined;
	} catch {
		// A header that is not JSON.
		return undefined;
	}
}

async function verified(token: string, key: Key): Promise<Uint8Array | undefined> {
	try {
		return (await compactVerify(token, key, { algorithms: [ALGORITHM] })).payload;
	} catch {
		// Whatever jose minds about it, it is not signed.
		return undefined;
	}
}

function idOf(content: Uint8Array): string | undefined {
	// Signed, but not JSON: there is nobody to answer.
	const read = readJson(content, { bytesMax: DOWN_BYTES_MAX });
	const id = read.ok ? (read.value as { id?: unknown } | null)?.id : undefined;
	return typeof id === 'string' && /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/.test(id) ? id : undefined;
}

function refused(reason: 'size' | 'form' | 'key' | 'signature', problem: string): Opened {
	return { ok: false, reason, faults: [{ path: '', problem }] };
}
