import { createHash } from 'node:crypto';
import type { Command } from '../../protocol/command.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, MacAddress } from '../core/units.ts';
import type { Answer } from '../ledger/answer.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import type { Accounts } from './accounts.ts';
import { type Catalogue, planOf } from './catalogue.ts';
import { termsOf } from './policy-faults.ts';
import { type Outcome, outcomeOf } from './replies.ts';

export type CommandsOptions = {
	readonly ledger: Ledger;
	readonly accounts: Accounts;
	readonly catalogue: Catalogue;
	readonly moment: () => Moment;
	/** Report everything now. */
	readonly reread: () => void;
};

type Message = { readonly id: string; readonly sequence: number };
/** Runs what changes the books, once for ever, with its reply. */
type Once = (work: () => Answer) => Outcome | undefined;
type Of<Word extends Command['command']> = Extract<Command, { command: Word }>;

const DONE: Record<'created' | 'changed' | 'exists', Outcome> = {
	created: { outcome: 'done' },
	changed: { outcome: 'done' },
	exists: { outcome: 'exists' },
};

/** What each command does. Its effect and its reply are one transaction, so that it takes effect once however often it comes. */
export class Commands {
	readonly #options: CommandsOptions;

	constructor(options: CommandsOptions) {
		this.#options = options;
	}

	/** @returns undefined: too old to tell whether it was done; nothing is done */
	async perform(message: Message, command: Command): Promise<Outcome | undefined> {
		const replied = this.#options.ledger.carrier.replied(message.id);
		if (replied !== undefined) return JSON.parse(replied) as Outcome;
		const once: Once = (work) => this.#once(message, () => outcomeOfAnswer(work()));
		try {
			return await this.#do(message, command, once);
		} catch (error) {
			const outcome = outcomeOf(error);
			// What could not be done now may be asked for again; what is refused stays refused.
			return outcome.outcome === 'failed' ? outcome : this.#once(message, () => outcome);
		}
	}

	#once(message: Message, work: () => Outcome): Outcome | undefined {
		const done = this.#options.ledger.carrier.once(message, () => JSON.stringify(work()));
		return done.answer === 'replayed' ? undefined : (JSON.parse(done.reply) as Outcome);
	}

	#do(message: Message, command: Command, once: Once): Promise<Outcome | undefined> {
		const { ledger, accounts } = this.#options;
		switch (command.command) {
			case 'topup':
				return this.#topUp(message, command, once);
			case 'block':
			case 'unblock': {
				const account = command.account as AccountId;
				const isBlocked = command.command === 'block';
				const change = () => once(() => ledger.blockAccount(account, isBlocked));
				return isBlocked ? accounts.withdraw(account, change) : accounts.credit(account, change);
			}
			case 'throttle': {
				const { account, command: _, ...pace } = command;
				return this.#changeTerms(account as AccountId, once, { pace });
			}
			case 'at-end': {
				const { account, command: _, ...end } = command;
				return this.#changeTerms(account as AccountId, once, { end });
			}
			case 'tariff':
				return this.#tariff(command, once);
			case 'transfer':
				return this.#transfer(message, command, once);
			case 'detach':
				return this.#detach(command, once);
			case 'reread':
				this.#options.reread();
				return Promise.resolve(once(() => 'changed'));
		}
	}

	#topUp({ id }: Message, command: Of<'topup'>, once: Once): Promise<Outcome | undefined> {
		const { ledger, accounts, catalogue, moment } = this.#options;
		const account = command.account as AccountId;
		const { terms: sent } = command;
		if ((command.plan === undefined) === (sent === undefined)) {
			throw new OctroiError('invalid_value', 'a top-up has either a plan or terms');
		}
		const plan = sent
			? planOf(sent, sent.tariff === undefined ? undefined : catalogue.tariff(sent.tariff))
			: catalogue.plan(command.plan as string);
		if (plan === undefined) throw new OctroiError('not_found', `there is no plan ${command.plan}`);
		const terms = termsOf(plan);
		const buy = () =>
			once(() => {
				if (command.create === true) ledger.createAccount({ id: account });
				return ledger.topUp({ transferId: id, account, package: terms, at: moment() }).answer;
			});
		// What passes for money is charged by the former tariff until now.
		return terms.tariff === undefined ? accounts.credit(account, buy) : accounts.withdraw(account, buy);
	}

	#changeTerms(account: AccountId, once: Once, change: Parameters<Ledger['carrier']['changeTerms']>[1]) {
		const { ledger, accounts } = this.#options;
		return accounts.withdraw(account, () => once(() => ledger.carrier.changeTerms(account, change)));
	}

	#tariff({ account: id, tariff: name }: Of<'tariff'>, once: Once): Promise<Outcome | undefined> {
		const { ledger, accounts, catalogue } = this.#options;
		const account = id as AccountId;
		const tariff = catalogue.tariff(name);
		if (tariff === undefined) throw new OctroiError('not_found', `there is no tariff ${name}`);
		return accounts.withdraw(account, () => once(() => ledger.carrier.setTariff(account, tariff)));
	}

	async #transfer({ id }: Message, command: Of<'transfer'>, once: Once): Promise<Outcome | undefined> {
		const { ledger, accounts, moment } = this.#options;
		const giver = command.from as AccountId;
		const taker = command.to as AccountId;
		const { unit, amount } = command;
		// The permission lives within the transaction only; its code is never told to anybody.
		const code = createHash('sha256').update(`carrier ${id}`).digest('hex').slice(0, 40);
		const done = await accounts.withdraw(giver, () =>
			once(() => {
				const permitted = ledger.permit({ code, giver, taker, unit, amount, at: moment() });
				if (permitted === 'not_found') return permitted;
				return ledger.take({ transferId: id, code, taker, at: moment() }).answer;
			}),
		);
		accounts.changed(taker);
		return done;
	}

	/** What the kernel and the session do cannot be in one transaction with the reply: who is detached already, stays so. */
	async #detach({ account, station }: Of<'detach'>, once: Once): Promise<Outcome | undefined> {
		const { accounts } = this.#options;
		if ((account === undefined) === (station === undefined)) {
			throw new OctroiError('invalid_value', 'detach has either an account or a station');
		}
		const stations = account === undefined ? [station as MacAddress] : accounts.stations(account as AccountId);
		let detached = 0;
		for (const mac of stations) {
			try {
				await accounts.detach(mac, 'detached by the carrier');
				detached += 1;
			} catch (error) {
				// It was not attached.
				if (!(error instanceof OctroiError) || error.code !== 'not_found') throw error;
			}
		}
		return once(() => (detached > 0 ? 'changed' : 'exists'));
	}
}

function outcomeOfAnswer(answer: Answer): Outcome {
	if (answer === 'created' || answer === 'changed' || answer === 'exists') return DONE[answer];
	const code = answer === 'exists_with_different_values' || answer === 'not_found' ? answer : 'not_allowed';
	throw new OctroiError(code, WHY_NOT[answer]);
}

const WHY_NOT = {
	exists_with_different_values: 'this id was used before, with other values',
	not_found: 'the account does not exist',
	nothing_to_extend: 'no running package of this unit expires, so there is nothing to extend',
	meter_in_use: 'the meter is in use',
} as const;
