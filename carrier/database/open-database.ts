import { CarrierError } from '../carrier-error.ts';
import type { Log } from '../log.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';

/** Where the platform keeps everything. */
export type DatabasePlace = { readonly url: string } | { readonly directory: string | undefined };

/** Opens the store and brings its schema up to date. @throws CarrierError `database_failed`, `database_in_use` */
export async function openDatabase(place: DatabasePlace, log: Log): Promise<Database> {
	const database = await open(place, log);
	try {
		await migrate(database, log);
		return database;
	} catch (error) {
		await database.close();
		throw failed(error);
	}
}

async function open(place: DatabasePlace, log: Log): Promise<Database> {
	try {
		if ('url' in place) return await (await import('./postgres.ts')).openPostgres(place.url, log);
		return await (await import('./pglite.ts')).openPglite(place.directory);
	} catch (error) {
		throw failed(error);
	}
}

function failed(error: unknown): CarrierError {
	if (error instanceof CarrierError) return error;
	return new CarrierError('database_failed', `the database cannot be opened: ${(error as Error).message}`, {
		fix: 'check "database" in the configuration, and that the server accepts this user',
		cause: error,
	});
}
