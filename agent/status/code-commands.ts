import { accountIdRule } from '../core/account-id.ts';
import { parseMacAddress } from '../core/mac-address.ts';
import { planNameRule } from '../core/plan-name.ts';
import { type AccountId, AMOUNT_MAX, type MacAddress, type Unit, type WallMs } from '../core/units.ts';
import { oneOf, parsedText, quoteValue, textOf, type ValueRule, wholeNumber } from '../core/value-rule.ts';
import { ALPHABET_NAMES, type AlphabetName } from '../voucher/alphabet.ts';
import { LENGTH_MAX, LENGTH_MIN, PREFIX_SYMBOLS_MAX } from '../voucher/code-maker.ts';
import { PASTED_CHARACTERS_MAX } from '../voucher/pasted-code.ts';
import type { Argument, CommandShape } from './command-shape.ts';
import type {
	BatchRow,
	Done,
	EntryRow,
	FoundRow,
	GiftRow,
	PairingRow,
	PrintedRow,
	StationRow,
	VoucherRow,
} from './protocol.ts';

/** As many as the ledger makes in one transaction. */
const CODES_MAX = 10_000;
const DEVICES_MAX = 1000;

/** A batch's name is the beginning of its accounts' ids. */
export const batchNameRule = textOf(
	/^[a-z0-9][a-z0-9-]{0,31}$/,
	'a batch name: 1 to 32 of a-z, 0-9 and "-", starting with a letter or digit',
);

/** What is typed is not quoted in the problem: it may be a code. */
const typedRule: ValueRule<string> = {
	accepts: 'a code, as it stands on the card',
	read: (input) =>
		typeof input === 'string' && input.length <= PASTED_CHARACTERS_MAX
			? { ok: true, value: input }
			: { ok: false, problem: `is not a text of at most ${PASTED_CHARACTERS_MAX} characters` },
};

export const yesOrNo: ValueRule<boolean> = {
	accepts: 'true or false',
	read: (input) =>
		typeof input === 'boolean'
			? { ok: true, value: input }
			: { ok: false, problem: `${quoteValue(input)} is not true or false` },
};

const giftIdRule = textOf(
	/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/,
	'a gift id: 1 to 64 letters, digits, ".", "_", ":" and "-", starting with a letter or digit',
);

/** The commands for vouchers, gifts and pairing, with what each takes and answers. */
export type CodeCommandTypes = {
	'voucher.create': {
		arguments: {
			batch: string;
			plan: string;
			count: number;
			alphabet?: AlphabetName;
			length?: number;
			prefix: string;
			devices: number;
			validUntil?: WallMs;
			set: boolean;
		};
		result: {
			batch: BatchRow;
			title: string;
			codes: readonly PrintedRow[];
			yearsToGuess: number;
			/** Of the plan, for the cards. */
			priceMicro?: number;
			validForSeconds?: number;
			currency: string;
		};
	};
	'voucher.list': { arguments: Record<never, never>; result: readonly BatchRow[] };
	'voucher.show': { arguments: { batch: string }; result: { batch: BatchRow; vouchers: readonly VoucherRow[] } };
	'voucher.find': { arguments: { code: string }; result: FoundRow };
	'voucher.redeem': { arguments: { code: string; mac?: MacAddress; account?: AccountId }; result: EntryRow };
	'voucher.void': {
		arguments: { batch: string; serial?: number };
		result: Done & { batch: string; voided: number };
	};
	'voucher.block': {
		arguments: { batch: string; serial: number };
		result: Done & { batch: string; serial: number; detached: readonly MacAddress[] };
	};
	'voucher.unblock': { arguments: { batch: string; serial: number }; result: Done & { batch: string; serial: number } };
	'account.gift': {
		/** `gift`: made by whoever asks; asking twice with one id gives once, and shows the code only the first time. */
		arguments: { account: AccountId; unit: Unit; amount: number; gift?: string };
		result: { answer: 'created' | 'exists'; gift: GiftRow; code?: string };
	};
	'gift.list': { arguments: { account: AccountId }; result: readonly GiftRow[] };
	'gift.return': { arguments: { gift: string }; result: Done & { gift: string } };
	'pair.start': { arguments: { account: AccountId }; result: PairingRow };
	'pair.list': { arguments: Record<never, never>; result: readonly PairingRow[] };
	'pair.confirm': { arguments: { code: string; mac: MacAddress }; result: StationRow };
	'station.handover': { arguments: { mac: MacAddress; account: AccountId }; result: StationRow };
};

const account: Argument = { rule: accountIdRule };
const mac: Argument = { rule: parsedText(parseMacAddress, 'a MAC address') };
const batch: Argument = { rule: batchNameRule };
const serial: Argument = { rule: wholeNumber({ min: 1, max: CODES_MAX }) };
const code: Argument = { rule: typedRule };
const gift: Argument = { rule: giftIdRule };

/** Codes are secrets: what shows or takes one is for the control socket, even if it only reads. */
export const CODE_SHAPES: { readonly [Name in keyof CodeCommandTypes]: CommandShape } = {
	'voucher.create': {
		readOnly: false,
		argumentsSchema: {
			batch,
			plan: { rule: planNameRule },
			count: { rule: wholeNumber({ min: 1, max: CODES_MAX }) },
			alphabet: { rule: oneOf(ALPHABET_NAMES), optional: true },
			length: { rule: wholeNumber({ min: LENGTH_MIN, max: LENGTH_MAX }), optional: true },
			prefix: {
				rule: textOf(/^[0-9A-Z]{0,8}$/, `a prefix: up to ${PREFIX_SYMBOLS_MAX} of 0-9 and A-Z`),
				default: '',
			},
			devices: { rule: wholeNumber({ min: 1, max: DEVICES_MAX }), default: 1 },
			validUntil: { rule: wholeNumber({ min: 0, max: 8.64e15 }), optional: true },
			set: { rule: yesOrNo, default: false },
		},
	},
	'voucher.list': { readOnly: true, argumentsSchema: {} },
	'voucher.show': { readOnly: true, argumentsSchema: { batch } },
	'voucher.find': { readOnly: false, argumentsSchema: { code } },
	'voucher.redeem': {
		readOnly: false,
		argumentsSchema: { code, mac: { ...mac, optional: true }, account: { ...account, optional: true } },
	},
	'voucher.void': { readOnly: false, argumentsSchema: { batch, serial: { ...serial, optional: true } } },
	'voucher.block': { readOnly: false, argumentsSchema: { batch, serial } },
	'voucher.unblock': { readOnly: false, argumentsSchema: { batch, serial } },
	'account.gift': {
		readOnly: false,
		argumentsSchema: {
			account,
			unit: { rule: oneOf(['byte', 'second']) },
			amount: { rule: wholeNumber({ min: 1, max: AMOUNT_MAX }) },
			gift: { ...gift, optional: true },
		},
	},
	'gift.list': { readOnly: true, argumentsSchema: { account } },
	'gift.return': { readOnly: false, argumentsSchema: { gift } },
	'pair.start': { readOnly: false, argumentsSchema: { account } },
	'pair.list': { readOnly: false, argumentsSchema: {} },
	'pair.confirm': { readOnly: false, argumentsSchema: { code, mac } },
	'station.handover': { readOnly: false, argumentsSchema: { mac, account } },
};
