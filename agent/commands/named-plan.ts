import type { Plan } from '../config/config.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { Catalogue } from '../sync/catalogue.ts';

/** The plan that is sold here under this name. @throws OctroiError `not_found` */
export function namedPlan(catalogue: Catalogue, name: string): Plan {
	const found = catalogue.plan(name);
	if (found) return found;
	const near = nearestWord(
		name,
		catalogue.plans.map((candidate) => candidate.name),
	);
	throw new OctroiError('not_found', `there is no plan ${name}`, {
		fix: near ? `did you mean ${near}?` : 'see `octroi plan list`',
	});
}
