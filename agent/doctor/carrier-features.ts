import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';

import type { Config } from '../config/config.ts';
import { readCredentials } from '../sync/credentials.ts';
import type { Feature } from './feature.ts';

/** What the doctor says of the line to the carrier: its files. The broker itself is asked by the agent only. */
export function probeCarrier(config: Config | undefined): Feature[] {
	const settings = config?.carrier;
	if (settings?.url === undefined) return [];
	const name = 'carrier';
	const bad = (detail: string, fix: string): Feature[] => [{ name, ok: false, grade: 'must', detail, fix }];
	try {
		const { ca, cert, key } = readCredentials(settings);
		if (ca) new X509Certificate(ca);
		const certificate = cert && new X509Certificate(cert);
		if (certificate && key && !certificate.checkPrivateKey(createPrivateKey(key))) {
			return bad('carrier.key is not the key of carrier.certificate', 'name a pair');
		}
		for (const [option, path] of [
			['carrier.key', settings.key],
			['carrier.passwordFile', settings.passwordFile],
		] as const) {
			if (path !== undefined && (statSync(path).mode & 0o077) !== 0) {
				return bad(`${option}: others may read ${path}`, `chmod 600 ${path}`);
			}
		}
		for (const { kid, x } of settings.keys) checkKey(kid, x);
		const until = certificate === undefined ? '' : `, certificate valid until ${certificate.validTo}`;
		return [{ name, ok: true, grade: 'must', detail: `${settings.url} as ${settings.accessPoint}${until}`, fix: '' }];
	} catch (error) {
		return bad((error as Error).message, 'see docs/carrier.md');
	}
}

function checkKey(kid: string, x: string): void {
	try {
		createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
	} catch (error) {
		throw new Error(`carrier.keys: ${kid} is not an Ed25519 public key`, { cause: error });
	}
}
