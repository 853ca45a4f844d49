import { createHash } from 'node:crypto';
import type { CreateBatchRequest, GiveRequest, RedeemRequest } from '../../../agent/ledger/voucher.ts';
import { ANN, AT } from './temporary-ledger.ts';

/** What is stored of a code; which key it was hashed with does not matter to the ledger. */
export function hashOf(code: string): Buffer {
	return createHash('sha256').update(code).digest().subarray(0, 16);
}

/** A batch of `count` codes `ID-1`, `ID-2`, …, each for 1,000 bytes. */
export function batchOf(id: string, count: number, more: Partial<CreateBatchRequest> = {}): CreateBatchRequest {
	return {
		id,
		terms: { unit: 'byte', amount: 1000, planName: 'ten', atEnd: 'block' },
		hashes: Array.from({ length: count }, (_, index) => hashOf(`${id}-${index + 1}`)),
		devices: 1,
		at: AT,
		...more,
	};
}

export function redemptionOf(code: string, more: Partial<RedeemRequest> = {}): RedeemRequest {
	return { hash: hashOf(code), at: AT, ...more };
}

export function giftOf(id: string, amount: number, more: Partial<GiveRequest> = {}): GiveRequest {
	return { id, account: ANN, unit: 'byte', amount, hash: hashOf(`gift ${id}`), at: AT, ...more };
}
