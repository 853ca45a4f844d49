import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../agent/core/clock.ts';
import { localTimeText } from '../../../agent/text/local-time.ts';
import { runTop } from '../../../ui/top/run-top.ts';
import { terminalFacts } from '../../../ui/top/terminal.ts';
import type { TopEnding } from '../../../ui/top/top.ts';

/** `dashboard STATUS CONTROL`: `octroi top` on the stations of the demo, with a banner that the demo sends over the channel. */
const [status, control] = process.argv.slice(2) as [string, string];

/** What the exit status says to the demo. */
const STATUS_OF: Record<TopEnding, number> = { key: 0, stopped: 0, interrupt: 130 };

let banner: readonly string[] = [];
const stop = new AbortController();
process.on('message', (lines: readonly string[]) => {
	banner = lines;
});
process.on('disconnect', () => stop.abort());
process.on('SIGTERM', () => stop.abort());

const ending = await runTop({
	sockets: { status, control },
	facts: terminalFacts(process.stdin, process.stdout, process.env),
	isAscii: false,
	start: { screen: 'stations', sort: 'name' },
	banner: () => banner,
	timer: systemClock(),
	random: Math.random,
	newTransferId: randomUUID,
	timeText: localTimeText,
	stop: stop.signal,
});
process.exit(STATUS_OF[ending]);
