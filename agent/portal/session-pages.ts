import type { BillModel, PurchaseModel, SessionModel, WhyModel } from '../../ui/portal/models.ts';
import type { AccountId } from '../core/units.ts';
import type { ExplainedItem, Purchase, UsageRecord } from '../ledger/record-reader.ts';
import { SESSIONS_MAX } from './limits.ts';
import { nameOf, type PageParts } from './page-parts.ts';

/** The ids of sessions are made by us; what is longer names none. */
const SESSION_CHARACTERS_MAX = 64;

/** Usage records as customers see them: a list, a bill for each, and why it was charged. Reads only. */
export class SessionPages {
	readonly #parts: PageParts;

	constructor(parts: PageParts) {
		this.#parts = parts;
	}

	sessions(account: AccountId): SessionModel[] {
		return this.#parts.ledger.records(account, { limit: SESSIONS_MAX }).map((record) => this.#session(record));
	}

	/** Undefined: no session of this account. Others' sessions are not told from those that do not exist. */
	bill(account: AccountId, session: string): BillModel | undefined {
		const { ledger, planTitle } = this.#parts;
		if (session.length > SESSION_CHARACTERS_MAX || ledger.session(session)?.account !== account) return undefined;
		const { record, lines, totalMicro } = ledger.receipt(session);
		return {
			...this.#session(record),
			lines: lines.map(({ reason, unit, amount, of, costMicro, tetheredBytes }) => ({
				reason,
				unit,
				amount,
				costMicro,
				...(of === undefined ? {} : { of: planTitle(of) }),
				...(tetheredBytes === undefined ? {} : { tetheredBytes }),
			})),
			totalMicro,
		};
	}

	/** Newest first: what of each session was paid with what. */
	why(account: AccountId): WhyModel[] {
		const { records } = this.#parts.ledger.explain({ account, limit: SESSIONS_MAX });
		return records
			.map((record) => ({ ...this.#session(record), items: record.items.map((item) => this.#item(item)) }))
			.filter(({ items, open }) => items.length > 0 || open !== undefined);
	}

	#session(record: UsageRecord): SessionModel {
		const { session, mac, startWallMs, endWallMs, endReason, seconds, costMicro } = record;
		const booked = record.upBytes + record.downBytes;
		const bytes = Math.max(booked, endWallMs === undefined ? this.#counted(record) : 0);
		return {
			session,
			device: nameOf(this.#parts, mac) ?? mac,
			startWallMs,
			bytes,
			seconds,
			costMicro,
			...(endWallMs === undefined ? {} : { endWallMs, end: endOf(endReason ?? '') }),
			...(bytes > booked ? { open: { unit: 'byte', amount: bytes - booked } } : {}),
		};
	}

	#counted({ session, mac }: UsageRecord): number {
		const counted = this.#parts.counted(mac);
		return counted?.session === session ? counted.bytes : 0;
	}

	#item({
		unit,
		amount,
		reason,
		costMicro,
		tetheredBytes,
		tariff,
		purchase,
	}: ExplainedItem): WhyModel['items'][number] {
		return {
			unit,
			amount,
			reason,
			...(costMicro === undefined ? {} : { costMicro }),
			...(tetheredBytes === undefined ? {} : { tetheredBytes }),
			...(tariff === undefined ? {} : { tariff }),
			...(purchase === undefined ? {} : { purchase: this.#purchase(purchase) }),
		};
	}

	#purchase({ plan, kind, unit, amount, wallMs, from }: Purchase): PurchaseModel {
		const more = from === undefined ? {} : { from: this.#purchase(from) };
		return { plan: this.#parts.planTitle(plan), kind, unit, amount, wallMs, ...more };
	}
}

/** The reasons with which sessions are closed are sentences for the operator. */
function endOf(reason: string): NonNullable<SessionModel['end']> {
	if (reason === 'lost') return 'lost';
	if (reason === 'funds' || reason === 'used up') return 'used_up';
	if (reason === 'expired') return 'expired';
	if (reason === REMOVED_ON_THE_PORTAL) return 'left';
	return /^(its session was taken along|it went on with)/.test(reason) ? 'moved' : 'other';
}

/** Why a session ends that its owner ends here. */
export const REMOVED_ON_THE_PORTAL = 'removed on the portal';
