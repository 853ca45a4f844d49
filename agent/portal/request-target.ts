import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { isLanguage, type LanguageTag } from '../../ui/portal/language.ts';

/** Where a request wants to go. */
export type RequestTarget = {
	/** In lower case, without port. */
	readonly host: string;
	/** Without language and query. */
	readonly path: string;
	/** Chosen by a link; undefined: by the browser's own preference. */
	readonly language?: LanguageTag;
	readonly query: URLSearchParams;
};

/** Paths of the portal are short words. Whatever else is asked for is no path of ours. */
const PATH = /^\/[a-z0-9/_.-]{0,100}$/i;

/** @returns undefined: not a target that HTTP knows */
export function targetOf(request: Pick<IncomingMessage, 'url' | 'headers'>): RequestTarget | undefined {
	// A proxy's form names the host in the request line (RFC 9112, 3.2.2); an empty path is the root (RFC 9110, 4.2.3).
	const absolute = /^https?:\/\/(?:[^/?#@]*@)?([^/?#]*)([^#]*)/i.exec(request.url ?? '');
	const host = hostOf(absolute?.[1] ?? request.headers.host ?? '');
	const origin = absolute === null ? (request.url ?? '') : (absolute[2] ?? '').replace(/^(?!\/)/, '/');
	const [rawPath = '', ...rest] = origin.split('?');
	if (!rawPath.startsWith('/')) return undefined;
	const query = new URLSearchParams(rest.join('?'));
	const [, first = '', ...others] = rawPath.split('/');
	if (!PATH.test(rawPath) || rawPath.includes('..') || rawPath.includes('//')) return { host, path: '', query };
	if (!isLanguage(first)) return { host, path: rawPath, query };
	return { host, path: `/${others.join('/')}`, language: first, query };
}

function hostOf(text: string): string {
	const match = /^(\[[0-9a-f:.]+\]|[^:[\]]*)(?::\d+)?$/i.exec(text.trim());
	return (match?.[1] ?? '').toLowerCase().replace(/\.$/, '');
}

/** The address of the other or our own side of a socket, in the form that hosts and neighbours have it. */
export function plainAddress(address: string | undefined): string {
	return (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}

/** As the host of a URL. */
export function urlHost(address: string): string {
	return isIPv6(address) ? `[${address}]` : address;
}
