import { randomUUID } from 'node:crypto';
import type Database from 'better-sqlite3';
import { AccountStore } from './account-store.ts';
import { Alerts } from './alert-store.ts';
import { Books } from './books.ts';
import { CarrierEvents } from './carrier-events.ts';
import { DeviceNames } from './device-name-store.ts';
import { GroupStore } from './group-store.ts';
import { HeldCredit } from './held-credit.ts';
import { HistoryReader } from './history-reader.ts';
import { ItemStore } from './item-store.ts';
import { LossResolver } from './loss-resolver.ts';
import { Merges } from './merge-store.ts';
import { LedgerOverview } from './overview.ts';
import { PackageStore } from './package-store.ts';
import { Permissions } from './permission-store.ts';
import { PinStore } from './pin-store.ts';
import { PlanStore } from './plan-store.ts';
import { Purse } from './purse.ts';
import { RecordReader } from './record-reader.ts';
import { Renewals } from './renewal-store.ts';
import { SessionStore } from './session-store.ts';
import { Settler } from './settler.ts';
import { SliceStore } from './slice-store.ts';
import { TariffStore } from './tariff-store.ts';

export type LedgerStores = ReturnType<typeof ledgerStores>;

/** What names new rows; see `LedgerOptions`. */
export type LedgerNames = {
	readonly transferIdOf?: ((sequence: number) => string) | undefined;
	readonly newEventId?: (() => string) | undefined;
	readonly newSessionId?: (() => string) | undefined;
};

/** Makes the stores of the ledger on its database. */
export function ledgerStores(database: Database.Database, names: LedgerNames) {
	const books = new Books(database, names.transferIdOf ?? ((sequence) => `~${sequence}`));
	const accounts = new AccountStore(database);
	const packages = new PackageStore(database);
	const sessions = new SessionStore(database);
	const groups = new GroupStore(database, accounts);
	const events = new CarrierEvents(database, names.newEventId ?? randomUUID);
	const credit = new HeldCredit(database, { packages, groups });
	const stores = {
		accounts,
		packages,
		sessions,
		tariffs: new TariffStore(database),
		items: new ItemStore(database),
		groups,
		purse: new Purse({ accounts, packages, groups }),
		renewals: new Renewals(database, { accounts, packages, groups, books }),
		alerts: new Alerts(database, { accounts, credit, events }),
		slices: new SliceStore(database, { accounts, packages, books, events }),
		books,
	};
	return {
		...stores,
		events,
		settler: new Settler({ ...stores, newSessionId: names.newSessionId ?? randomUUID }),
		permissions: new Permissions(database, stores),
		merges: new Merges(database, stores),
		records: new RecordReader(database, stores),
		losses: new LossResolver(database, { accounts, sessions, books }),
		histories: new HistoryReader(database),
		overview: new LedgerOverview(database),
		pins: new PinStore(database),
		plans: new PlanStore(database),
		deviceNames: new DeviceNames(database),
	};
}
