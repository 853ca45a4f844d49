/** `2026-01-15 08:00:00` in the time zone of the one who looks; a date that no calendar has is shown as its number. */
export function localTimeText(wallMs: number): string {
	const date = new Date(wallMs);
	if (Number.isNaN(date.getTime())) return `${wallMs} ms`;
	const two = (value: number) => String(value).padStart(2, '0');
	const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
	return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
