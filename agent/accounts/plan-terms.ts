import type { Plan } from '../config/config.ts';
import type { PackageTerms } from '../ledger/package.ts';

/** What a plan sells, as a package has it. */
export function termsOf(plan: Omit<Plan, 'title'> & Partial<Pick<Plan, 'title'>>): PackageTerms {
	const { name: planName, title: _, priceMicro: __, ...terms } = plan;
	return { ...terms, planName };
}
