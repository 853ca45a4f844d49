import { parseMacAddress } from '../../../agent/core/mac-address.ts';
import { readLeaseFile } from '../../../agent/session/lease-file.ts';
import { LEASE_FILE_BYTES_MAX } from '../../../agent/session/leases.ts';
import { cleanName, NAME_CHARACTERS_MAX } from '../../../agent/session/station.ts';
import { parseSignatureFile } from '../../../agent/tether/signature-file.ts';
import { cellsOf, drawable, inCells } from '../../../agent/text/cells.ts';
import { cardsToCsv } from '../../../agent/voucher/batch-file.ts';
import { formatCode } from '../../../agent/voucher/code.ts';
import { readCode } from '../../../agent/voucher/pasted-code.ts';
import { cardsFromCsv } from '../../../agent/voucher/read-batch-file.ts';
import { transliterate } from '../../../ui/lcd/transliterate.ts';
import { decodeServerMessage, encodeServerMessage } from '../../../ui/lcdproc/server-message.ts';
import { decodeWords, encodeWords } from '../../../ui/lcdproc/words.ts';
import type { SeededRandom } from '../../fakes/seeded-random.ts';
import { type FuzzTarget, holds, refusing } from '../fuzz-target.ts';
import { randomMac, randomWord } from '../pieces.ts';

const CSV_HEAD = 'batch,serial,role,code,title,devices,valid_until\r\n';

function leases(random: SeededRandom): Buffer {
	let text = '';
	for (let count = random.between(0, 6); count > 0; count--) {
		const address = `10.77.${random.between(0, 300)}.${random.between(0, 300)}`;
		const name = random.chance(0.3) ? '*' : randomWord(random, 'abc-é\u202e\0\t\u001b ', 20);
		text += `${random.between(0, 2 ** 31)} ${randomMac(random)} ${address} ${name} 01:${randomMac(random)}\n`;
	}
	return Buffer.from(text);
}

function csv(random: SeededRandom): Buffer {
	let text = CSV_HEAD;
	for (let count = random.between(0, 4); count > 0; count--) {
		const title = randomWord(random, 'a1 ,"\r\n=+-@\'é', 16);
		const field = random.chance(0.8) ? `"${title.replaceAll('"', '""')}"` : title;
		const role = random.pick(['single', 'member', 'control', 'other']);
		text += `summer,${random.between(0, 99_999)},${role},AB12-CD34,${field},${random.between(0, 9999)},2027-01-31\r\n`;
	}
	return Buffer.from(text);
}

function signatures(random: SeededRandom): Buffer {
	let text = random.pick(['[tcp:request]\n', '[mtu]\n', '; only\n', '']);
	for (let count = random.between(0, 6); count > 0; count--) {
		const label = `${random.pick(['s', 'g', 'x'])}:${random.pick(['unix', 'win', '!'])}:${random.pick(['Linux', 'iOS', 'a'])}:3.11`;
		const layout = random.pick(['mss,sok,ts,nop,ws', 'mss,nop,nop,sok', 'eol+1', '?12', '']);
		const window = random.pick(['mss*20,7', '%8192,*', '65535,8', 'mtu*4,0', '*,*', ',']);
		const line = `${random.pick(['*', '4', '6'])}:${random.between(0, 300)}${random.pick(['', '-', '+?'])}:0:*:${window}:${layout}:df,id+:0`;
		text += random.pick([`label = ${label}\nsig = ${line}\n`, `sys = x\n`, `sig   = ${line}\n`, `label=${label}\n`]);
	}
	return Buffer.from(text);
}

function lcdLine(random: SeededRandom): Buffer {
	const size = `wid ${random.between(0, 400)} hgt ${random.between(0, 9)} cellwid 5 cellhgt ${random.between(-1, 9)}`;
	const lines = [
		`connect LCDproc 0.5.9 protocol 0.3 lcd ${size}`,
		'success',
		'listen octroi',
		'key Enter octroi',
		'huh? what',
		`"${randomWord(random, 'a "\\{}\n', 12)}" {${randomWord(random, 'b "\\}', 8)}}`,
	];
	return Buffer.from(random.pick(lines), 'latin1');
}

/** Files and lines that other programs or people write. */
export const TEXTS: readonly FuzzTarget[] = [
	{
		name: 'leases',
		title: "dnsmasq's file of leases, with names that stations chose",
		make: leases,
		words: [' ', '\n', '\r', '\0', ' * ', 'duid 00:01\n', '::', '10.0.0.1'],
		check(input) {
			const found = readLeaseFile(input.toString('utf8')).leases;
			holds(found.length <= LEASE_FILE_BYTES_MAX, 'bounded');
			for (const { mac, address } of found) {
				holds(/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) && /^[\d.]{7,15}$/.test(address), 'an address of each kind');
			}
		},
	},
	{
		name: 'station-name',
		title: 'the name that a station gives itself, as it is kept and drawn',
		make: (random) => Buffer.from(randomWord(random, 'aé\u0301\u202e\u200b\u3164\0\u001b 中한ไท\u0e49ﷺ*', 90)),
		words: ['\u0301'.repeat(5), '\u202e', '\u2028', '\ufeff', '\u{1f468}\u200d\u{1f469}', '\u{e0001}', 'ﷺ', '*', ' '],
		check(input) {
			const text = input.toString('utf8');
			const name = cleanName(text);
			if (name !== undefined) {
				holds([...name].length <= NAME_CHARACTERS_MAX, 'a name has a bound');
				holds(!/[\p{C}\u2028\u2029]/u.test(name), 'a name has no character that is not seen');
			}
			holds(/^[ -~]*$/.test(transliterate(text)), 'a display of characters gets only those that it has');
			for (const ascii of [false, true]) {
				const drawn = drawable(text, { ascii });
				holds(cellsOf(inCells(drawn, 20, { ascii })) === 20, 'a cell of a table is filled exactly');
			}
		},
	},
	{
		name: 'hardware-address',
		title: 'a hardware address as people write it',
		make: (random) => Buffer.from(randomMac(random).replaceAll(':', random.pick([':', '-', '', '.']))),
		words: [':', '-', '.', '\n', '00', 'ff', 'İ', 'ſ'],
		bytesMax: 64,
		check(input) {
			const mac = refusing(['invalid_value'], () => parseMacAddress(input.toString('utf8')));
			if (mac !== undefined) holds(parseMacAddress(mac) === mac, 'its own spelling is read as itself');
		},
	},
	{
		name: 'code',
		title: 'a code as guests type it',
		make: (random) => Buffer.from(randomWord(random, '0123456789ABCDEFGHJKMNPQRSTVWXYZoil -.·٣३０Ａ', 36)),
		words: [
			'-',
			' ',
			'?c=',
			'://',
			'%3Fc%3D',
			'WIFI:S:',
			';',
			'code: ',
			'\n',
			'\u00ad',
			'\u202e',
			'ﬃ',
			'٠',
			'𝟘',
			'ẞ',
			'ı',
			'\ud83d',
		],
		bytesMax: 600,
		check(input) {
			const found = readCode(input.toString('utf8'));
			if (!found.ok) return;
			const again = readCode(formatCode(found.code));
			holds(again.ok && again.code === found.code, 'a code as it is printed is read as itself');
		},
	},
	{
		name: 'csv',
		title: 'a list of codes, as comma-separated values',
		make: csv,
		words: ['"', '""', ',', ';', '\t', 'sep=;', '\r\n', '\n', '\r', CSV_HEAD, "'=", '"a\r\nb"'],
		check(input) {
			const cards = refusing(['invalid_value'], () => cardsFromCsv(input.toString('utf8')));
			if (cards === undefined) return;
			const again = cardsFromCsv(cardsToCsv(cards));
			holds(JSON.stringify(again) === JSON.stringify(cards), 'cards are the same after their way through the text');
		},
	},
	{
		name: 'signature-file',
		title: "a database in p0f's format",
		make: signatures,
		words: ['[tcp:request]\n', 'label = s:unix:Linux:x\n', 'sig = ', ':', ',', '\n', '?255', 'eol+', 'mss*', '%0'],
		check(input) {
			const { signatures: found, problems } = parseSignatureFile(input.toString('utf8'));
			holds(problems.length <= 5 && problems.every((one) => one.length < 120), 'problems are few and short');
			for (const { start, label, scale } of found) {
				holds(start >= 1 && start <= 255 && label.length <= 60 && (scale ?? 0) <= 14, 'a signature in range');
			}
		},
	},
	{
		name: 'lcd-line',
		title: "a line of LCDd's",
		make: lcdLine,
		words: ['"', '{', '}', '\\', '\\n', ' ', '\t', 'wid ', 'hgt 1e3', 'connect '],
		check(input) {
			const line = input.toString('latin1');
			const message = decodeServerMessage(line);
			const { kind } = message;
			if (kind === 'connect') {
				const { columns, rows } = message.display;
				holds(columns >= 1 && columns <= 256 && rows >= 1 && rows <= 256, 'a display of some size');
			}
			if (kind === 'other') holds(encodeServerMessage(message) === line, 'what is not known is kept');
			const words = decodeWords(line);
			if (words === undefined || words.some((word) => /[^\x20-\x7e]/.test(word))) return;
			holds(JSON.stringify(decodeWords(encodeWords(words))) === JSON.stringify(words), 'words can be sent again');
		},
	},
];
