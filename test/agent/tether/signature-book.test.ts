import test from 'ava';
import { OWN_SIGNATURES } from '../../../agent/tether/own-signatures.ts';
import { SignatureBook } from '../../../agent/tether/signature-book.ts';
import { parseSignatureFile } from '../../../agent/tether/signature-file.ts';

const book = new SignatureBook(parseSignatureFile(OWN_SIGNATURES).signatures);
const LINUX = { layout: 'mss,sok,ts,nop,ws', mss: 1460, scale: 7, hasTimestamps: true, window: 64_240 };
const WINDOWS = { layout: 'mss,nop,ws,nop,nop,sok', mss: 1460, scale: 8, hasTimestamps: false, window: 64_240 };

test('the signature that tells more goes before the general one', (t) => {
	t.is(book.find({ ...LINUX, version: 4, hopLimit: 64 })?.signature.label, 'Linux 5 or newer');
	t.is(book.find({ ...LINUX, window: 1234, version: 4, hopLimit: 64 })?.signature.label, 'Linux any');
});

test('hops on the way do not hide a system, and another start is told', (t) => {
	t.false(book.find({ ...WINDOWS, version: 4, hopLimit: 127 })?.contradictsStart);
	const rewritten = book.find({ ...WINDOWS, version: 4, hopLimit: 64 });
	t.is(rewritten?.signature.system, 'windows');
	t.true(rewritten?.contradictsStart);
});

test('a window that was made of the segment size fits although that was clamped on the way', (t) => {
	t.is(book.find({ ...LINUX, mss: 1380, version: 4, hopLimit: 64 })?.signature.label, 'Linux 5 or newer');
	t.is(
		book.find({ ...LINUX, mss: 1380, window: 44 * 1380, version: 4, hopLimit: 64 })?.signature.label,
		'Linux 5 or newer',
	);
	t.is(
		book.find({ ...LINUX, mss: 1440, window: 44 * 1440, version: 6, hopLimit: 63 })?.signature.label,
		'Linux 5 or newer',
	);
});

test('what nobody has described is nobody, however often it is asked', (t) => {
	for (let window = 0; window < 2000; window++) {
		t.is(book.find({ ...LINUX, layout: '?99,mss', window, version: 4, hopLimit: 64 }), undefined);
	}
});
