import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { OctroiError } from '../core/octroi-error.ts';
import { verifyLedger } from './verify.ts';

/** Beside the database: it must be there even when the database takes nothing any more. */
const markOf = (path: string) => `${path}.broken`;

/** Remembers that an invariant did not hold, so that the next start proves the books before it goes on. */
export function markBroken(path: string, reason: string): void {
	writeFileSync(markOf(path), `${reason}\n`, { mode: 0o600 });
}

/**
 * Proves the books if the last run ended because of them: the change that would have broken them was not written, so they are
 * whole as a rule.
 *
 * @returns whether they had to be proven
 * @throws OctroiError `ledger_broken`
 */
export function proveIfMarked(path: string): boolean {
	if (!existsSync(markOf(path))) return false;
	const { broken, checks } = verifyLedger(path);
	if (broken !== undefined) {
		const detail = checks.find(({ name }) => name === broken)?.detail;
		throw new OctroiError('ledger_broken', `the ledger's books are broken: ${broken}: ${detail}`, {
			fix: `keep a copy of ${path}, restore the newest backup, and report it`,
		});
	}
	rmSync(markOf(path), { force: true });
	return true;
}
