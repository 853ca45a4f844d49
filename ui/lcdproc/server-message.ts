import { decodeWords } from './words.ts';

/** The character display as LCDd describes it in its greeting. */
export type CharacterDisplay = {
	columns: number;
	rows: number;
	/** Pixels of one character, without the gap to the next. */
	cellWidth: number;
	cellHeight: number;
};

/** What LCDd sends (LCDproc developer's guide, "LCDd messages"; server/client.c, server/input.c). */
export type ServerMessage =
	| { kind: 'connect'; version: string; protocol: string; display: CharacterDisplay }
	| { kind: 'success' }
	| { kind: 'noop' }
	/** The command before was refused. */
	| { kind: 'huh'; text: string }
	/** The screen has become visible, or is no longer. */
	| { kind: 'listen' | 'ignore'; screen: string }
	| { kind: 'key'; key: string; screen: string | undefined }
	| { kind: 'bye' }
	/** Menus and what newer servers add. */
	| { kind: 'other'; text: string };

/** Larger figures are a defect of the other side. */
const CELLS_MAX = 256;

export function decodeServerMessage(line: string): ServerMessage {
	const other = { kind: 'other', text: line } as const;
	const words = decodeWords(line);
	if (words === undefined) {
		return other;
	}
	const [word, ...rest] = words;
	switch (word) {
		case 'connect':
			return decodeConnect(rest) ?? other;
		case 'success':
		case 'bye':
			return { kind: word };
		case 'noop':
			return { kind: 'noop' };
		case 'huh?':
		case 'huh':
			return { kind: 'huh', text: rest.join(' ') };
		case 'listen':
		case 'ignore':
			return rest[0] === undefined ? other : { kind: word, screen: rest[0] };
		case 'key':
			return rest[0] === undefined ? other : { kind: 'key', key: rest[0], screen: rest[1] };
		default:
			return other;
	}
}

export function encodeServerMessage(message: ServerMessage): string {
	switch (message.kind) {
		case 'connect': {
			const { columns, rows, cellWidth, cellHeight } = message.display;
			const size = `wid ${columns} hgt ${rows} cellwid ${cellWidth} cellhgt ${cellHeight}`;
			return `connect LCDproc ${message.version} protocol ${message.protocol} lcd ${size}`;
		}
		case 'noop':
			return 'noop complete';
		case 'huh':
			return `huh? ${message.text}`;
		case 'listen':
		case 'ignore':
			return `${message.kind} ${message.screen}`;
		case 'key':
			return message.screen === undefined ? `key ${message.key}` : `key ${message.key} ${message.screen}`;
		case 'other':
			return message.text;
		default:
			return message.kind;
	}
}

/** `LCDproc 0.5.9 protocol 0.3 lcd wid 20 hgt 4 cellwid 5 cellhgt 8`: names and values in any order. */
function decodeConnect(words: readonly string[]): ServerMessage | undefined {
	const after = (name: string) => words[words.indexOf(name) + 1];
	const cells = (name: string) => {
		const value = words.includes(name) ? Number(after(name)) : Number.NaN;
		return Number.isInteger(value) && value >= 1 && value <= CELLS_MAX ? value : undefined;
	};
	const columns = cells('wid');
	const rows = cells('hgt');
	if (columns === undefined || rows === undefined) {
		return undefined;
	}
	return {
		kind: 'connect',
		version: words.includes('LCDproc') ? (after('LCDproc') ?? '') : '',
		protocol: words.includes('protocol') ? (after('protocol') ?? '') : '',
		display: { columns, rows, cellWidth: cells('cellwid') ?? 5, cellHeight: cells('cellhgt') ?? 8 },
	};
}
