import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import Database from 'better-sqlite3';
import type { Clock } from '../../../agent/core/clock.ts';
import { silentLog } from '../../../agent/core/log.ts';
import type { AccountId, BootMs, MacAddress, MeterId, Unit, WallMs } from '../../../agent/core/units.ts';
import { type Ledger, type LedgerOptions, openLedger } from '../../../agent/ledger/ledger.ts';
import type { Moment } from '../../../agent/ledger/moment.ts';
import type { TopUpRequest } from '../../../agent/ledger/package.ts';
import type { SettleRequest } from '../../../agent/ledger/settle.ts';

export const NOW = 1_700_000_000_000 as WallMs;
export const AT: Moment = { wallMs: NOW, bootMs: 5000 as BootMs, trustedWallMs: NOW };
export const ANN = 'ann' as AccountId;
export const MAC = '02:00:5e:10:00:01' as MacAddress;

export const stoppedClock: Clock = {
	wallMs: () => NOW,
	bootMs: () => 5000 as BootMs,
	after: () => () => {},
	bootId: 'boot-1',
};

/** A folder of its own in the temporary directory, removed at the end of the test. */
export function temporaryFolder(t: Pick<ExecutionContext, 'teardown'>): string {
	const folder = mkdtempSync(join(tmpdir(), 'octroi-ledger-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

/** A real ledger in a real file. */
export function temporaryLedger(
	t: ExecutionContext,
	options: Partial<LedgerOptions> = {},
): { ledger: Ledger; path: string } {
	const path = join(temporaryFolder(t), 'ledger.db');
	const ledger = reopened(path, options);
	t.teardown(() => ledger.close());
	return { ledger, path };
}

export function reopened(path: string, options: Partial<LedgerOptions> = {}): Ledger {
	return openLedger(path, { clock: stoppedClock, log: silentLog, ...options });
}

/** Opens, each time that it is called, a copy of the files that the ledger has now, while it still has them open: as after a SIGKILL. */
export function revivals(path: string): () => Ledger {
	let present = path;
	let count = 0;
	return () => {
		const copy = `${path}.${++count}`;
		for (const suffix of ['', '-wal']) {
			if (existsSync(`${present}${suffix}`)) copyFileSync(`${present}${suffix}`, `${copy}${suffix}`);
		}
		present = copy;
		return reopened(copy);
	};
}

/** A second connection, for what the ledger itself would never do. */
export function rawDatabase(t: ExecutionContext, path: string): Database.Database {
	const database = new Database(path);
	t.teardown(() => database.close());
	return database;
}

export function bytesPackage(
	transferId: string,
	amount: number,
	more: Partial<TopUpRequest['package']> = {},
): TopUpRequest {
	const package_ = { unit: 'byte' as Unit, amount, planName: 'bytes', atEnd: 'block' as const, ...more };
	return { transferId, account: ANN, at: AT, package: package_ };
}

export function openAnn(ledger: Ledger, meter = 7): void {
	ledger.openSession({ session: `s${meter}`, mac: MAC, account: ANN, meter: meter as MeterId, epoch: 'e1', at: AT });
}

/** A settle of one meter: cumulative `up`, and what shall stand reserved. */
export function settleAnn(up: number, reserveBytes: number, more: Partial<SettleRequest> = {}): SettleRequest {
	return {
		epoch: 'e1',
		account: ANN,
		at: AT,
		readings: [{ meter: 7 as MeterId, up, down: 0 }],
		free: false,
		reserve: { byte: reserveBytes, second: 0 },
		...more,
	};
}

/** An account with 1,000 bytes, an open session on meter 7, and 600 bytes reserved. */
export function furnish(ledger: Ledger): void {
	ledger.createAccount({ id: ANN });
	ledger.topUp(bytesPackage('t1', 1000));
	openAnn(ledger);
	ledger.settle(settleAnn(0, 600));
}
