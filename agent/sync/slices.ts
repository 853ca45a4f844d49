import { accountKeyOf, accountProofOf } from '../../protocol/account-proof.ts';
import type { Event } from '../../protocol/event.ts';
import type { Grant } from '../../protocol/grant.ts';
import type { Policy } from '../../protocol/policy.ts';
import { upTopic } from '../../protocol/topics.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { AccountId } from '../core/units.ts';
import type { Answer } from '../ledger/answer.ts';
import type { NewSlice } from '../ledger/carrier.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import type { Accounts } from './accounts.ts';
import { type Outcome, outcomeOf } from './replies.ts';

/** Without a policy: what is asked for at once, and when the next is asked for. */
const SLICE_BYTES = 10 * 2 ** 20;
const LOW_BYTES = 5 * 2 ** 20;
/** An answer that does not come is asked for again. */
export const ASK_AGAIN_MS = 5000;
/** What the platform has denied is not asked for at once again, unless somebody comes. */
export const DENIED_MS = 30_000;
/** How long credit waits for a station that went away, before it goes back to the platform. */
export const IDLE_MS = 30_000;
/**
 * So long before its end a slice goes back while the platform can be told: a quarter of its validity, at least a look and a report, at
 * most what a grant may have been on its way. Its validity is counted from its arrival, the platform counts from the grant: what is
 * between them, and the report, is in this. So what is left is free again within the validity.
 */
const RETURN_EARLY_PART = 4;
const RETURN_EARLY_MS_MIN = 3000;
const RETURN_EARLY_MS_MAX = 30_000;
/** How long a station that comes waits for the platform. */
export const FIRST_WAIT_MS = 3000;

/** Customers whose codes were entered since our start, and who may be here: more than any access point has. */
const KEYS_MAX = 4096;

export type SlicesOptions = {
	readonly accessPoint: string;
	readonly ledger: Ledger;
	readonly accounts: Accounts;
	readonly clock: Clock;
	readonly moment: () => Moment;
	readonly log: Log;
	readonly isConnected: () => boolean;
	readonly publish: (topic: string, payload: string) => Promise<void>;
	readonly policy: () => Policy | undefined;
	readonly newId: () => string;
	/** Something is to be reported. */
	readonly onReturned: () => void;
};

/** Accounts that live at the platform: asks for slices of them, takes them, and gives back what is not needed. */
export class Slices {
	readonly #options: SlicesOptions;
	/** Not before then an account's next slice is asked for. */
	readonly #waits = new Map<AccountId, number>();
	/** Who waits for an answer. */
	readonly #waiting = new Map<AccountId, Set<() => void>>();
	/** Keys that follow from customers' codes. */
	readonly #keys = new Map<AccountId, string>();
	/** Since when nobody spends what an account has here. */
	readonly #idleSince = new Map<AccountId, number>();

	constructor(options: SlicesOptions) {
		this.#options = options;
	}

	/**
	 * Asks the platform for an account that is not known here; resolves when it has answered, or has not for too long.
	 *
	 * @param code of the customer: proves to the platform that he is here, now and with each later request
	 */
	async findAccount(account: AccountId, code?: string): Promise<void> {
		const { ledger, clock, isConnected } = this.#options;
		if (code !== undefined) this.#prove(account, code);
		if (ledger.account(account) || !isConnected()) return;
		await new Promise<void>((resolve) => {
			const waiting = this.#waiting.get(account) ?? new Set();
			this.#waiting.set(account, waiting);
			const done = () => {
				cancel();
				waiting.delete(done);
				if (waiting.size === 0) this.#waiting.delete(account);
				resolve();
			};
			const cancel = clock.after(FIRST_WAIT_MS, done);
			waiting.add(done);
			this.#ask(account, 0, 'first');
		});
	}

	/** A grant of the platform. @returns undefined: too old to tell whether it was done */
	async receive(message: { id: string; sequence: number }, grant: Grant): Promise<Outcome | undefined> {
		const { ledger } = this.#options;
		const replied = ledger.carrier.replied(message.id);
		if (replied !== undefined) return JSON.parse(replied) as Outcome;
		try {
			if (grant.kind === 'give') return await this.#give(message, grant);
			if (grant.kind === 'revoke') return await this.#revoke(message, grant.slice);
			this.#waits.set(grant.account as AccountId, this.#options.clock.bootMs() + DENIED_MS);
			return { outcome: 'done' };
		} catch (error) {
			return outcomeOf(error);
		} finally {
			if ('account' in grant) for (const done of [...(this.#waiting.get(grant.account as AccountId) ?? [])]) done();
		}
	}

	/** An account's right was renewed: if it lives at the platform and has little left, the next slice is asked for. */
	consider(account: AccountId, unsettledBytes: number): void {
		const { ledger, clock, moment, isConnected } = this.#options;
		if (!isConnected() || clock.bootMs() < (this.#waits.get(account) ?? 0)) return;
		if (!ledger.carrier.livesAtPlatform(account)) return;
		// What goes back soon is not counted: whoever spends it has the next one before that.
		const lasting = ledger.carrier.timedSlices(moment(), account).filter((slice) => slice.leftMs > lowMs(slice));
		const held = lasting.reduce((sum, { remaining }) => sum + remaining, 0);
		const remaining = Math.max(0, held - unsettledBytes);
		if (remaining <= this.#sizes().lowBytes) this.#ask(account, remaining, 'low');
	}

	/** To be called every second or so. */
	async tick(): Promise<void> {
		const { accounts, ledger, clock, moment, isConnected } = this.#options;
		const spending = new Map(accounts.spending().map(({ account, unsettledBytes }) => [account, unsettledBytes]));
		for (const [account, unsettledBytes] of spending) this.consider(account, unsettledBytes);
		for (const slice of ledger.carrier.timedSlices(moment())) {
			// Nobody could be told of it: then it may be spent to its end.
			const early = isConnected() ? earlyMs(slice) : 0;
			if (slice.leftMs <= early) await this.#giveBack(slice.id, slice.account, 'expired');
		}
		const held = ledger.carrier.slices();
		const now = clock.bootMs();
		for (const [account, untilMs] of this.#waits) if (untilMs < now) this.#waits.delete(account);
		for (const account of this.#idleSince.keys()) {
			if (spending.has(account) || held.every((slice) => slice.account !== account)) this.#idleSince.delete(account);
		}
		for (const { id, account } of held) {
			if (spending.has(account)) continue;
			const since = this.#idleSince.get(account) ?? now;
			this.#idleSince.set(account, since);
			if (now - since >= IDLE_MS) await this.#giveBack(id, account, 'detached');
		}
	}

	async #give(message: { id: string; sequence: number }, grant: Extract<Grant, { kind: 'give' }>): Promise<Outcome> {
		const { ledger, accounts, moment } = this.#options;
		const account = grant.account as AccountId;
		const at = moment();
		const given = await accounts.credit(account, () =>
			ledger.carrier.once(message, () => {
				const slice = sliceOf(grant, at);
				return JSON.stringify(slice === undefined ? TOO_LATE : givenOutcome(ledger.carrier.giveSlice(slice).answer));
			}),
		);
		this.#waits.delete(account);
		if (given.answer === 'replayed') return { outcome: 'refused', code: 'replayed', message: 'it is too old' };
		return JSON.parse(given.reply) as Outcome;
	}

	async #revoke(message: { id: string; sequence: number }, id: string): Promise<Outcome | undefined> {
		const { ledger, accounts, moment, onReturned } = this.#options;
		const account = ledger.carrier.slices().find((slice) => slice.id === id)?.account;
		const revoke = () =>
			ledger.carrier.once(message, () => {
				const returned = ledger.carrier.returnSlice(id, 'revoked', moment());
				return JSON.stringify({ outcome: returned === undefined ? 'exists' : 'done' } satisfies Outcome);
			});
		const done = account === undefined ? revoke() : await accounts.withdraw(account, revoke);
		onReturned();
		return done.answer === 'replayed' ? undefined : (JSON.parse(done.reply) as Outcome);
	}

	async #giveBack(id: string, account: AccountId, reason: 'expired' | 'detached'): Promise<void> {
		const { ledger, accounts, moment, log, onReturned } = this.#options;
		try {
			await accounts.withdraw(account, () => ledger.carrier.returnSlice(id, reason, moment()));
			onReturned();
		} catch (error) {
			log.warn({ error, slice: id, account }, 'could not give back a slice; trying again');
		}
	}

	/** As the policy says; else as much as it lets the platform give. */
	#sizes(): { bytes: number; lowBytes: number } {
		const { slices, offline } = this.#options.policy() ?? {};
		if (slices) return slices;
		const bytes = offline?.sliceBytesMax ?? SLICE_BYTES;
		return { bytes, lowBytes: Math.min(LOW_BYTES, Math.floor(bytes / 2)) };
	}

	/** Only the key that follows from the code is kept, and not beyond our end. */
	#prove(account: AccountId, code: string): void {
		this.#keys.delete(account);
		this.#keys.set(account, accountKeyOf(code, account));
		const [oldest] = this.#keys.keys();
		if (this.#keys.size > KEYS_MAX && oldest !== undefined) this.#keys.delete(oldest);
		// What was denied without a proof is asked for again.
		this.#waits.delete(account);
	}

	#ask(account: AccountId, remaining: number, reason: 'first' | 'low'): void {
		const { clock, moment, newId, accessPoint: ap, publish, log } = this.#options;
		this.#waits.set(account, clock.bootMs() + ASK_AGAIN_MS);
		const { bytes: wants } = this.#sizes();
		const id = newId();
		const key = this.#keys.get(account);
		const proof: Event['details'] =
			key === undefined ? {} : { proof: accountProofOf(key, { ap, account, request: id }) };
		const event: Event = {
			version: 1,
			ap,
			id,
			kind: 'slice.request',
			account,
			at: Math.max(0, moment().wallMs),
			details: { wants, remaining, reason, ...proof },
		};
		publish(upTopic(ap, 'event'), JSON.stringify(event)).catch((error) =>
			log.debug({ error, account }, 'a slice could not be asked for'),
		);
	}
}

/** How long before its end a slice goes back. */
export function earlyMs({ validMs }: { readonly validMs: number }): number {
	const part = Math.min(RETURN_EARLY_MS_MAX, Math.max(RETURN_EARLY_MS_MIN, validMs / RETURN_EARLY_PART));
	return Math.min(part, validMs / 2);
}

/** From when on the next one is asked for, if somebody spends it: an answer comes within this. */
function lowMs({ validMs }: { readonly validMs: number }): number {
	return earlyMs({ validMs }) + Math.min(ASK_AGAIN_MS, validMs / 4);
}

/** The package that a grant brings. @returns undefined: what it is a part of has ended, by a clock that is known to be right */
function sliceOf(grant: Extract<Grant, { kind: 'give' }>, at: Moment): NewSlice | undefined {
	const { slice: id, amount, throttleBytesPerSecond, pace, paceNow, endsAt } = grant;
	const left =
		endsAt === undefined || at.trustedWallMs == null ? Infinity : Math.floor((endsAt - at.trustedWallMs) / 1000);
	if (left < 1) return undefined;
	return {
		id,
		account: grant.account as AccountId,
		amount,
		at,
		validForSeconds: Math.min(grant.validForSeconds, left),
		...(throttleBytesPerSecond === undefined ? {} : { throttleBytesPerSecond }),
		...(pace === undefined ? {} : { pace }),
		...(paceNow === undefined ? {} : { paceNow }),
	};
}

const TOO_LATE: Outcome = { outcome: 'refused', code: 'expired', message: 'what it is a part of has ended' };

function givenOutcome(answer: Answer): Outcome {
	if (answer === 'created') return { outcome: 'done' };
	if (answer === 'exists') return { outcome: 'exists' };
	return {
		outcome: 'refused',
		code: 'exists_with_different_values',
		message: 'this slice was given before, otherwise',
	};
}
