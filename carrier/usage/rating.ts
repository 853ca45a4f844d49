import type { UsageRecord } from '../../protocol/usage.ts';
import { beginOf } from './moments.ts';

/** What one kind of usage costs whoever runs the platform's accounts, and where its rated record goes. */
export type Rate = {
	readonly name: string;
	/** Asked in this order; the first whose conditions all hold is the one. */
	readonly priority: number;
	readonly when: {
		readonly class?: UsageRecord['class'];
		/** The device over which it passed; a record that names none matches no such rate. */
		readonly uplink?: string;
		/** The name of the access point, or its beginning followed by `*`. */
		readonly accessPoint?: string;
		/** In which the record begins: minutes of the day, `from` included; over midnight if `from` is larger. */
		readonly minutes?: { readonly from: number; readonly to: number };
	};
	/** IANA name, for `minutes`. */
	readonly timeZone: string;
	readonly unit: UsageRecord['unit'];
	/** For each `per` units begun. */
	readonly priceMicro: number;
	readonly per: number;
	/** The name of a subscription that receives the rated record; absent: it stays here. */
	readonly route?: string;
};

export type Rated = { readonly tariff: string; readonly priceMicro: number; readonly route?: string };

/** The most that one record may cost: beyond it somebody mistyped a price. */
export const PRICE_MICRO_MAX = 2 ** 50;

/** Rates one record of an access point; undefined where no rate says anything about it. `rates` are in the order of their priority. */
export function rate(
	record: UsageRecord,
	place: { readonly ap: string; readonly now: number },
	rates: readonly Rate[],
): Rated | undefined {
	const found = rates.find((one) => applies(one, record, place));
	if (found === undefined) return undefined;
	const units = (BigInt(record.amount) + BigInt(found.per) - 1n) / BigInt(found.per);
	const price = units * BigInt(found.priceMicro);
	const priceMicro = price > BigInt(PRICE_MICRO_MAX) ? PRICE_MICRO_MAX : Number(price);
	return { tariff: found.name, priceMicro, ...(found.route === undefined ? {} : { route: found.route }) };
}

function applies(
	{ when, unit, timeZone }: Rate,
	record: UsageRecord,
	{ ap, now }: { readonly ap: string; readonly now: number },
): boolean {
	if (unit !== record.unit) return false;
	if (when.class !== undefined && when.class !== record.class) return false;
	if (when.uplink !== undefined && when.uplink !== record.uplink) return false;
	if (when.accessPoint !== undefined && !isMeant(when.accessPoint, ap)) return false;
	if (when.minutes === undefined) return true;
	const minute = minuteOfDay(beginOf(record, now), timeZone);
	const { from, to } = when.minutes;
	return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

function isMeant(name: string, ap: string): boolean {
	return name.endsWith('*') ? ap.startsWith(name.slice(0, -1)) : ap === name;
}

/** Making one takes a millisecond; a carrier has few time zones. */
const formats = new Map<string, Intl.DateTimeFormat>();
const MINUTE_MS = 60_000;
/** The largest moment that a Date can be. */
const DATE_MS_MAX = 8.64e15;

function minuteOfDay(wallMs: number, timeZone: string): number {
	if (timeZone === 'UTC') return Math.floor(wallMs / MINUTE_MS) % 1440;
	const format =
		formats.get(timeZone) ??
		new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
	formats.set(timeZone, format);
	const [hour = 0, minute = 0] = format.format(Math.min(wallMs, DATE_MS_MAX)).split(':').map(Number);
	return hour * 60 + minute;
}
