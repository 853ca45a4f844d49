import type { Identity } from '../accounts/identity.ts';
import { termsOf } from '../accounts/plan-terms.ts';
import { entryError } from '../accounts/redemption.ts';
import type { Config, Plan } from '../config/config.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { TrustedClock } from '../core/trusted-clock.ts';
import type { MacAddress } from '../core/units.ts';
import type { Answer } from '../ledger/answer.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import { shownEnd } from '../ledger/validity.ts';
import type { Batch, Gift } from '../ledger/voucher.ts';
import type { CodeCommandTypes } from '../status/code-commands.ts';
import type { CommandHandlers } from '../status/commands.ts';
import type { GiftRow, StationRow } from '../status/protocol.ts';
import { guessesPerHourMax } from '../voucher/code-limiter.ts';
import { LENGTH_DEFAULT } from '../voucher/code-maker.ts';
import { yearsToGuess } from '../voucher/odds.ts';
import { resultOf } from './answer-result.ts';

export type CodeCommandParts = {
	readonly config: Config;
	readonly trusted: TrustedClock;
	readonly ledger: Ledger;
	readonly identity: Identity;
	readonly newTransferId: () => string;
	/** @throws OctroiError `not_found` */
	readonly plan: (name: string) => Plan;
	readonly stationRow: (mac: MacAddress) => StationRow;
};

/** What the commands for vouchers, gifts and pairing do. */
export function codeCommands(parts: CodeCommandParts): Pick<CommandHandlers, keyof CodeCommandTypes> {
	return { ...voucherCommands(parts), ...giftCommands(parts), ...pairingCommands(parts) };
}

type VoucherCommand = Extract<keyof CodeCommandTypes, `voucher.${string}`>;

function voucherCommands(parts: CodeCommandParts): Pick<CommandHandlers, VoucherCommand> {
	const { config, trusted, ledger, identity, plan } = parts;
	const { codes, desk, cards, moment } = identity;
	const knownBatch = (id: string): Batch => {
		const batch = ledger.codes.batch(id, trusted.wallMs());
		if (batch !== undefined) return batch;
		throw new OctroiError('not_found', `there is no batch ${id}`, { fix: 'see `octroi voucher list`' });
	};

	return {
		'voucher.create'({ batch: id, plan: name, count, prefix, devices, validUntil, set, ...form }) {
			const { title, ...rest } = plan(name);
			const now = trusted.wallMs();
			if (validUntil !== undefined && now !== null && validUntil <= now) {
				throw new OctroiError('invalid_value', 'the last day of these codes is over: none of them could be redeemed', {
					fix: 'name a day that is still to come, or none',
				});
			}
			const alphabet = form.alphabet ?? config.codes.alphabet;
			const isConfigured = alphabet === config.codes.alphabet && config.codes.length !== undefined;
			const length = form.length ?? (isConfigured ? (config.codes.length as number) : LENGTH_DEFAULT[alphabet]);
			const printed = codes.createBatch({
				id,
				terms: termsOf(rest),
				count,
				form: { alphabet, length, prefix },
				devices,
				isSet: set,
				...(validUntil === undefined ? {} : { validUntilWallMs: validUntil }),
			});
			const roles = new Map(ledger.codes.vouchers(id).map(({ serial, role }) => [serial, role]));
			return {
				batch: knownBatch(id),
				title,
				codes: printed.map(({ serial, code }) => ({ serial, role: roles.get(serial) ?? 'single', code })),
				...(rest.priceMicro === undefined ? {} : { priceMicro: rest.priceMicro }),
				...(rest.validForSeconds === undefined ? {} : { validForSeconds: rest.validForSeconds }),
				currency: config.currency,
				yearsToGuess: Math.floor(yearsToGuess({ alphabet, length }, count, guessesPerHourMax(config.codes))),
			};
		},
		'voucher.list': () => ledger.codes.batches(trusted.wallMs()),
		'voucher.show': ({ batch }) => ({
			batch: knownBatch(batch),
			vouchers: ledger.codes.vouchers(batch, trusted.wallMs()),
		}),
		'voucher.find'({ code }) {
			const found = codes.find(code);
			if (found === undefined) throw entryError({ answer: 'unknown' });
			return found;
		},
		async 'voucher.redeem'({ code, mac, account }) {
			const entry = await desk.enter({
				typed: code,
				...(mac === undefined ? {} : { mac }),
				...(account === undefined ? {} : { account }),
			});
			if (entry.answer === 'redeemed' || entry.answer === 'returned') return entry;
			throw entryError(entry);
		},
		'voucher.void'({ batch, serial }) {
			const { answer, voided } = ledger.codes.void(batch, serial, moment());
			return { ...resultOf(answer), batch, voided };
		},
		async 'voucher.block'({ batch, serial }) {
			const { answer, detached } = await cards.block(batch, serial, true);
			return { ...resultOf(answer as Answer), batch, serial, detached };
		},
		async 'voucher.unblock'({ batch, serial }) {
			const { answer } = await cards.block(batch, serial, false);
			return { ...resultOf(answer as Answer), batch, serial };
		},
	};
}

function giftCommands(parts: CodeCommandParts): Pick<CommandHandlers, 'account.gift' | 'gift.list' | 'gift.return'> {
	const { ledger, identity, newTransferId } = parts;
	const { gifts, moment } = identity;
	return {
		async 'account.gift'({ account, unit, amount, gift: id = newTransferId() }) {
			const { answer, code, gift, available } = await gifts.give({ id, account, unit, amount });
			if (answer === 'given' && gift !== undefined && code !== undefined)
				return { answer: 'created', gift: giftRow(gift, moment()), code };
			if (answer === 'exists' && gift !== undefined) return { answer: 'exists', gift: giftRow(gift, moment()) };
			if (answer === 'too_little') {
				throw new OctroiError('not_allowed', `${account} has only ${available} (${unit}) to give`, {
					fix: 'give less',
				});
			}
			if (answer === 'account_blocked') throw new OctroiError('not_allowed', `account ${account} is blocked`);
			resultOf(answer as 'not_found' | 'exists_with_different_values');
			throw new OctroiError('internal', `a gift was answered with ${answer}`);
		},
		'gift.list': ({ account }) => ledger.codes.gifts(account).map((gift) => giftRow(gift, moment())),
		async 'gift.return'({ gift }) {
			return { ...resultOf(await gifts.takeBack(gift)), gift };
		},
	};
}

type PairingCommand = Extract<keyof CodeCommandTypes, `pair.${string}`> | 'station.handover';

function pairingCommands({ identity, stationRow }: CodeCommandParts): Pick<CommandHandlers, PairingCommand> {
	const { pairing, admission } = identity;
	return {
		'pair.start': ({ account }) => pairing.start(account, 'display'),
		'pair.list': () => pairing.list(),
		async 'pair.confirm'({ code, mac }) {
			const paired = await pairing.confirm(code, mac);
			if (paired.answer === 'wait') throw entryError(paired);
			if (paired.answer === 'wrong') {
				throw new OctroiError('not_found', 'no device is being paired with that code', {
					fix: 'ask for a new code: each works once, for two minutes',
				});
			}
			return stationRow(mac);
		},
		async 'station.handover'({ mac, account }) {
			await admission.handOver(mac, account, 'operator');
			return stationRow(mac);
		},
	};
}

/** A gift for people: while no date is known, with how long it is offered yet. */
function giftRow({ validUntilWallMs, ...gift }: Gift, at: Moment): GiftRow {
	const { endMs, leftSeconds } = shownEnd(validUntilWallMs, at);
	return {
		...gift,
		...(endMs === undefined ? {} : { validUntilWallMs: endMs }),
		...(leftSeconds === undefined ? {} : { leftSeconds }),
	};
}
