import test from 'ava';
import { cpioArchive } from './cpio-archive.ts';

test('an archive has directories before what lies in them, each name padded to four bytes', (t) => {
	const archive = cpioArchive([{ path: 'bin/x', mode: 0o100755, content: Buffer.from('hello') }]).toString('latin1');
	const fields = (...values: number[]) =>
		`070701${values.map((value) => value.toString(16).padStart(8, '0')).join('')}`;
	t.is(
		archive,
		[
			`${fields(1, 0o040755, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4, 0)}bin\0\0\0`,
			`${fields(2, 0o100755, 0, 0, 1, 0, 5, 0, 0, 0, 0, 6, 0)}bin/x\0hello\0\0\0`,
			`${fields(0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 11, 0)}TRAILER!!!\0\0\0\0`,
		].join(''),
	);
});
