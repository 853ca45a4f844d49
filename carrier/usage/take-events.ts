import { EVENT_KINDS, type Event, sliceRequest, sliceReturn } from '../../protocol/event.ts';
import { check } from '../../protocol/shape.ts';
import type { Queryable } from '../database/database.ts';
import { addEvents } from '../fleet/events.ts';
import type { Suspect } from '../review/add-reviews.ts';
import { giveSlice } from '../slice/give-slice.ts';
import type { SlicePolicy } from '../slice/slice-policy.ts';
import { returnSlice } from '../slice/take-back.ts';
import { PLATFORM_EVENT_KINDS } from '../subscription/event-kinds.ts';
import { standingOf } from './standing.ts';

type Terms = { readonly fromBatch: boolean; readonly slices: SlicePolicy; readonly now: number };

/**
 * Takes events, each once; those that move credit do it here. A slice comes back only from a batch, behind its usage. Answers what is for
 * a person: an access point does not speak for the platform, nor of an account that lives here and was never spent there.
 */
export async function takeEvents(tx: Queryable, events: readonly Event[], terms: Terms): Promise<Suspect[]> {
	if (events.length === 0) return [];
	const { suspects, believed } = await believedOf(tx, events);
	const fresh = new Set((await addEvents(tx, believed, terms.now)).map(({ ap, id }) => `${ap}/${id}`));
	for (const event of believed) {
		if (event.kind === 'slice.request' && fresh.has(`${event.ap}/${event.id}`)) {
			suspects.push(...(await takeRequest(tx, event, terms)));
		} else if (event.kind === 'slice.return' && terms.fromBatch) {
			suspects.push(...(await takeReturn(tx, event, terms)));
		}
	}
	return suspects;
}

async function believedOf(
	tx: Queryable,
	events: readonly Event[],
): Promise<{ suspects: Suspect[]; believed: Event[] }> {
	const named = events.flatMap(({ ap, account }) => (account === undefined ? [] : [{ ap, account }]));
	const standing = await standingOf(tx, named);
	const isForeign = ({ ap, kind, account }: Event): boolean => {
		if (Object.hasOwn(PLATFORM_EVENT_KINDS, kind) && !Object.hasOwn(EVENT_KINDS, kind)) return true;
		// Of these the slice says whose they are.
		if (account === undefined || kind === 'slice.request' || kind === 'slice.return') return false;
		return standing.lives({ ap, account }) && !standing.isHost({ ap, account });
	};
	return {
		suspects: events
			.filter(isForeign)
			.map((one) => ({ ap: one.ap, reason: 'foreign_event', account: one.account, sample: one })),
		believed: events.filter((one) => !isForeign(one)),
	};
}

async function takeRequest(
	tx: Queryable,
	{ ap, id: request, account, details }: Event,
	{ slices, now }: Terms,
): Promise<Suspect[]> {
	const asked = check(sliceRequest, details);
	if (!asked.ok || account === undefined) return [{ ap, reason: 'malformed', account, sample: details }];
	const { wants, proof } = asked.value;
	const answer = await giveSlice(tx, { ap, request, account, wants, proof }, slices, now);
	const isUnproven = answer.outcome === 'refused' && answer.why === 'unproven';
	return isUnproven ? [{ ap, reason: 'unproven_request', account, sample: details }] : [];
}

async function takeReturn(tx: Queryable, { ap, account, details }: Event, { slices, now }: Terms): Promise<Suspect[]> {
	const given = check(sliceReturn, details);
	if (!given.ok) return [{ ap, reason: 'malformed', account, sample: details }];
	const { slice, returned } = given.value;
	if (await returnSlice(tx, { ap, slice, returned }, slices, now)) return [];
	return [{ ap, reason: 'foreign_return', account, slice, amount: returned, sample: details }];
}
