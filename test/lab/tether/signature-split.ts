import { existsSync, readFileSync } from 'node:fs';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import type { Signature } from '../../../agent/tether/signature.ts';
import { parseSignatureFile } from '../../../agent/tether/signature-file.ts';

/** Debian's package p0f. */
export const P0F_FILE = '/etc/p0f/p0f.fp';

/**
 * p0f's signatures of systems (not of tools that make their own packets), in the order of the file; every third one is held out:
 * weights were set without it, and the classifier of the scenario does not know it either.
 */
export function splitSignatures(): { known: Signature[]; heldOut: Signature[] } {
	if (!existsSync(P0F_FILE)) {
		throw new OctroiError('feature_missing', `there is no ${P0F_FILE}`, { fix: 'install p0f: npm run setup' });
	}
	const { signatures } = parseSignatureFile(readFileSync(P0F_FILE, 'latin1'));
	const systems = signatures.filter(({ isTool, label }) => !isTool && !/p0f|loopback/.test(label));
	const known = systems.filter((_, index) => index % 3 !== 2);
	return { known, heldOut: systems.filter((_, index) => index % 3 === 2) };
}
