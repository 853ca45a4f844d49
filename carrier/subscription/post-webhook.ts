import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { type Address, checkedAddresses } from './public-address.ts';

/** A receiver that takes longer is asked again later. */
export const WEBHOOK_TIMEOUT_MS = 10_000;

export type WebhookRequest = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/**
 * Sends one request to a receiver that somebody named. It connects to an address that was checked, never to what the name means a moment
 * later, and follows no redirection.
 *
 * @returns the status, or a sentence where it may not be sent
 * @throws errors of the network, and `TimeoutError`
 */
export async function postWebhook(
	address: string,
	{ headers, body }: WebhookRequest,
	privateHosts: readonly string[],
): Promise<number | string> {
	const signal = AbortSignal.timeout(WEBHOOK_TIMEOUT_MS);
	const url = new URL(address);
	const addresses = await withSignal(checkedAddresses(url, privateHosts), signal);
	if (typeof addresses === 'string') return addresses;
	const send = url.protocol === 'https:' ? requestHttps : requestHttp;
	return await new Promise((resolve, reject) => {
		// Without an agent each request has a connection of its own: none is left from another check.
		const options = { method: 'POST', headers, signal, agent: false, lookup: answering(addresses) };
		const request = send(url, options, (response) => {
			response.destroy();
			resolve(response.statusCode ?? 0);
		});
		request.on('error', reject);
		request.end(body);
	});
}

/** Answers a look-up of the name with what was checked. */
function answering(addresses: readonly Address[]): LookupFunction {
	return (_host, { all }, done) => {
		const [first] = addresses as [Address];
		if (all) done(null, [...addresses]);
		else done(null, first.address, first.family);
	};
}

async function withSignal<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
	const aborted = new Promise<never>((_, reject) => {
		signal.addEventListener('abort', () => reject(signal.reason), { once: true });
	});
	return await Promise.race([work, aborted]);
}
