const DAY_MS = 86_400_000;

/**
 * A day as `2027-01-31`, from what a spreadsheet of any country makes of it; empty: no day.
 *
 * @returns a problem where it may be two days (`1/2/2027`), or is none
 */
export function readDay(cell: string): { day: string } | { problem: string } {
	if (cell === '') return { day: '' };
	// With a time of day, if the column's format has one.
	const text = cell.replace(/[T ]0{1,2}:00(?::00(?:\.0+)?)?Z?$/, '');
	const yearFirst = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\.?$/.exec(text);
	if (yearFirst) return dayOf(cell, yearFirst[1], yearFirst[2], yearFirst[3]);
	const yearLast = /^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})$/.exec(text);
	if (yearLast === null) {
		const isNumber = /^\d{5}(?:[.,]0+)?$/.test(text);
		return {
			problem: isNumber ? `a spreadsheet has turned the day in valid_until into the number ${text}` : none(cell),
		};
	}
	const [, first, separator, second, year] = yearLast as unknown as [string, string, string, string, string];
	const isDayFirst = separator === '.' || Number(first) > 12 || first === second;
	if (isDayFirst) return dayOf(cell, year, second, first);
	if (Number(second) > 12) return dayOf(cell, year, first, second);
	return {
		problem: `a spreadsheet has written the day in valid_until as ${cell}: it may be in month ${first} or month ${second}`,
	};
}

function dayOf(cell: string, year = '', month = '', day = ''): { day: string } | { problem: string } {
	const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
	const wallMs = Date.parse(`${text}T00:00:00Z`);
	const isDay = wallMs % DAY_MS === 0 && new Date(wallMs).toISOString().startsWith(text);
	return isDay ? { day: text } : { problem: none(cell) };
}

function none(cell: string): string {
	return `"${cell.slice(0, 40)}" in valid_until is not a day`;
}
