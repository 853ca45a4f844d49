import test from 'ava';
import { checkSymbol } from '../../../agent/voucher/alphabet.ts';
import { type Card, cardsToCsv } from '../../../agent/voucher/batch-file.ts';
import { type Code, formatCode } from '../../../agent/voucher/code.ts';
import { cardsFromCsv } from '../../../agent/voucher/read-batch-file.ts';
import { decodeText } from '../../../protocol/decode-text.ts';

const digits = (text: string) => formatCode((text + checkSymbol('digits', text)) as Code);
const CARDS: Card[] = [
	{
		batch: 'summer',
		serial: 1,
		role: 'control',
		code: 'J19W-F2T-D0F',
		title: 'One "hour", or =so é',
		devices: 1,
		validUntil: '2027-01-31',
	},
	{
		batch: 'summer',
		serial: 2,
		role: 'member',
		code: 'A5VG-47Q-PEH',
		title: "'s-Hertogenbosch",
		devices: 1000,
		validUntil: '',
	},
	{
		batch: 'keys',
		serial: 3,
		role: 'single',
		code: digits('00724123098'),
		title: '=1+1',
		devices: 2,
		validUntil: '2027-12-24',
	},
	{ batch: 'keys', serial: 4, role: 'single', code: digits('57241230987'), title: 'Day', devices: 2, validUntil: '' },
];
const CSV = cardsToCsv(CARDS);
const ROWS = CSV.trimEnd().split('\r\n');
const [HEAD = '', FIRST = '', SECOND = '', THIRD = '', FOURTH = ''] = ROWS;
const withDelimiter = (delimiter: string) =>
	[
		['batch', 'serial', 'role', 'code', 'title', 'devices', 'valid_until'],
		...CARDS.map(({ batch, serial, role, code, title, devices, validUntil }) => [
			batch,
			serial,
			role,
			code,
			`"${(title.startsWith('=') ? `'${title}` : title).replaceAll('"', '""')}"`,
			devices,
			validUntil,
		]),
	]
		.map((row) => row.join(delimiter))
		.join('\r\n');
const quoted = withDelimiter('\0')
	.split('\r\n')
	.map((row) =>
		row
			.split('\0')
			.map((cell) => (cell.startsWith('"') ? cell : `"${cell}"`))
			.join(';'),
	)
	.join('\r\n');

const TOUCHED: Record<string, string | Uint8Array> = {
	'as it was printed': CSV,
	'with a byte-order mark': Buffer.from(`\ufeff${CSV}`),
	'in UTF-16, little endian, with its mark': Buffer.from(`\ufeff${CSV}`, 'utf16le'),
	'in UTF-16, big endian, with its mark': Buffer.from(`\ufeff${CSV}`, 'utf16le').swap16(),
	'in UTF-16 without a mark': Buffer.from(CSV, 'utf16le'),
	'in UTF-16, big endian, without a mark': Buffer.from(CSV, 'utf16le').swap16(),
	'in Latin-1': Buffer.from(CSV, 'latin1'),
	'with semicolons': withDelimiter(';'),
	'with tabs': withDelimiter('\t'),
	'with bars': withDelimiter('|'),
	'with a sep= line': `sep=;\r\n${withDelimiter(';')}`,
	'with a quoted sep= line and a mark': Buffer.from(`\ufeff"sep=;"\r\n${withDelimiter(';')}`),
	'with every cell in quotes': quoted,
	'with every row in quotes': ROWS.map((row) => `"${row.replaceAll('"', '""')}"`).join('\r\n'),
	'with every row in quotes, and empty cells': ROWS.map((row) => `"${row.replaceAll('"', '""')}";;;`).join('\r\n'),
	'with line feeds': CSV.replaceAll('\r\n', '\n'),
	'with carriage returns': CSV.replaceAll('\r\n', '\r'),
	'without the last line end': CSV.trimEnd(),
	'with a last row of commas': `${CSV},,,,,,\r\n`,
	'with rows of semicolons': `${withDelimiter(';')}\r\n;;;;;;\r\n;;;;;;\r\n`,
	'with empty rows': `\r\n${ROWS.join('\r\n\r\n')}\r\n\r\n   \r\n`,
	'with commas at the end of each row': ROWS.map((row) => `${row},,,`).join('\r\n'),
	'with blanks around each cell': withDelimiter(' \u00a0;\t '),
	'with other capitals in the heading': CSV.replace(HEAD, 'Batch,SERIAL,Role,Code,Title,Devices,Valid until'),
	'with columns in another order': reordered([6, 3, 0, 2, 1, 5, 4]),
	'with further columns': withFurtherColumns(),
	'with apostrophes that mark texts': withDelimiter(';').replaceAll(/;([0-9A-Z]{3,4}-)/g, ";'$1"),
	'with formulas that mark texts': withDelimiter(';').replaceAll(/;([0-9A-Z]{3,4}-[0-9A-Z-]+)/g, ';"=""$1"""'),
	'with whole numbers as decimals': withDelimiter(';').replace(/(summer|keys);(\d);/g, '$1;$2.0;'),
	'with a comma in thousands': withDelimiter(';').replace(';1000;', ';1,000;'),
	'with capitals in a role': CSV.replace(',member,', ',Member,'),
	'without dashes in the codes': CSV.replace('J19W-F2T-D0F', 'J19WF2TD0F'),
	'with days as in Germany': withDelimiter(';').replace('2027-01-31', '31.01.2027').replace('2027-12-24', '24.12.2027'),
	'with days as in Britain': withDelimiter(';').replace('2027-01-31', '31/01/2027').replace('2027-12-24', '24/12/2027'),
	'with days as in America': withDelimiter(';').replace('2027-01-31', '1/31/2027').replace('2027-12-24', '12/24/2027'),
	'with times of day': withDelimiter(';').replace('2027-01-31', '2027-01-31 00:00:00'),
};
for (const [how, file] of Object.entries(TOUCHED)) {
	test(`a list of codes is read ${how}`, (t) => {
		const read = cardsFromCsv(decodeText(typeof file === 'string' ? Buffer.from(file) : file));
		const isPlain = (one: Card) => ({ ...one, code: one.code.replaceAll('-', '') });
		t.deepEqual(
			how.startsWith('without dashes') ? read.map(isPlain) : read,
			how.startsWith('without dashes') ? CARDS.map(isPlain) : CARDS,
		);
	});
}

test('a list of version 0.1, without prices, is read, and one with them', (t) => {
	const cards = CARDS.map((card) => ({ ...card, price: '2.50 EUR', validFor: '30 days' }));
	t.deepEqual(cardsFromCsv(cardsToCsv(cards)), cards);
	const former = CSV.split('\r\n').map((row) => row.replace(/(,price,valid_for|,,)$/, ''));
	t.is(former[0], 'batch,serial,role,code,title,devices,valid_until');
	t.deepEqual(cardsFromCsv(former.join('\r\n')), CARDS);
});

const refused = test.macro({
	exec(t, file: string, message: RegExp) {
		const error = t.throws(() => cardsFromCsv(file), { code: 'invalid_value', message });
		t.regex((error as Error & { fix: string }).fix, /\S/);
	},
	title: (title = '') => `a list of codes is refused ${title}`,
});
test('that is empty', refused, '', /^that is not a list of codes$/);
test('that is another table', refused, 'a,b\r\n1,2\r\n', /^that is not a list of codes$/);
test('that is a spreadsheet’s own file', refused, 'PK\u0003\u0004\0\0', /spreadsheet in its own format/);
test('without its first row', refused, CSV.slice(HEAD.length + 2), /^that is not a list of codes$/);
test('without a column', refused, CSV.replace(',devices', ',places'), /has no column devices/);
test('with a column twice', refused, CSV.replace('title,', 'code,title,'), /has the column code twice/);
test(
	'whose codes are numbers with exponents',
	refused,
	[HEAD, FIRST, THIRD.replace(/\d{4}-\d{4}-\d{4}/, '5.72412E+11')].join('\n'),
	/^row 3 of the list of codes: a spreadsheet has turned the code into a number with an exponent/,
);
test(
	'whose codes are numbers with exponents and a comma',
	refused,
	withDelimiter(';').replace(CARDS[3]?.code as string, '5,72412E+11'),
	/^row 5 .* with an exponent, and its last digits are lost$/,
);
test(
	'whose codes lost their zeros',
	refused,
	[HEAD, THIRD.replace(/\d{4}-\d{4}-\d{4}/, (code) => String(Number(code.replaceAll('-', '')))), FOURTH].join('\n'),
	/^row 2 .* its zeros at the beginning are lost$/,
);
test(
	'whose long codes were rounded',
	refused,
	[HEAD, THIRD.replace(/\d{4}-\d{4}-\d{4}/, '123456789012345000')].join('\n'),
	/all digits after the 15th are lost/,
);
test(
	'whose codes have decimals',
	refused,
	[HEAD, THIRD.replace(/\d{4}-\d{4}-\d{4}/, '572412309876.00')].join('\n'),
	/a number with decimals/,
);
test('with a wrong code', refused, CSV.replace('J19W-F2T-D0F', 'J19W-F2T-D1F'), /^row 2 .* is not a code/);
test('with a part of a code', refused, CSV.replace('A5VG-47Q-PEH', 'A5VG-47Q'), /^row 3 .* a part of it is lost$/);
test('without a code', refused, CSV.replace('A5VG-47Q-PEH', ''), /^row 3 .* the code is missing$/);
test('with a day that may be two', refused, CSV.replace('2027-01-31', '1/2/2027'), /month 1 or month 2/);
test('with a day as a number', refused, CSV.replace('2027-01-31', '46418'), /into the number 46418/);
test('with a day that is none', refused, CSV.replace('2027-01-31', '2027-02-31'), /is not a day/);
test(
	'with a batch that became a day',
	refused,
	CSV.replaceAll('summer', 'Jan-27'),
	/"Jan-27" is not the name of a batch/,
);
test('with a role that is none', refused, CSV.replace('control', 'owner'), /"owner" is not a role/);
test(
	'with a serial number that is none',
	refused,
	CSV.replace('summer,1', 'summer,1.5'),
	/"1.5" is not a serial number/,
);
test(
	'whose text with a comma lost its quotes',
	refused,
	[HEAD, FIRST, SECOND.replace("'s-Hertogenbosch", 'a, b')].join('\n'),
	/^row 3 /,
);
test(
	'with several faults, the first of which is told',
	refused,
	CSV.replaceAll(',2', ',x'),
	/^row .*; \d more rows have faults$/,
);

function reordered(order: readonly number[]): string {
	return withDelimiter(';')
		.split('\r\n')
		.map((row) => {
			const cells = row.split(';');
			return order.map((place) => cells[place]).join(';');
		})
		.join('\r\n');
}

function withFurtherColumns(): string {
	return withDelimiter(';')
		.split('\r\n')
		.map((row, index) => (index === 0 ? `note;${row};sold to;` : `x;${row};"Ann; Bob";`))
		.join('\r\n');
}

test('two rows with one code, or with one serial number, are refused: one of both customers would have nothing', (t) => {
	const [head = '', first = '', second = ''] = ROWS;
	const filledDown = second.replace('A5VG-47Q-PEH', 'J19W-F2T-D0F');
	t.throws(() => cardsFromCsv([head, first, filledDown].join('\r\n')), { message: /row 3 .*the code of row 2/ });
	t.throws(() => cardsFromCsv([head, first, second, second].join('\r\n')), { message: /row 4 .*the code of row 3/ });
	const sameSerial = second.replace('summer,2,', 'summer,1,').replace(',2,member', ',1,member');
	t.throws(() => cardsFromCsv([head, first, sameSerial].join('\r\n')), {
		message: /row 3 .*the serial number of row 2/,
	});
});
