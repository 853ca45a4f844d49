/** Before it there was no access point of ours: a clock that said so did not know the date. */
const DATES_FROM_MS = Date.UTC(2020, 0, 1);

/** Shown in place of a date that no clock knew. */
export const NO_DATE = '–';

/** Whether the clock that gave this time knew the date, as far as the time itself shows. */
export function isDate(wallMs: number): boolean {
	return wallMs >= DATES_FROM_MS;
}

/** `2026-01-15 08:00:00` in the time zone of the one who looks; a date that no calendar has is shown as its number. */
export function localTimeText(wallMs: number): string {
	const date = new Date(wallMs);
	if (Number.isNaN(date.getTime())) return `${wallMs} ms`;
	if (!isDate(wallMs)) return NO_DATE;
	const two = (value: number) => String(value).padStart(2, '0');
	const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
	return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
