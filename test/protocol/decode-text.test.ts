import test from 'ava';
import { decodeText } from '../../protocol/decode-text.ts';

const TEXT = '{ "name": "Café €" }\r\n';
for (const [how, bytes] of [
	['UTF-8', Buffer.from(TEXT)],
	['UTF-8 with its mark', Buffer.from(`\ufeff${TEXT}`)],
	['UTF-16, little endian', Buffer.from(TEXT, 'utf16le')],
	['UTF-16, little endian, with its mark', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
	['UTF-16, big endian', Buffer.from(TEXT, 'utf16le').swap16()],
	['UTF-16, big endian, with its mark', Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16()],
] as const) {
	test(`a text in ${how} is read`, (t) => {
		t.is(decodeText(bytes), TEXT);
	});
}

test('what is no UTF-8 is read as Latin-1', (t) => {
	t.is(decodeText(Buffer.from('Café', 'latin1')), 'Café');
});

test('half a character at the end, and no bytes at all, are read without an error', (t) => {
	t.is(decodeText(new Uint8Array()), '');
	t.is(decodeText(Buffer.from([0xfe, 0xff, 0, 0x41, 0])), 'A');
	t.is(decodeText(Buffer.from([0xff, 0xfe, 0x41, 0, 0x42])), 'A');
});
