import type Database from 'better-sqlite3';
import type { Tariff } from '../policy/tariff.ts';

/** A tariff as it is called, with its terms. */
export type NamedTariff = Tariff & { readonly name: string };

export type TariffRow = NamedTariff & { readonly number: number };

const COLUMNS = 'number, name, unit, price_micro AS priceMicro, per, free, first, step';

/** The table `tariff`: terms are written once, and never changed. */
export class TariffStore {
	readonly #byNumber: Database.Statement<[number], TariffRow>;
	readonly #find: Database.Statement<[NamedTariff], number>;
	readonly #add: Database.Statement<[NamedTariff]>;

	constructor(database: Database.Database) {
		this.#byNumber = database.prepare(`SELECT ${COLUMNS} FROM tariff WHERE number = ?`);
		this.#find = database
			.prepare<[NamedTariff], number>(`SELECT number FROM tariff WHERE name = @name AND unit = @unit
				AND price_micro = @priceMicro AND per = @per AND free = @free AND first = @first AND step = @step`)
			.pluck();
		this.#add = database.prepare(`INSERT INTO tariff (name, unit, price_micro, per, free, first, step)
			VALUES (@name, @unit, @priceMicro, @per, @free, @first, @step)`);
	}

	find(tariff: NamedTariff): number | undefined {
		return this.#find.get(tariff);
	}

	/** The number of these terms, which are written on their first use. */
	numberOf(tariff: NamedTariff): number {
		return this.find(tariff) ?? Number(this.#add.run(tariff).lastInsertRowid);
	}

	byNumber(number: number): TariffRow {
		return this.#byNumber.get(number) as TariffRow;
	}
}
