import type Database from 'better-sqlite3';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, MacAddress, WallMs } from '../core/units.ts';
import type { Answer } from './answer.ts';
import type { PackageTerms } from './package.ts';
import type { Batch, CodeHash, CreateBatchRequest, VOUCHER_STATES, Voucher } from './voucher.ts';

/** A voucher as it is redeemed, with its batch. */
export type VoucherRow = {
	readonly number: number;
	readonly serial: number;
	readonly control: 0 | 1;
	readonly opens: 0 | 1 | null;
	readonly account: AccountId | null;
	readonly redeemed_wall_ms: WallMs | null;
	readonly revoked_wall_ms: WallMs | null;
	readonly batch: string;
	readonly batch_number: number;
	readonly terms: string;
	readonly devices: number;
	readonly valid_until_wall_ms: WallMs | null;
	/** The account of its set. */
	readonly set_account: AccountId | null;
};

type BatchRow = {
	readonly number: number;
	readonly id: string;
	readonly terms: string;
	readonly count: number;
	readonly devices: number;
	readonly valid_until_wall_ms: WallMs | null;
	readonly created_wall_ms: WallMs;
	readonly account: AccountId | null;
};

const SELECT_VOUCHER = `
	SELECT v.number, v.serial, v.control, v.opens, a.id AS account, v.redeemed_wall_ms, v.revoked_wall_ms, b.id AS batch,
		b.number AS batch_number, b.terms, b.devices, b.valid_until_wall_ms, s.id AS set_account
	FROM voucher AS v JOIN voucher_batch AS b ON b.number = v.batch
		LEFT JOIN account AS a ON a.number = v.account LEFT JOIN account AS s ON s.number = b.account`;

const SELECT_BATCH = `
	SELECT b.number, b.id, b.terms, b.count, b.devices, b.valid_until_wall_ms, b.created_wall_ms, a.id AS account
	FROM voucher_batch AS b LEFT JOIN account AS a ON a.number = b.account`;

/** The tables `voucher_batch`, `voucher`, `code` and `card_station`. */
export class VoucherStore {
	readonly #code: Database.Statement<[CodeHash], { voucher: number | null; gift: number | null }>;
	readonly #addCode: Database.Statement<[CodeHash, number | null, number | null]>;
	readonly #voucher: Database.Statement<[number], VoucherRow>;
	readonly #bySerial: Database.Statement<[string, number], VoucherRow>;
	readonly #ofBatch: Database.Statement<[string], VoucherRow>;
	readonly #addBatch: Database.Statement<unknown[]>;
	readonly #add: Database.Statement<[number, number, number]>;
	readonly #redeem: Database.Statement<[number, number, number, number]>;
	readonly #void: Database.Statement<[number, string, number | null, number | null]>;
	readonly #block: Database.Statement<[number | null, number]>;
	readonly #batch: Database.Statement<[string], BatchRow>;
	readonly #batches: Database.Statement<[], BatchRow>;
	readonly #counts: Database.Statement<[number], { redeemed: number; voided: number }>;
	readonly #devices: Database.Statement<[number, number], number | null>;
	readonly #came: Database.Statement<[string, number]>;
	readonly #stations: Database.Statement<[string, number], MacAddress>;
	readonly #hitChance: Database.Statement<[number, number], number>;
	readonly #cardOf: Database.Statement<[string], { set: string; serial: number }>;

	constructor(database: Database.Database) {
		this.#code = database.prepare('SELECT voucher, gift FROM code WHERE hash = ?');
		this.#addCode = database.prepare('INSERT INTO code VALUES (?, ?, ?)');
		this.#voucher = database.prepare(`${SELECT_VOUCHER} WHERE v.number = ?`);
		this.#bySerial = database.prepare(`${SELECT_VOUCHER} WHERE b.id = ? AND v.serial = ?`);
		this.#ofBatch = database.prepare(`${SELECT_VOUCHER} WHERE b.id = ? ORDER BY v.serial`);
		this.#addBatch = database.prepare(
			`INSERT INTO voucher_batch (id, terms, count, devices, valid_until_wall_ms, account, created_wall_ms, code_space)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		);
		this.#add = database.prepare('INSERT INTO voucher (batch, serial, control) VALUES (?, ?, ?)');
		this.#redeem = database.prepare(
			'UPDATE voucher SET account = ?, opens = ?, redeemed_wall_ms = ? WHERE number = ? AND account IS NULL',
		);
		this.#void = database.prepare(`
			UPDATE voucher SET revoked_wall_ms = ?
			WHERE batch = (SELECT number FROM voucher_batch WHERE id = ?) AND (? IS NULL OR serial = ?)
				AND account IS NULL AND revoked_wall_ms IS NULL`);
		this.#block = database.prepare('UPDATE voucher SET revoked_wall_ms = ? WHERE number = ?');
		this.#batch = database.prepare(`${SELECT_BATCH} WHERE b.id = ?`);
		this.#batches = database.prepare(`${SELECT_BATCH} ORDER BY b.number`);
		this.#counts = database.prepare(
			`SELECT count(account) AS redeemed, count(*) FILTER (WHERE account IS NULL AND revoked_wall_ms IS NOT NULL) AS voided
			FROM voucher WHERE batch = ?`,
		);
		this.#devices = database
			.prepare<[number, number], number | null>(`
				SELECT max(devices) FROM (
					SELECT iif(b.account IS NULL, b.devices, b.devices * b.count) AS devices
					FROM voucher AS v JOIN voucher_batch AS b ON b.number = v.batch WHERE v.account = ? AND v.opens = 1
					UNION ALL SELECT 1 FROM gift WHERE receiver = ? AND opens = 1
				)`)
			.pluck();
		this.#came = database.prepare(
			'INSERT INTO card_station VALUES (?, ?) ON CONFLICT (mac) DO UPDATE SET voucher = excluded.voucher',
		);
		this.#stations = database
			.prepare<[string, number], MacAddress>(`
				SELECT s.mac FROM card_station AS s JOIN voucher AS v ON v.number = s.voucher
					JOIN voucher_batch AS b ON b.number = v.batch WHERE b.id = ? AND v.serial = ?`)
			.pluck();
		this.#hitChance = database
			.prepare<[number, number], number>(`
				SELECT total(count / coalesce(code_space, ?)) + coalesce((SELECT max(number) FROM gift), 0) / ? FROM voucher_batch`)
			.pluck();
		this.#cardOf = database.prepare(`
			SELECT b.id AS "set", v.serial FROM card_station AS s JOIN voucher AS v ON v.number = s.voucher
				JOIN voucher_batch AS b ON b.number = v.batch WHERE s.mac = ?`);
	}

	/** By the batches, which are few: never by their codes. */
	hitChance(otherSpace: number): number {
		return this.#hitChance.get(otherSpace, otherSpace) ?? 0;
	}

	code(hash: CodeHash): { voucher: number | null; gift: number | null } | undefined {
		return this.#code.get(hash);
	}

	addGiftCode(hash: CodeHash, gift: number): void {
		this.#addCode.run(hash, null, gift);
	}

	voucher(number: number): VoucherRow {
		return this.#voucher.get(number) as VoucherRow;
	}

	bySerial(batch: string, serial: number): VoucherRow | undefined {
		return this.#bySerial.get(batch, serial);
	}

	/** @param account of a set */
	addBatch(request: CreateBatchRequest, account: number | null): void {
		const { id, terms, hashes, devices, validUntilWallMs, codeSpace, at } = request;
		const added = this.#addBatch.run(
			id,
			JSON.stringify(terms),
			hashes.length,
			devices,
			validUntilWallMs ?? null,
			account,
			at.wallMs,
			codeSpace ?? null,
		);
		const batch = Number(added.lastInsertRowid);
		for (const [index, hash] of hashes.entries()) {
			const voucher = this.#add.run(batch, index + 1, account !== null && index === 0 ? 1 : 0);
			this.#addCode.run(hash, Number(voucher.lastInsertRowid), null);
		}
	}

	/** @throws OctroiError `ledger_broken` if it was redeemed already */
	markRedeemed(voucher: VoucherRow, account: number, opens: boolean, wallMs: WallMs): void {
		const { changes } = this.#redeem.run(account, opens ? 1 : 0, wallMs, voucher.number);
		if (changes !== 1)
			throw new OctroiError('ledger_broken', `voucher ${voucher.batch} ${voucher.serial} is redeemed twice`);
	}

	/** Gives the number of vouchers that were unused. */
	void(batch: string, serial: number | undefined, wallMs: WallMs): number {
		return this.#void.run(wallMs, batch, serial ?? null, serial ?? null).changes;
	}

	block(card: VoucherRow, blocked: boolean, wallMs: WallMs): Answer {
		if ((card.revoked_wall_ms !== null) === blocked) return 'exists';
		this.#block.run(blocked ? wallMs : null, card.number);
		return 'changed';
	}

	batch(id: string, trustedWallMs: WallMs | null): Batch | undefined {
		const row = this.#batch.get(id);
		return row === undefined ? undefined : this.#batchOf(row, trustedWallMs);
	}

	batches(trustedWallMs: WallMs | null): Batch[] {
		return this.#batches.all().map((row) => this.#batchOf(row, trustedWallMs));
	}

	vouchers(batch: string, trustedWallMs: WallMs | null): Voucher[] {
		return this.#ofBatch.all(batch).map((row) => voucherOf(row, trustedWallMs));
	}

	devicesOf(account: number): number | null {
		return this.#devices.get(account, account) ?? null;
	}

	came(mac: MacAddress, card: VoucherRow): void {
		this.#came.run(mac, card.number);
	}

	stationsOfCard(set: string, serial: number): MacAddress[] {
		return this.#stations.all(set, serial);
	}

	cardOf(mac: MacAddress): { set: string; serial: number } | undefined {
		return this.#cardOf.get(mac);
	}

	#batchOf(row: BatchRow, trustedWallMs: WallMs | null): Batch {
		const { id, count, devices, account } = row;
		const { redeemed = 0, voided = 0 } = this.#counts.get(row.number) ?? {};
		const rest = count - redeemed - voided;
		const isOver = hasEnded(row.valid_until_wall_ms, trustedWallMs);
		return {
			id,
			terms: JSON.parse(row.terms) as PackageTerms,
			count,
			devices,
			...(row.valid_until_wall_ms === null ? {} : { validUntilWallMs: row.valid_until_wall_ms }),
			createdWallMs: row.created_wall_ms,
			...(account === null ? {} : { account }),
			states: {
				redeemed,
				blocked: account === null ? 0 : voided,
				void: account === null ? voided : 0,
				expired: isOver ? rest : 0,
				unused: isOver ? 0 : rest,
			},
		};
	}
}

export function voucherOf(row: VoucherRow, trustedWallMs: WallMs | null): Voucher {
	return {
		batch: row.batch,
		serial: row.serial,
		state: stateOf(row, trustedWallMs),
		role: row.set_account === null ? 'single' : row.control === 1 ? 'control' : 'member',
		...(row.account === null ? {} : { account: row.account }),
		...(row.redeemed_wall_ms === null ? {} : { redeemedWallMs: row.redeemed_wall_ms }),
	};
}

function stateOf(row: VoucherRow, trustedWallMs: WallMs | null): (typeof VOUCHER_STATES)[number] {
	if (row.revoked_wall_ms !== null) return row.set_account === null ? 'void' : 'blocked';
	if (row.account !== null) return 'redeemed';
	return hasEnded(row.valid_until_wall_ms, trustedWallMs) ? 'expired' : 'unused';
}

/** Without a clock that is known to be set nothing ends by date. */
export function hasEnded(untilWallMs: WallMs | null, trustedWallMs: WallMs | null): boolean {
	return untilWallMs !== null && trustedWallMs !== null && untilWallMs <= trustedWallMs;
}
