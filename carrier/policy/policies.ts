import { type Policy, policy } from '../../protocol/policy.ts';
import { check } from '../../protocol/shape.ts';
import { ALL } from '../../protocol/topics.ts';
import { CarrierError } from '../carrier-error.ts';
import type { Queryable } from '../database/database.ts';
import { accessPointRow } from '../fleet/access-points.ts';
import { type Change, differences } from './differences.ts';

/** What a carrier writes: the version and the keys are the platform's. */
export type PolicyDraft = Omit<Policy, 'policyVersion' | 'keys' | 'revokedKeys'>;
/** What the platform adds: public keys that its access points shall believe, and those that they shall believe no longer. */
export type PolicyKeys = Pick<Policy, 'keys' | 'revokedKeys'>;

export type PublishedPolicy = {
	audience: string;
	version: number;
	body: Policy;
	publishedAt: number;
	publishedBy: string;
};

/** Of an access point without one of its own this is undefined: it follows that of all. */
export async function currentPolicy(tx: Queryable, audience: string): Promise<PublishedPolicy | undefined> {
	const [row] = await tx.query<PublishedPolicy>(
		`SELECT audience, version, body, published_at AS "publishedAt", published_by AS "publishedBy"
		FROM policy WHERE audience = $1 ORDER BY version DESC LIMIT 1`,
		[audience],
	);
	return row;
}

/** The newest one of each audience. */
export async function allCurrentPolicies(tx: Queryable): Promise<PublishedPolicy[]> {
	return await tx.query<PublishedPolicy>(
		`SELECT DISTINCT ON (audience) audience, version, body, published_at AS "publishedAt", published_by AS "publishedBy"
		FROM policy ORDER BY audience, version DESC`,
	);
}

/** What would change for this audience. @throws CarrierError `invalid_value` with all faults */
export async function policyChange(tx: Queryable, audience: string, draft: unknown): Promise<Change[]> {
	const next = await completed(tx, audience, draft, {});
	const { policyVersion: _, ...before } = (await currentPolicy(tx, audience))?.body ?? {
		policyVersion: 0,
		plans: [],
		tariffs: [],
	};
	return differences(withoutKeys(before), withoutKeys(next));
}

/** Makes it the policy of its audience. It is sent when the transaction is committed. @throws CarrierError `invalid_value`, `not_found` */
export async function publishPolicy(
	tx: Queryable,
	{ audience, draft, keys, by }: { audience: string; draft: unknown; keys: PolicyKeys; by: string },
	now: number,
): Promise<PublishedPolicy> {
	if (audience !== ALL) await accessPointRow(tx, audience);
	// Two that publish at once take turns; the later one has the higher version.
	await tx.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`policy:${audience}`]);
	const body = await completed(tx, audience, draft, keys);
	await tx.query(
		'INSERT INTO policy (audience, version, body, published_at, published_by) VALUES ($1, $2, $3, $4, $5)',
		[audience, body.policyVersion, JSON.stringify(body), now, by],
	);
	return { audience, version: body.policyVersion, body, publishedAt: now, publishedBy: by };
}

async function completed(tx: Queryable, audience: string, draft: unknown, keys: PolicyKeys): Promise<Policy> {
	const before = await currentPolicy(tx, audience);
	const whole = typeof draft === 'object' && draft !== null ? draft : {};
	const body = { ...whole, ...keys, policyVersion: (before?.version ?? 0) + 1 };
	const checked = check(policy, body);
	const faults = checked.ok
		? namesTwice(checked.value)
		: checked.faults.map(({ path, problem }) => `${path}: ${problem}`);
	if (faults.length > 0) throw new CarrierError('invalid_value', 'the policy is not valid', { faults });
	return body as Policy;
}

/** An access point finds a plan and a tariff by its name. */
function namesTwice({ plans, tariffs }: Policy): string[] {
	return [...doubles('plans', plans), ...doubles('tariffs', tariffs)];
}

function doubles(list: string, entries: readonly { readonly name: string }[]): string[] {
	return entries.flatMap(({ name }, index) =>
		entries.findIndex((entry) => entry.name === name) < index
			? [`${list}[${index}].name: "${name}" is there twice`]
			: [],
	);
}

function withoutKeys(body: object): object {
	const { policyVersion: _, keys: _keys, revokedKeys: _revoked, ...rest } = body as Policy;
	return rest;
}
