import { createAccount } from '../../carrier/account/accounts.ts';
import { bindAccount } from '../../carrier/account/admission.ts';
import { noteCredit } from '../../carrier/account/credit-state.ts';
import { addTransfer } from '../../carrier/account/transfers.ts';
import type { Database, Queryable } from '../../carrier/database/database.ts';
import { SLICE_POLICY } from '../../carrier/slice/slice-policy.ts';
import type { ReceivedBatch } from '../../carrier/usage/received-batch.ts';
import { digestOf } from '../../protocol/digest.ts';
import type { Event } from '../../protocol/event.ts';
import { ALL } from '../../protocol/topics.ts';
import type { UsageRecord } from '../../protocol/usage.ts';

export const NOW = 1_800_000_000_000;
export const STREAM = '0123456789abcdef0123456789abcdef';
export const MEBIBYTE = 1 << 20;
export const SLICES = { ...SLICE_POLICY, amountMin: MEBIBYTE, amountMax: 8 * MEBIBYTE };
export const TERMS = { rates: [], slices: SLICES, now: NOW };

/** Access points of these names. */
export async function addAccessPoints(tx: Queryable, ...names: string[]): Promise<void> {
	for (const name of names) {
		await tx.query('INSERT INTO access_point (ap, title, added_at) VALUES ($1, $1, $2)', [name, NOW]);
	}
}

/** An account with that much to spend, on any access point. */
export async function addFunded(database: Database, account: string, amount: number): Promise<void> {
	await database.transaction(async (tx) => {
		await createAccount(tx, { account, title: account, now: NOW });
		await bindAccount(tx, { account, ap: ALL, by: 'scene' }, NOW);
		if (amount === 0) return;
		const transfer = {
			account,
			id: `first-${account}`,
			unit: 'byte',
			from: 'issued',
			to: 'available',
			amount,
		} as const;
		await addTransfer(tx, { ...transfer, kind: 'top-up', about: {}, at: NOW });
		await noteCredit(tx, [account], NOW);
	});
}

export function recordOf(fields: Partial<UsageRecord> & { id: string }): UsageRecord {
	const amount = fields.amount ?? 1000;
	return {
		account: 'alice',
		session: 'one',
		class: 'own',
		unit: 'byte',
		upBytes: 0,
		downBytes: amount,
		paid: true,
		from: NOW - 1000,
		to: NOW,
		clockSet: true,
		...fields,
		amount,
	};
}

export function batchOf(
	ap: string,
	sequence: number,
	records: readonly UsageRecord[],
	{ stream = STREAM, events = [] }: { stream?: string; events?: readonly Event[] } = {},
): ReceivedBatch {
	const usage = { version: 1 as const, ap, stream, sequence, records, events };
	return { usage, digest: digestOf(JSON.stringify(usage)), faulty: [] };
}

export function eventOf(ap: string, id: string, kind: string, details: Event['details'], account = 'alice'): Event {
	return { version: 1, ap, id, kind, account, at: NOW, details };
}
