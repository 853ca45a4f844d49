import type { AccountId, Unit, UsageUnit } from '../../../agent/core/units.ts';
import type { Ledger } from '../../../agent/ledger/ledger.ts';
import type { Moment } from '../../../agent/ledger/moment.ts';
import type { PackageTerms } from '../../../agent/ledger/package.ts';
import type { ExplainedRecord } from '../../../agent/ledger/record-reader.ts';

/**
 * The words for a plan, after its amount and unit:
 *
 *     valid SECONDS  first-use  throttle RATE  grace AMOUNT byte|second  pace UP DOWN  stations N  renews  add-on
 *     tariff NAME byte|second PRICE per UNITS [free UNITS] [pattern FIRST STEP]
 */
export function termsOf(words: readonly string[]): Omit<PackageTerms, 'unit' | 'amount' | 'planName' | 'atEnd'> {
	const at = (name: string, offset = 1) => words[words.indexOf(name) + offset];
	const has = (name: string) => words.includes(name);
	const number = (name: string, offset = 1) => Number(at(name, offset));
	return {
		...(has('valid') ? { validForSeconds: number('valid') } : {}),
		...(has('first-use') ? { validFrom: 'first_use' } : {}),
		...(has('grace') ? { grace: { amount: number('grace'), unit: at('grace', 2) as UsageUnit } } : {}),
		...(has('pace') ? { pace: { upBytesPerSecond: number('pace'), downBytesPerSecond: number('pace', 2) } } : {}),
		...(has('stations') ? { stationsMax: number('stations') } : {}),
		...(has('renews') ? { renews: true } : {}),
		...(has('add-on') ? { addOn: true } : {}),
		...(has('tariff')
			? {
					tariff: {
						name: at('tariff') as string,
						unit: at('tariff', 2) as UsageUnit,
						priceMicro: number('tariff', 3),
						per: number('per'),
						free: has('free') ? number('free') : 0,
						first: has('pattern') ? number('pattern') : 1,
						step: has('pattern') ? number('pattern', 2) : 1,
					},
				}
			: {}),
	};
}

/**
 * Commands about groups, permissions, alerts and records; undefined: not one of these.
 *
 *     join GROUP ACCOUNT [AMOUNT UNIT] …           leave GROUP ACCOUNT          members GROUP
 *     permit CODE GIVER AMOUNT UNIT [TAKER]        take ID CODE TAKER
 *     merge FROM INTO [STATIONS]
 *     alert ACCOUNT ID UNIT rest|percent N         alerts ACCOUNT               seen ACCOUNT ID
 *     funds ACCOUNT                                wallet ACCOUNT               renew
 *     explain SESSION                              receipt SESSION              records ACCOUNT
 */
export function playProducts(ledger: Ledger, at: Moment, [command, ...words]: readonly string[]): string | undefined {
	const [first = '', second = '', third = '', fourth = ''] = words;
	const id = first as AccountId;
	switch (command) {
		case 'join': {
			const allowance: Partial<Record<Unit, number>> = {};
			for (let i = 2; i + 1 < words.length; i += 2) allowance[words[i + 1] as Unit] = Number(words[i]);
			return ledger.joinGroup({ group: id, account: second as AccountId, allowance });
		}
		case 'leave':
			return ledger.leaveGroup(id, second as AccountId);
		case 'members':
			return ledger
				.members(id)
				.map(({ account, drawn }) => `${account}:${drawn.byte + drawn.second + drawn.micro}`)
				.join(' ');
		case 'permit': {
			const taker = words[4] === undefined ? {} : { taker: words[4] as AccountId };
			const giver = second as AccountId;
			return ledger.permit({ code: first, giver, amount: Number(third), unit: fourth as Unit, ...taker, at });
		}
		case 'take': {
			const { answer, amount } = ledger.take({ transferId: first, code: second, taker: third as AccountId, at });
			return answer === 'created' ? `${answer} ${amount}` : answer;
		}
		case 'merge': {
			const stations = third === '' ? {} : { stations: Number(third) };
			const { answer, packages } = ledger.merge({ from: id, into: second as AccountId, ...stations, at });
			return answer === 'changed' ? `${answer} ${packages}` : answer;
		}
		case 'alert': {
			const at_ = fourth === 'rest' ? { remaining: Number(words[4]) } : { usedPercent: Number(words[4]) };
			return ledger.setAlert({ account: id, id: second, unit: third as Unit, ...at_ }, at);
		}
		case 'alerts':
			return ledger
				.alerts(id)
				.map((alert) => `${alert.id}:${alert.state}`)
				.join(' ');
		case 'seen':
			return ledger.alertSeen(id, second);
		case 'funds': {
			const { packages, wallet, grace, stationsMax } = ledger.funds(id, at);
			const parts = Object.entries({ packages, wallet, grace }).flatMap(([name, { byte, second: seconds }]) => [
				...(byte > 0 ? [`${name} ${byte} B`] : []),
				...(seconds > 0 ? [`${name} ${seconds} s`] : []),
			]);
			return [...parts, ...(stationsMax === undefined ? [] : [`stations ${stationsMax}`])].join(', ') || 'nothing';
		}
		case 'wallet': {
			const account = ledger.account(id);
			return `${account?.available.micro} available, ${account?.reserved.micro} reserved, ${account?.used.micro} spent`;
		}
		case 'renew':
			return String(ledger.issueRenewals(at));
		case 'explain':
			return ledger.explain({ session: first }).records.map(itemsOf).join(' | ');
		case 'receipt': {
			const { lines, totalMicro } = ledger.receipt(first);
			return [...lines.map((line) => `${line.amount} ${line.unit} ${line.of ?? '-'}`), `total ${totalMicro}`].join(
				', ',
			);
		}
		case 'records':
			return ledger
				.records(id)
				.map((record) => `${record.session} ${record.upBytes + record.downBytes} ${record.seconds} ${record.costMicro}`)
				.join(', ');
		default:
			return undefined;
	}
}

/** `60 byte used t1<t0`: paid by package t1, which came from t0. */
function itemsOf({ items }: ExplainedRecord): string {
	return items
		.map(({ amount, unit, reason, purchase, tariff, costMicro }) => {
			const from = purchase?.from === undefined ? '' : `<${purchase.from.package}`;
			const by = purchase === undefined ? (tariff?.name ?? '') : `${purchase.package}${from}`;
			return [amount, unit, reason, by, costMicro].filter((part) => part !== undefined && part !== '').join(' ');
		})
		.join(', ');
}
