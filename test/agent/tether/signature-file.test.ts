import test from 'ava';
import { OWN_SIGNATURES } from '../../../agent/tether/own-signatures.ts';
import { parseSignatureFile } from '../../../agent/tether/signature-file.ts';

test('a file in the format of p0f is read: its SYN signatures, under their labels', (t) => {
	const { signatures, problems } = parseSignatureFile(`
; a comment
classes = win,unix

[mtu]
label = Ethernet
sig = 1500

[tcp:request]
label = s:unix:Linux:some
sig   = *:64:0:*:mss*20,10:mss,sok,ts,nop,ws:df,id+:0
sig   = 4:64-:0:1460:mtu*2,0:mss,nop,ws::0
label = g:win:Windows:any
sig   = *:54+10:0:*:%8192,*:mss,nop,ws,eol+1::*
label = s:!:Tool:scan
sys   = @unix,@win
sig   = *:64:0:1460:1024,0:mss::0

[tcp:response]
label = s:unix:Linux:answer
sig   = *:64:0:*:mss*10,0:mss:df:0
`);
	t.deepEqual(problems, []);
	t.deepEqual(
		signatures.map(({ text, ...rest }) => rest),
		[
			{
				label: 'Linux some',
				system: 'linux',
				isSpecific: true,
				isTool: false,
				version: undefined,
				start: 64,
				mss: undefined,
				window: { kind: 'mss', value: 20 },
				scale: 10,
				layout: 'mss,sok,ts,nop,ws',
			},
			{
				label: 'Linux some',
				system: 'linux',
				isSpecific: true,
				isTool: false,
				version: 4,
				start: 64,
				mss: 1460,
				window: { kind: 'mtu', value: 2 },
				scale: 0,
				layout: 'mss,nop,ws',
			},
			{
				label: 'Windows any',
				system: 'windows',
				isSpecific: false,
				isTool: false,
				version: undefined,
				start: 64,
				mss: undefined,
				window: { kind: 'modulo', value: 8192 },
				scale: undefined,
				layout: 'mss,nop,ws,eol',
			},
			{
				label: 'Tool scan',
				system: 'other',
				isSpecific: true,
				isTool: true,
				version: undefined,
				start: 64,
				mss: 1460,
				window: { kind: 'bytes', value: 1024 },
				scale: undefined,
				layout: 'mss',
			},
		],
	);
});

for (const [wrong, problem] of [
	['*:64:0:*:mss*20,10:mss', '6 fields instead of 8'],
	['5:64:0:*:mss*20,10:mss::0', 'version 5'],
	['*:999:0:*:mss*20,10:mss::0', 'hop limit 999'],
	['*:64:0:x:mss*20,10:mss::0', 'MSS x'],
	['*:64:0:*:rss*20,10:mss::0', 'window rss*20'],
	['*:64:0:*:%0,10:mss::0', 'window %0'],
	['*:64:0:*:mss*20:mss::0', 'scale undefined'],
	['*:64:0:*:mss*20,10:mss,foo::0', 'option foo'],
	['*:64:0:*:mss*20,10:mss:dg:0', 'quirk dg'],
	['*:64:0:*:mss*20,10:mss::9', 'payload class 9'],
]) {
	test(`a signature is passed over and reported: ${wrong}`, (t) => {
		const { signatures, problems } = parseSignatureFile(
			`[tcp:request]\nlabel = s:unix:Linux:x\nsig = ${wrong}\nsig = *:64:0:*:*,*:mss::0\n`,
		);
		t.deepEqual(problems, [`line 3: ${problem}`]);
		t.is(signatures.length, 1, 'the others are of use');
	});
}

test('a file that is none costs a few lines of the log', (t) => {
	const noise = `[tcp:request]\n${'what = ever\n'.repeat(1000)}`;
	const { signatures, problems } = parseSignatureFile(noise);
	t.is(signatures.length, 0);
	t.is(problems.length, 5);
	t.is(
		parseSignatureFile(`[tcp:request]\nlabel = s:unix:L:\n${'sig = *:64:0:*:*,*:mss::0\n'.repeat(3000)}`).signatures
			.length,
		2000,
	);
});

test('our own signatures are well-formed, and no two are the same', (t) => {
	const { signatures, problems } = parseSignatureFile(OWN_SIGNATURES);
	t.deepEqual(problems, []);
	t.is(new Set(signatures.map(({ text }) => text)).size, signatures.length);
});
