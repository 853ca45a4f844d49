import { readFileSync, renameSync } from 'node:fs';
import type { Log } from '../core/log.ts';
import { parseMacAddress } from '../core/mac-address.ts';
import type { AccountId } from '../core/units.ts';
import type { Ledger } from './ledger.ts';
import type { Moment } from './moment.ts';

export type FormerSettingsOptions = {
	readonly path: string;
	readonly ledger: Pick<Ledger, 'nameDevice' | 'setAlert'>;
	readonly moment: () => Moment;
	readonly log: Log;
};

/** The id of the alert that version 0.1 had one of for each account. */
const FORMER_ALERT = 'byte-percent';

/**
 * Version 0.1 kept the names of devices, and when customers want to be told, in a file beside the ledger. Takes them over, once:
 * afterwards the file has another name. What is wrong with it is logged: it is no reason not to start.
 */
export function takeOverFormerSettings({ path, ledger, moment, log }: FormerSettingsOptions): void {
	let settings: { names?: Record<string, unknown>; alerts?: Record<string, unknown> };
	try {
		// Whatever JSON it is: of what is no object, nothing is taken.
		settings = Object(JSON.parse(readFileSync(path, 'utf8')));
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
			log.warn({ error, path }, "cannot read the customers' former settings; they begin anew");
		}
		return;
	}
	const each = (values: unknown, take: (key: string, value: unknown) => unknown) => {
		for (const [key, value] of Object.entries(Object(values))) {
			try {
				take(key, value);
			} catch (error) {
				log.warn({ error, key }, 'a former setting of a customer is left out');
			}
		}
	};
	each(settings.names, (mac, name) => ledger.nameDevice(parseMacAddress(mac), String(name)));
	each(settings.alerts, (account, percent) => {
		// It said what was left, and 0 meant never.
		if (percent === 0) return;
		const usedPercent = 100 - Number(percent);
		ledger.setAlert({ account: account as AccountId, id: FORMER_ALERT, unit: 'byte', usedPercent }, moment());
	});
	renameSync(path, `${path}.taken-over`);
	log.info({ path }, "the customers' settings are in the ledger now");
}
