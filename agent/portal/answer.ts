import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { MacAddress } from '../core/units.ts';

/** What a request is answered with. */
export type Answer = {
	readonly status: number;
	readonly type: 'text/html; charset=utf-8' | 'text/plain; charset=utf-8' | (string & {});
	readonly body: string | Uint8Array;
	/** Where to go instead; a path of ours or an address that we made. */
	readonly location?: string;
	/** Its address changes with its content. */
	readonly isImmutable?: true;
	readonly headers?: Readonly<Record<string, string>>;
	/** The rest of the request is not worth being read. */
	readonly close?: true;
};

/** Figures that are sent again and again, for the station whose they are. */
export type StreamAnswer = { readonly mac: MacAddress; readonly figures: () => unknown };

/**
 * No script but ours, no style but ours, nothing from elsewhere, no frame around it. The referrer stays inside, because `no-referrer`
 * would make browsers send the origin `null` with our own forms (Fetch, "append a request Origin header").
 */
const SECURITY_HEADERS = {
	'Content-Security-Policy':
		"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	'X-Content-Type-Options': 'nosniff',
	'X-Frame-Options': 'DENY',
	'Referrer-Policy': 'same-origin',
	'Cross-Origin-Resource-Policy': 'same-origin',
	'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
} as const;

export function page(status: number, body: string): Answer {
	return { status, type: 'text/html; charset=utf-8', body };
}

export function json(body: unknown, type = 'application/json', status = 200): Answer {
	return { status, type, body: JSON.stringify(body) };
}

/** @param location must not have been made of what a client sent */
export function redirect(location: string, status: 302 | 303 = 302): Answer {
	return { status, type: 'text/plain; charset=utf-8', body: `${location}\n`, location };
}

/** The head of a stream of events; whoever answers too late for its client is asked again after three seconds. */
export function beginStream(response: ServerResponse): void {
	response.writeHead(200, {
		...SECURITY_HEADERS,
		'Content-Type': 'text/event-stream; charset=utf-8',
		'Cache-Control': 'no-store',
	});
	response.write('retry: 3000\n\n');
}

/** The only place where a whole response is written: every one has the same protection. */
export function send(response: ServerResponse, answer: Answer, isHead = false): void {
	const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
	response.writeHead(answer.status, {
		...SECURITY_HEADERS,
		'Content-Type': answer.type,
		'Content-Length': body.length,
		'Cache-Control': answer.isImmutable ? 'public, max-age=31536000, immutable' : 'no-store',
		...(answer.location === undefined ? {} : { Location: answer.location }),
		...(answer.close ? { Connection: 'close' } : {}),
		...answer.headers,
	});
	response.end(isHead || answer.status === 204 ? undefined : body);
}

/** A few characters that change with the content. */
export function contentTag(body: string | Uint8Array): string {
	return createHash('sha256').update(body).digest('base64url').slice(0, 10);
}
