import type Database from 'better-sqlite3';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, MacAddress, WallMs } from '../core/units.ts';
import type { AccountRow } from './account-store.ts';
import { GiftStore, giftOf } from './gift-store.ts';
import { validityTime } from './moment.ts';
import { Redeemer } from './redeemer.ts';
import { checkAmount, checkId, checkMoment } from './request-check.ts';
import type { SliceStore } from './slice-store.ts';
import { checkTerms } from './terms-check.ts';
import type { TopUpStores } from './top-up.ts';
import {
	BATCH_CODES_MAX,
	type CodeHash,
	type CodeLedger,
	type CreateBatchAnswer,
	type CreateBatchRequest,
	DEVICES_MAX,
	type Handover,
} from './voucher.ts';
import { VoucherStore, voucherOf } from './voucher-store.ts';

type Parts = {
	readonly database: Database.Database;
	readonly stores: TopUpStores & { readonly slices: SliceStore };
	/** Runs in one transaction, durable when it returns. */
	readonly write: <Result>(work: () => Result) => Result;
	readonly read: <Result>(work: () => Result) => Result;
	/** Throws `not_found`. */
	readonly known: (id: AccountId) => AccountRow;
};

/** 100 years. */
const VALID_FOR_SECONDS_MAX = 100 * 366 * 86_400;

/** Vouchers, card sets, gifts and handed-over devices, on the ledger's own tables and in its transactions. */
export function codeLedger(given: Parts): CodeLedger {
	const vouchers = new VoucherStore(given.database);
	const gifts = new GiftStore(given.database, { ...given.stores, vouchers });
	const parts = { ...given, vouchers, gifts };
	return {
		...keyPort(parts),
		...batchPort(parts),
		...redemptionPort(parts),
		...giftPort(parts),
		...cardPort(parts),
		...handoverPort(parts),
	};
}

type CodeParts = Parts & { readonly vouchers: VoucherStore; readonly gifts: GiftStore };

function keyPort({ database, write, read }: CodeParts): Pick<CodeLedger, 'bindKey' | 'hasKey'> {
	const keyOf = database.prepare<[], Uint8Array>('SELECT fingerprint FROM code_key').pluck();
	const addKey = database.prepare('INSERT INTO code_key VALUES (1, ?)');
	return {
		bindKey: (fingerprint) =>
			write(() => {
				const found = keyOf.get();
				if (found !== undefined)
					return Buffer.compare(found, fingerprint) === 0 ? 'exists' : 'exists_with_different_values';
				addKey.run(fingerprint);
				return 'created';
			}),
		hasKey: () => read(() => keyOf.get() !== undefined),
	};
}

function batchPort({
	stores,
	vouchers,
	write,
	read,
}: CodeParts): Pick<
	CodeLedger,
	'createBatch' | 'hitChance' | 'batches' | 'batch' | 'vouchers' | 'voucher' | 'void' | 'blockCard'
> {
	const { accounts } = stores;
	const knownBatch = (id: string, trustedWallMs: WallMs | null) => {
		const batch = vouchers.batch(id, trustedWallMs);
		if (batch === undefined) throw new OctroiError('not_found', `there is no batch ${id}`);
		return batch;
	};

	return {
		createBatch(request) {
			checkBatch(request);
			return write((): CreateBatchAnswer => {
				if (vouchers.batch(request.id, null) !== undefined) return 'exists_with_different_values';
				if (request.hashes.some((hash) => vouchers.code(hash) !== undefined)) return 'code_taken';
				if (request.isSet !== true) {
					vouchers.addBatch(request, null);
					return 'created';
				}
				const account = request.id as AccountId;
				if (accounts.find(account) !== undefined) return 'account_taken';
				accounts.create({ id: account }, request.at.wallMs);
				vouchers.addBatch(request, accounts.find(account)?.number as number);
				return 'created';
			});
		},
		hitChance: (otherSpace) => read(() => vouchers.hitChance(otherSpace)),
		batches: (trustedWallMs = null) => read(() => vouchers.batches(trustedWallMs)),
		batch: (id, trustedWallMs = null) => read(() => vouchers.batch(id, trustedWallMs)),
		vouchers: (batch, trustedWallMs = null) =>
			read(() => {
				knownBatch(batch, trustedWallMs);
				return vouchers.vouchers(batch, trustedWallMs);
			}),
		voucher: (batch, serial, trustedWallMs = null) =>
			read(() => {
				const row = vouchers.bySerial(batch, serial);
				return row === undefined ? undefined : voucherOf(row, trustedWallMs);
			}),
		void(batch, serial, at) {
			checkMoment(at);
			return write(() => {
				const isKnown = serial === undefined ? vouchers.batch(batch, null) : vouchers.bySerial(batch, serial);
				if (isKnown === undefined) return { answer: 'not_found', voided: 0 };
				const voided = vouchers.void(batch, serial, at.wallMs);
				return { answer: voided > 0 ? 'changed' : 'exists', voided };
			});
		},
		blockCard(set, serial, blocked, at) {
			checkMoment(at);
			return write(() => {
				const card = vouchers.bySerial(set, serial);
				return card == null || card.set_account === null ? 'not_found' : vouchers.block(card, blocked, at.wallMs);
			});
		},
	};
}

function redemptionPort({
	stores,
	vouchers,
	gifts,
	write,
	read,
	known,
}: CodeParts): Pick<CodeLedger, 'find' | 'openedBy' | 'redeem' | 'devicesOf'> {
	const redeemer = new Redeemer({ ...stores, vouchers, gifts });
	return {
		find: (hash, trustedWallMs = null) =>
			read(() => {
				const code = vouchers.code(hash);
				if (code === undefined) return undefined;
				if (code.gift !== null) return { kind: 'gift', gift: giftOf(gifts.byNumber(code.gift)) };
				const row = vouchers.voucher(code.voucher as number);
				const set = row.set_account === null ? {} : { set: row.set_account };
				return { kind: 'voucher', ...voucherOf(row, trustedWallMs), ...set };
			}),
		openedBy: (hash) =>
			read(() => {
				const code = vouchers.code(hash);
				if (code === undefined) return undefined;
				if (code.gift !== null) {
					const { opens, receiver } = gifts.byNumber(code.gift);
					return opens === 1 && receiver !== null ? receiver : undefined;
				}
				const { opens, account, revoked_wall_ms } = vouchers.voucher(code.voucher as number);
				return opens === 1 && account !== null && revoked_wall_ms === null ? account : undefined;
			}),
		redeem(request) {
			checkHash(request.hash);
			checkMoment(request.at);
			return write(() => redeemer.redeem(request));
		},
		devicesOf: (account) => read(() => vouchers.devicesOf(known(account).number)),
	};
}

function giftPort({
	gifts,
	write,
	read,
	known,
}: CodeParts): Pick<CodeLedger, 'give' | 'returnGift' | 'returnExpired' | 'nextReturn' | 'gifts' | 'gift'> {
	return {
		give(request) {
			checkId('gift', request.id);
			checkHash(request.hash);
			checkMoment(request.at);
			checkAmount('the amount of the gift', request.amount, 1);
			if (request.validForSeconds !== undefined) {
				checkAmount('validForSeconds', request.validForSeconds, 1, VALID_FOR_SECONDS_MAX);
			}
			return write(() => gifts.give(request));
		},
		returnGift(id, at) {
			checkMoment(at);
			return write(() => {
				const gift = gifts.byId(id);
				if (gift === undefined) return 'not_found';
				if (gift.state !== 'offered') return 'exists';
				gifts.giveBack(gift, at);
				return 'changed';
			});
		},
		returnExpired(at) {
			checkMoment(at);
			const now = validityTime(at);
			if (now === null) return [];
			return write(() =>
				gifts.endedBy(now).map((gift) => {
					gifts.giveBack(gift, at);
					return giftOf(gifts.byNumber(gift.number));
				}),
			);
		},
		nextReturn: () => read(() => gifts.nextEnd()),
		gifts: (account) => read(() => gifts.ofGiver(known(account).number)),
		gift: (id) =>
			read(() => {
				const row = gifts.byId(id);
				return row === undefined ? undefined : giftOf(row);
			}),
	};
}

function cardPort({
	vouchers,
	write,
	read,
}: CodeParts): Pick<CodeLedger, 'cameWithCard' | 'stationsOfCard' | 'cardOf'> {
	return {
		cameWithCard: (mac, set, serial) =>
			write(() => {
				const card = vouchers.bySerial(set, serial);
				if (card === undefined) throw new OctroiError('not_found', `there is no card ${serial} of ${set}`);
				vouchers.came(mac, card);
			}),
		stationsOfCard: (set, serial) => read(() => vouchers.stationsOfCard(set, serial)),
		cardOf: (mac) => read(() => vouchers.cardOf(mac)),
	};
}

function handoverPort({ database, write, read, known }: CodeParts): Pick<CodeLedger, 'recordHandover' | 'handovers'> {
	const addHandover = database.prepare(
		'INSERT INTO handover (mac, giver, receiver, how, wall_ms) VALUES (?, ?, ?, ?, ?)',
	);
	const handovers = database.prepare<[string | null, string | null], HandoverRow>(`
		SELECT h.mac, g.id AS giver, r.id AS receiver, h.how, h.wall_ms FROM handover AS h
			LEFT JOIN account AS g ON g.number = h.giver JOIN account AS r ON r.number = h.receiver
		WHERE ? IS NULL OR h.mac = ? ORDER BY h.number DESC LIMIT 100`);
	return {
		recordHandover({ mac, from, to, how }, at) {
			checkMoment(at);
			write(() => {
				const giver = from === undefined ? null : known(from).number;
				addHandover.run(mac, giver, known(to).number, how, at.wallMs);
			});
		},
		handovers: (mac) => read(() => handovers.all(mac ?? null, mac ?? null).map(handoverOf)),
	};
}

type HandoverRow = {
	readonly mac: MacAddress;
	readonly giver: AccountId | null;
	readonly receiver: AccountId;
	readonly how: Handover['how'];
	readonly wall_ms: WallMs;
};

function handoverOf({ mac, giver, receiver, how, wall_ms }: HandoverRow): Handover {
	return { mac, ...(giver === null ? {} : { from: giver }), to: receiver, how, wallMs: wall_ms };
}

function checkBatch(request: CreateBatchRequest): void {
	if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(request.id)) {
		throw new OctroiError('invalid_value', `${JSON.stringify(request.id.slice(0, 40))} is not the name of a batch`, {
			fix: 'use 1 to 32 of a-z, 0-9 and "-", starting with a letter or digit',
		});
	}
	checkMoment(request.at);
	checkTerms(request.terms);
	checkAmount('the number of codes', request.hashes.length, 1, BATCH_CODES_MAX);
	checkAmount('the number of devices', request.devices, 1, DEVICES_MAX);
	if (request.validUntilWallMs !== undefined && !Number.isSafeInteger(request.validUntilWallMs)) {
		throw new OctroiError('invalid_value', 'the end of the batch is not a time in whole milliseconds');
	}
	for (const hash of request.hashes) checkHash(hash);
}

function checkHash(hash: CodeHash): void {
	if (hash.length !== 16) throw new OctroiError('invalid_value', 'a stored code has 16 bytes');
}
