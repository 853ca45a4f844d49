import test from 'ava';
import { requireProgram, runProgram } from './program.ts';

test('a program that is not installed is named in one sentence', async (t) => {
	t.notThrows(() => requireProgram('sh'));
	t.notThrows(() => requireProgram('/bin/sh'));
	const missing = { code: 'feature_missing', message: 'the program tcpdumb is not installed' };
	t.throws(() => requireProgram('tcpdumb'), missing);
	await t.throwsAsync(runProgram('tcpdumb', ['-n']), missing);
	t.throws(() => requireProgram('/bin/no-such-program'), { code: 'feature_missing' });
});
