import { check } from '../../protocol/shape.ts';
import { plan, type WirePlan } from '../../protocol/terms.ts';
import { CarrierError } from '../carrier-error.ts';
import type { Queryable } from '../database/database.ts';

/** Sets what is sold under a name. What was bought before keeps its terms. @throws CarrierError `invalid_value` with all faults */
export async function putPlan(tx: Queryable, body: unknown, now: number): Promise<WirePlan> {
	const checked = check(plan, body);
	if (!checked.ok) {
		throw new CarrierError('invalid_value', 'the plan is not valid', {
			faults: checked.faults.map(({ path, problem }) => `${path}: ${problem}`),
		});
	}
	await tx.query(
		`INSERT INTO plan (name, body, changed_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET body = EXCLUDED.body, changed_at = EXCLUDED.changed_at`,
		[checked.value.name, JSON.stringify(checked.value), now],
	);
	return checked.value;
}

export async function listPlans(tx: Queryable): Promise<WirePlan[]> {
	return (await tx.query<{ body: WirePlan }>('SELECT body FROM plan ORDER BY name')).map(({ body }) => body);
}

/** @throws CarrierError `not_found` */
export async function planOf(tx: Queryable, name: string): Promise<WirePlan> {
	const [row] = await tx.query<{ body: WirePlan }>('SELECT body FROM plan WHERE name = $1', [name]);
	if (row === undefined) throw new CarrierError('not_found', `there is no plan ${name}`);
	return row.body;
}
