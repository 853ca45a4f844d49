export const RESET_PERIODS = ['never', 'day', 'week', 'month'] as const;
export type ResetPeriod = (typeof RESET_PERIODS)[number];

const DAY_MS = 86_400_000;
/** 1970 began on a Thursday. */
const MONDAY_OFFSET_DAYS = 3;

/** The next midnight, Monday, or first of a month after `now`, in UTC: one moment for all access points. */
export function nextReset(period: ResetPeriod, now: number): number | undefined {
	const day = Math.floor(now / DAY_MS);
	switch (period) {
		case 'never':
			return undefined;
		case 'day':
			return (day + 1) * DAY_MS;
		case 'week':
			return (day + 7 - ((day + MONDAY_OFFSET_DAYS) % 7)) * DAY_MS;
		case 'month': {
			const date = new Date(now);
			return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
		}
	}
}
