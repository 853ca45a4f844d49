import type { Config } from '../config/config.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import type { Package } from '../ledger/package.ts';
import { shownEnd } from '../ledger/validity.ts';
import type { AccountDetail, AccountRow, PackageRow } from '../status/protocol.ts';

export type DetailParts = {
	readonly config: Pick<Config, 'currency'>;
	readonly ledger: Ledger;
	readonly moment: () => Moment;
};

/** Everything that people want to know of an account. */
export function accountDetail(row: AccountRow, { config, ledger, moment }: DetailParts): AccountDetail {
	const { account } = row;
	const { tariff, grace, used } = ledger.account(account) ?? {};
	const at = moment();
	const { packages, wallet, stationsMax } = ledger.funds(account, at);
	return {
		...row,
		packages: ledger.packages(account).map((one) => packageRow(one, at)),
		...(tariff === undefined ? {} : { tariff }),
		spentMicro: used?.micro ?? 0,
		...(grace === undefined ? {} : { grace }),
		usable: { byte: packages.byte + wallet.byte, second: packages.second + wallet.second },
		...(stationsMax === undefined ? {} : { stationsMax }),
		groups: ledger.groupsOf(account),
		members: ledger.members(account),
		alerts: ledger.alerts(account),
		renewals: ledger.renewals(account).map(({ nextWallMs, ...renewal }) => {
			const { endMs, leftSeconds } = shownEnd(nextWallMs, at);
			return {
				...renewal,
				...(endMs === undefined ? {} : { nextWallMs: endMs }),
				...(leftSeconds === undefined ? {} : { nextInSeconds: leftSeconds }),
			};
		}),
		currency: config.currency,
	};
}

function packageRow(one: Package, at: Moment): PackageRow {
	const { id, planName: plan, unit, amount, remaining, reserved, kind, expiresAtWallMs } = one;
	const { endMs, leftSeconds } = shownEnd(expiresAtWallMs, at);
	return {
		id,
		plan,
		unit,
		amount,
		remaining,
		reserved,
		...(endMs === undefined ? {} : { expiresAt: endMs }),
		...(leftSeconds === undefined ? {} : { leftSeconds }),
		kind,
		...(one.pace === undefined ? {} : { pace: one.pace }),
		...(one.stationsMax === undefined ? {} : { stationsMax: one.stationsMax }),
		...(one.renews === undefined ? {} : { renews: one.renews }),
		...(one.group === undefined ? {} : { group: one.group }),
		...(one.tariff === undefined ? {} : { tariff: one.tariff }),
	};
}
