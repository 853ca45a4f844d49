import { existsSync, readFileSync } from 'node:fs';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import { OWN_SIGNATURES } from '../../../agent/tether/own-signatures.ts';
import type { Signature } from '../../../agent/tether/signature.ts';
import { parseSignatureFile } from '../../../agent/tether/signature-file.ts';

/** Debian's package p0f. */
export const P0F_FILE = '/etc/p0f/p0f.fp';

type Split = {
	readonly known: readonly Signature[];
	readonly heldOut: readonly Signature[];
	/** What the classifier of the scenario is given: our own database and p0f's, without every layout that is held out. */
	readonly loaded: readonly Signature[];
};

/**
 * p0f's signatures of systems (not of tools that make their own packets), split by families: a family has one layout of options,
 * for that is what the classifier compares; two signatures of one layout are one system to it. Of the families, ordered by how many
 * signatures they have, every second one is held out, which is more than a third of the signatures. Nothing of a family that is
 * held out is known to the classifier, not from our own database either.
 */
export function splitSignatures(): Split {
	if (!existsSync(P0F_FILE)) {
		throw new OctroiError('feature_missing', `there is no ${P0F_FILE}`, { fix: 'install p0f: npm run setup' });
	}
	const { signatures } = parseSignatureFile(readFileSync(P0F_FILE, 'latin1'));
	const systems = signatures.filter(({ isTool, label }) => !isTool && !/p0f|loopback/.test(label));
	const families = new Map<string, number>();
	for (const { layout } of systems) families.set(layout, (families.get(layout) ?? 0) + 1);
	const bySize = [...families].toSorted(([, first], [, second]) => second - first).map(([layout]) => layout);
	const hidden = new Set(bySize.filter((_, index) => index % 2 === 1));
	const known = systems.filter(({ layout }) => !hidden.has(layout));
	const own = parseSignatureFile(OWN_SIGNATURES).signatures.filter(({ layout }) => !hidden.has(layout));
	return { known, heldOut: systems.filter(({ layout }) => hidden.has(layout)), loaded: [...own, ...known] };
}
