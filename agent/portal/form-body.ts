import type { IncomingMessage } from 'node:http';
import { BODY_BYTES_MAX } from './limits.ts';

export type FormBody =
	| { readonly ok: true; readonly fields: URLSearchParams }
	| { readonly ok: false; readonly problem: 'too_large' | 'not_a_form' };

/** Reads a form. What is longer than a form can be is not read to its end. */
export async function readForm(request: IncomingMessage): Promise<FormBody> {
	if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) return { ok: false, problem: 'too_large' };
	if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) {
		return { ok: false, problem: 'not_a_form' };
	}
	const parts: Buffer[] = [];
	let bytes = 0;
	for await (const part of request as AsyncIterable<Buffer>) {
		bytes += part.length;
		if (bytes > BODY_BYTES_MAX) return { ok: false, problem: 'too_large' };
		parts.push(part);
	}
	return { ok: true, fields: new URLSearchParams(Buffer.concat(parts).toString('utf8')) };
}
