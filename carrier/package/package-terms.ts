import type { WirePlan } from '../../protocol/terms.ts';
import type { Unit } from '../account/transfers.ts';
import { CarrierError } from '../carrier-error.ts';

export type Pace = NonNullable<WirePlan['pace']>;

/** The terms of a plan that hold wherever its bytes are spent. */
export type PackageTerms = {
	readonly plan: string;
	/** Absent: never expires. */
	readonly validForSeconds?: number;
	/** `first_use`: from the first slice. */
	readonly validFrom?: 'purchase' | 'first_use';
	readonly pace?: Pace;
};

const ELSEWHERE = 'sell it to an account that lives on an access point, and name that one (`ap`)';

/** What a plan is to an account that lives here. @throws CarrierError `not_spendable`, which names every term that could not be kept */
export function packageTermsOf(plan: WirePlan): PackageTerms {
	refuseUnit(plan.unit);
	const { name, validForSeconds, validFrom, pace } = plan;
	const faults = NOT_CARRIED.filter(([, isThere]) => isThere(plan)).map(([term, , why]) => `${term}: ${why}`);
	if (faults.length > 0) {
		throw new CarrierError(
			'not_spendable',
			`an account that lives at the platform could not have the plan ${name} as it was sold`,
			{ fix: `${ELSEWHERE}; or sell a plan without these terms`, faults },
		);
	}
	return {
		plan: name,
		...(validForSeconds === undefined ? {} : { validForSeconds }),
		...(validFrom === undefined ? {} : { validFrom }),
		...(pace === undefined ? {} : { pace }),
	};
}

/** @throws CarrierError `not_spendable` */
export function refuseUnit(unit: Unit): void {
	if (unit === 'byte') return;
	const what = unit === 'second' ? 'time' : 'money';
	throw new CarrierError('not_spendable', `an account that lives at the platform spends bytes, not ${what}`, {
		fix: ELSEWHERE,
		faults: [`unit: slices of ${what} cannot be handed out`],
	});
}

/** Each needs to know all access points at once, or what a single one does not tell. */
const NOT_CARRIED: readonly (readonly [string, (plan: WirePlan) => boolean, string])[] = [
	['atEnd', ({ atEnd }) => atEnd !== 'block', 'an access point does not know when the last slice of all is used up'],
	['grace', ({ grace }) => grace !== undefined, 'an access point does not know when the last slice of all is used up'],
	['stationsMax', (plan) => plan.stationsMax !== undefined, 'no access point knows the stations of all others'],
	['tethered', ({ tethered }) => tethered !== undefined, 'slices have the rule of the access point'],
	['renews', ({ renews }) => renews === true, 'cycles are those of a shared allowance (`resetEvery`)'],
	['addOn', ({ addOn }) => addOn === true, 'it would have to extend slices that are out'],
	['live', ({ live }) => live === true, 'what was bought keeps its terms here'],
];
