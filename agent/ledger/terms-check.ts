import { OctroiError } from '../core/octroi-error.ts';
import { AMOUNT_MAX } from '../core/units.ts';
import { PRICE_MAX } from '../policy/tariff.ts';
import type { ClassPolicy, PackageTerms, TopUpRequest } from './package.ts';
import { checkAmount, checkEnd, checkId, checkMoment, checkText } from './request-check.ts';
import type { NamedTariff } from './tariff-store.ts';

/** 100 years: beyond it a date in milliseconds is no longer useful to anybody. */
const VALID_FOR_SECONDS_MAX = 100 * 366 * 86_400;

/** @throws OctroiError `invalid_value` */
export function checkTopUp(request: TopUpRequest): void {
	checkId('transfer', request.transferId);
	checkMoment(request.at);
	checkTerms(request.package);
}

/** What is sold. @throws OctroiError `invalid_value` */
export function checkTerms(terms: PackageTerms): void {
	const { unit, validForSeconds, grace, pace = {}, stationsMax, tariff } = terms;
	if (unit !== 'byte' && unit !== 'second' && unit !== 'micro') {
		throw new OctroiError('invalid_value', `the unit is ${String(unit)}`, { fix: 'give byte, second or micro' });
	}
	checkAmount('the amount of the package', terms.amount, 1);
	checkText('the plan name', terms.planName);
	checkEnd(terms);
	if (validForSeconds !== undefined) checkAmount('validForSeconds', validForSeconds, 1, VALID_FOR_SECONDS_MAX);
	if (stationsMax !== undefined) checkAmount('stationsMax', stationsMax, 1, 65_535);
	for (const rate of Object.values(pace)) checkAmount('a rate', rate, 1);
	if (grace !== undefined) checkAmount('the grace allowance', grace.amount, 1);
	if (tariff !== undefined) checkTariff(tariff);
	if (terms.own !== undefined) checkClass(terms.own, 'own');
	if (terms.tethered !== undefined) checkClass(terms.tethered, 'tethered');
	const isShut = terms.own?.rule === 'blocked' && (terms.own.afterBytes ?? 0) === 0;
	refuse(isShut, 'own flows are blocked from the first byte: nobody could use it');
	refuse(
		grace !== undefined && terms.atEnd !== 'block',
		'a grace allowance comes before a block, not before a throttle',
	);
	refuse((tariff === undefined) === (unit === 'micro'), 'money needs a tariff, and only money has one');
	const needsValidity = terms.renews === true || terms.addOn === true || terms.validFrom === 'first_use';
	refuse(needsValidity && validForSeconds === undefined, 'this needs validForSeconds');
	refuse(terms.renews === true && terms.addOn === true, 'an add-on does not renew');
	refuse(terms.renews === true && terms.validFrom === 'first_use', 'what renews is valid from its purchase');
}

function checkClass({ rule, bytesPerSecond, afterBytes }: ClassPolicy, of: 'own' | 'tethered'): void {
	refuse(!['allowed', 'slowed', 'blocked'].includes(rule), `the rule for ${of} flows is ${String(rule)}`);
	refuse((rule === 'slowed') !== (bytesPerSecond !== undefined), 'what is slowed has a rate, and nothing else has one');
	refuse(rule === 'allowed' && afterBytes !== undefined, 'what is allowed has no limit');
	if (bytesPerSecond !== undefined) checkAmount(`the rate of ${of} flows`, bytesPerSecond, 1);
	if (afterBytes !== undefined) checkAmount(`the part for ${of} flows`, afterBytes);
}

function checkTariff({ name, unit, priceMicro, per, free, first, step }: NamedTariff): void {
	checkText('the name of the tariff', name);
	refuse(unit !== 'byte' && unit !== 'second', `the tariff's unit is ${String(unit)}`);
	checkAmount('the price', priceMicro, 0, PRICE_MAX);
	checkAmount("the tariff's `per`", per, 1);
	checkAmount("the tariff's free part", free, 0, AMOUNT_MAX);
	checkAmount("the tariff's first charge", first, 1, 2 ** 40);
	checkAmount("the tariff's step", step, 1, 2 ** 40);
}

function refuse(isWrong: boolean, message: string): void {
	if (isWrong) throw new OctroiError('invalid_value', message);
}
