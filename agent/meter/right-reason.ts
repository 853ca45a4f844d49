import type { Account, End } from '../ledger/account.ts';
import type { SettleResult } from '../ledger/settle.ts';
import { REMAINDER_BYTES } from './window.ts';

/**
 * Why a pool's packets pass or do not. Each kind was tested: none stands for what is left when all others are not it.
 *
 * `blocked`: by the operator. `nothing_left`: no byte, second or money is there to spend; `isFirst`: and nothing was ever spent.
 * The rests are there and are kept, but they are too small: bytes that are less than a packet, seconds that are less than one for
 * each station, money that the tariff gives nothing for.
 */
export type RightReason =
	| { readonly kind: 'time' | 'bytes' | 'grace' | 'wallet' | 'blocked' }
	| { readonly kind: 'nothing_left'; readonly isFirst: boolean; readonly isSlowed: boolean }
	| { readonly kind: 'small_rest'; readonly rest: SmallRest; readonly isSlowed: boolean };

export type SmallRest =
	| { readonly unit: 'byte'; readonly amount: number }
	| { readonly unit: 'second'; readonly amount: number; readonly stations: number }
	| { readonly unit: 'micro'; readonly amount: number };

/** Why the kernel lets packets pass. @param unit of what was granted */
export function rightReason({ inGrace, grants }: SettleResult, unit: 'byte' | 'second'): RightReason {
	if (inGrace && grants.length === 1) return { kind: 'grace' };
	if (grants[0]?.unit === 'micro') return { kind: 'wallet' };
	return { kind: unit === 'second' ? 'time' : 'bytes' };
}

/**
 * Why an account cannot pay any more.
 *
 * @param left what it has, of which nothing could be granted
 * @param stations how many would spend it
 */
export function endReason({
	account,
	end,
	left,
	stations,
}: {
	account: Pick<Account, 'blocked'>;
	end: End;
	left: Left;
	stations: number;
}): RightReason {
	if (account.blocked) return { kind: 'blocked' };
	const isSlowed = end.atEnd === 'throttle';
	const rest = smallRest(left, stations);
	if (rest !== undefined) return { kind: 'small_rest', rest, isSlowed };
	return { kind: 'nothing_left', isFirst: end.package === undefined, isSlowed };
}

export type Left = { readonly byte: number; readonly second: number; readonly micro: number };

/** What a settlement left unspent: what it granted too little of, and what nobody has reserved. */
export function leftOf({ available, granted }: Pick<SettleResult, 'available' | 'granted'>): Left {
	return { byte: available.byte + granted.byte, second: available.second + granted.second, micro: available.micro };
}

function smallRest({ byte, second, micro }: Left, stations: number): SmallRest | undefined {
	if (byte > 0) return { unit: 'byte', amount: byte };
	if (second > 0) return { unit: 'second', amount: second, stations };
	return micro > 0 ? { unit: 'micro', amount: micro } : undefined;
}

/** For people: a part of a sentence without a stop. */
export function reasonText(reason: RightReason): string {
	switch (reason.kind) {
		case 'time':
			return 'a time package is running';
		case 'bytes':
			return 'within its balance';
		case 'grace':
			return 'used up; what is allowed after the end';
		case 'wallet':
			return 'paid from the wallet';
		case 'blocked':
			return 'the account is blocked';
		case 'nothing_left':
			return slowed(
				reason.isFirst ? 'nothing is there to spend, and nothing was spent yet' : 'nothing is left to spend',
				reason,
			);
		case 'small_rest':
			return slowed(`${restText(reason.rest)}; it stays, and adds to the next purchase`, reason);
	}
}

function slowed(text: string, { isSlowed }: { isSlowed: boolean }): string {
	return isSlowed ? `${text}; fair use` : text;
}

function restText(rest: SmallRest): string {
	switch (rest.unit) {
		case 'byte':
			return rest.amount < REMAINDER_BYTES
				? `what is left (${rest.amount} B) is less than a full packet (${REMAINDER_BYTES} B)`
				: `what is left (${rest.amount} B) cannot be granted`;
		case 'second':
			return rest.amount < rest.stations
				? `what is left (${rest.amount} s) is less than a second for each of ${rest.stations} stations`
				: `what is left (${rest.amount} s) cannot be granted`;
		case 'micro':
			return `what is left in the wallet (${rest.amount} micro) buys nothing by its tariff`;
	}
}
