import { PassThrough } from 'node:stream';
import test from 'ava';
import { TerminalInput } from '../../../ui/top/terminal-input.ts';

const PRESS = '\u001b[<0;5;7M';
const RELEASE = '\u001b[<0;5;7m';
const X10 = '\u001b[M %\u00e9';

/** What comes in these reads, chunk by chunk. */
async function chunksOf(reads: readonly string[]): Promise<string[]> {
	const terminal = new PassThrough();
	const input = new TerminalInput(terminal as unknown as NodeJS.ReadStream);
	const chunks: string[] = [];
	input.on('data', (chunk: Buffer) => chunks.push(chunk.toString('latin1')));
	for (const read of reads) {
		terminal.write(Buffer.from(read, 'latin1'));
		await new Promise(setImmediate);
	}
	terminal.end();
	await new Promise((resolve) => input.once('end', resolve));
	return chunks;
}

test('two clicks in one read are two', async (t) => {
	t.deepEqual(await chunksOf([PRESS + RELEASE + PRESS + RELEASE]), [PRESS, RELEASE, PRESS, RELEASE]);
	t.deepEqual(await chunksOf([`s${PRESS}q${X10}${X10}`]), ['s', PRESS, 'q', X10, X10]);
});

test('a click that comes in two reads is one, wherever it is cut', async (t) => {
	for (const report of [PRESS, X10]) {
		for (let at = 3; at < report.length; at++) {
			t.deepEqual(await chunksOf([report.slice(0, at), `${report.slice(at)}s`]), [report, 's'], `cut at ${at}`);
		}
	}
});

test('keys pass as they are, also escape, arrows, letters of several bytes, and what is pasted', async (t) => {
	const pasted = `${Buffer.from('код ₱').toString('latin1')}\u001b[A\u001b[1;5C`;
	for (const keys of ['\u001b', 'q', '\u001b[A', '\u001b[1;5C', pasted]) {
		t.is((await chunksOf([keys, 'z'])).join(''), `${keys}z`);
		t.is((await chunksOf([keys]))[0], keys, 'at once');
	}
});
