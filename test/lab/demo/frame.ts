/** What is drawn of one station at one moment. */
export type StationView = {
	name: string;
	mac: string;
	story: string;
	state: string;
	upBytes: number;
	downBytes: number;
	bitsPerSecond: number;
	/** Of its package; undefined without one. */
	remaining: { bytes: number; amountBytes: number } | undefined;
};

export type SummaryRow = { station: string; direction: string; chargedBytes: number; countedBytes: number };

const BAR_CELLS = 16;
const MEGABYTE = 1_000_000;

/** The live picture, one string a line, no wider than 100 columns. */
export function frameLines(views: readonly StationView[], secondsLeft: number): string[] {
	const head = `${'station'.padEnd(8)}${'state'.padEnd(11)}${'up MB'.padStart(8)}${'down MB'.padStart(10)}${'Mbit/s'.padStart(8)}  ${'left of the package'.padEnd(30)}`;
	return [
		`Octroi · a router, an internet and ${views.length} stations, all real but for the air · ${Math.max(0, Math.ceil(secondsLeft))} s left`,
		'',
		head,
		...views.flatMap((view) => [stationLine(view), `        ${view.story}`]),
	];
}

/** One line for a log. */
export function logLine(views: readonly StationView[], seconds: number): string {
	const parts = views.map(({ name, state, downBytes, bitsPerSecond }) => {
		return `${name} ${state} ${megabytes(downBytes)} MB ${megabits(bitsPerSecond)} Mbit/s`;
	});
	return `${seconds.toFixed(0).padStart(4)} s  ${parts.join(' | ')}`;
}

/** The ledger beside the independent count, in bytes. */
export function summaryLines(rows: readonly SummaryRow[]): string[] {
	const cells = (...words: string[]) =>
		words.map((word, index) => (index < 2 ? word.padEnd(9) : word.padStart(16))).join('');
	return [
		cells('station', '', 'ledger', 'counted', 'difference'),
		...rows.map(({ station, direction, chargedBytes, countedBytes }) =>
			cells(station, direction, group(chargedBytes), group(countedBytes), group(chargedBytes - countedBytes)),
		),
	];
}

function stationLine({ name, state, upBytes, downBytes, bitsPerSecond, remaining }: StationView): string {
	const figures = `${megabytes(upBytes).padStart(8)}${megabytes(downBytes).padStart(10)}${megabits(bitsPerSecond).padStart(8)}`;
	return `${name.padEnd(8)}${state.padEnd(11)}${figures}  ${remaining === undefined ? '—' : bar(remaining)}`;
}

function bar({ bytes, amountBytes }: { bytes: number; amountBytes: number }): string {
	const cells = Math.min(BAR_CELLS, Math.ceil((bytes / amountBytes) * BAR_CELLS));
	return `${'█'.repeat(cells)}${'░'.repeat(BAR_CELLS - cells)} ${megabytes(bytes)} of ${megabytes(amountBytes)} MB`;
}

function megabytes(bytes: number): string {
	return (bytes / MEGABYTE).toFixed(1);
}

function megabits(bitsPerSecond: number): string {
	return (bitsPerSecond / 1e6).toFixed(1);
}

function group(value: number): string {
	return value.toLocaleString('en-US');
}
