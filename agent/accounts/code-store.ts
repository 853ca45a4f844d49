import { OctroiError } from '../core/octroi-error.ts';
import type { WallMs } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import type { PackageTerms } from '../ledger/package.ts';
import type { FoundCode } from '../ledger/voucher.ts';
import { type Code, formatCode } from '../voucher/code.ts';
import { type CodeKey, lost, openCodeKey } from '../voucher/code-key.ts';
import { type CodeForm, codeSpace, makeCode, makeCodes, type RandomBytes } from '../voucher/code-maker.ts';
import { YEARS_TO_GUESS_MIN, yearsToGuess } from '../voucher/odds.ts';
import { readCode } from '../voucher/pasted-code.ts';
import { mistypedError } from './mistyped-error.ts';

export type NewBatch = {
	readonly id: string;
	readonly terms: PackageTerms;
	readonly count: number;
	readonly form: CodeForm;
	readonly devices: number;
	readonly validUntilWallMs?: number;
	readonly isSet?: boolean;
};

/** A code as it is printed; nobody can read it again later. */
export type PrintedCode = { readonly serial: number; readonly code: string };

export type CodeStoreOptions = {
	readonly ledger: Ledger;
	readonly keyPath: string;
	readonly random: RandomBytes;
	readonly moment: () => Moment;
	/** Wrong codes in an hour that somebody can try who knows all tricks: for the odds. */
	readonly guessesPerHour: number;
	/** Of gifts, and of codes of which nothing else is known. */
	readonly usualForm: CodeForm;
	/** How likely one guess hits a code: at the start, and when there are more codes. */
	readonly onHitChance: (chance: number) => void;
};

/** So often a new code may hit one that exists; with the lengths that are allowed once is already rare. */
const COLLISIONS_MAX = 5;

/** Makes codes and recognises them; only their keyed hashes go to the ledger. */
export class CodeStore {
	readonly #options: CodeStoreOptions;
	#key: CodeKey | undefined;

	constructor(options: CodeStoreOptions) {
		this.#options = options;
	}

	/**
	 * Makes a batch, durable when it returns. Its codes are in the answer and nowhere else.
	 *
	 * @throws OctroiError `invalid_value` (also codes that could be guessed), `exists_with_different_values`, `not_allowed`,
	 * `code_key_lost`, `ledger_*`
	 */
	createBatch(batch: NewBatch): PrintedCode[] {
		const { id, terms, count, form, devices, validUntilWallMs, isSet } = batch;
		const { ledger, random, moment } = this.#options;
		this.#refuseGuessable(form, count);
		for (let attempt = 0; attempt < COLLISIONS_MAX; attempt++) {
			const codes = makeCodes(form, count, random);
			const answer = ledger.codes.createBatch({
				id,
				terms,
				hashes: codes.map((code) => this.hash(code)),
				devices,
				codeSpace: codeSpace(form),
				at: moment(),
				...(validUntilWallMs === undefined ? {} : { validUntilWallMs: validUntilWallMs as WallMs }),
				...(isSet === true ? { isSet } : {}),
			});
			if (answer === 'created') {
				this.tellHitChance();
				return codes.map((code, index) => ({ serial: index + 1, code: formatCode(code) }));
			}
			if (answer === 'exists_with_different_values') {
				throw new OctroiError('exists_with_different_values', `there is a batch ${id} already`, {
					fix: 'give the new one another name: its codes cannot be shown again',
				});
			}
			if (answer === 'account_taken') {
				throw new OctroiError('not_allowed', `there is an account ${id} already, which the set would need`, {
					fix: 'give the set another name',
				});
			}
		}
		throw tooShort();
	}

	/** A code that no other one is equal to, handed to `use` until it takes it. */
	newCode<Result extends { readonly answer: string }>(
		form: CodeForm,
		use: (hash: Buffer) => Result,
	): { code: string; result: Result } {
		for (let attempt = 0; attempt < COLLISIONS_MAX; attempt++) {
			const code = makeCode(form, this.#options.random);
			const result = use(this.hash(code));
			if (result.answer === 'code_taken') continue;
			this.tellHitChance();
			return { code: formatCode(code), result };
		}
		throw tooShort();
	}

	/** @throws OctroiError `ledger_*` */
	tellHitChance(): void {
		const { ledger, usualForm, onHitChance } = this.#options;
		onHitChance(ledger.codes.hitChance(codeSpace(usualForm)));
	}

	/** What a code is, without redeeming it. Undefined: there is none. @throws OctroiError `invalid_value` (mistyped) */
	find(typed: string): FoundCode | undefined {
		const read = readCode(typed);
		if (!read.ok) throw mistypedError(read.mistyped);
		return this.#options.ledger.codes.find(this.hash(read.code), this.#options.moment().trustedWallMs ?? null);
	}

	/** What is stored of a code. Makes the key at the first use. @throws OctroiError `code_key_lost`, `permission_denied`, `ledger_*` */
	hash(code: Code): Buffer {
		this.#key ??= this.#openKey();
		return this.#key.hash(code);
	}

	#openKey(): CodeKey {
		const { ledger, keyPath, random } = this.#options;
		const key = openCodeKey(keyPath, { mayMake: !ledger.codes.hasKey(), random });
		if (ledger.codes.bindKey(key.fingerprint()) === 'exists_with_different_values') {
			throw lost(`${keyPath} belongs to another ledger`);
		}
		return key;
	}

	#refuseGuessable(form: CodeForm, count: number): void {
		const years = yearsToGuess(form, count, this.#options.guessesPerHour);
		if (years >= YEARS_TO_GUESS_MIN) return;
		const long = Math.max(1, Math.round(years * 365.25));
		throw new OctroiError('invalid_value', `one of ${count} such codes could be guessed within about ${long} days`, {
			fix: 'make them longer, use letters, or allow fewer wrong codes an hour (codes.overallPerHour)',
		});
	}
}

function tooShort(): OctroiError {
	return new OctroiError('invalid_value', 'codes of that form are nearly used up', { fix: 'make them longer' });
}
