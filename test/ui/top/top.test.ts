import test, { type ExecutionContext } from 'ava';
import { UNICODE_GLYPHS } from '../../../ui/top/glyphs.ts';
import { type Line, lineText } from '../../../ui/top/line.ts';
import type { Terminal } from '../../../ui/top/terminal.ts';
import { REDRAW_INTERVAL_MS, Top } from '../../../ui/top/top.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

class FakeTerminal implements Terminal {
	size = { columns: 80, rows: 24 };
	frames: (readonly Line[])[] = [];
	stopped = 0;
	events: Parameters<Terminal['start']>[0] | undefined;

	start(events: Parameters<Terminal['start']>[0]): void {
		this.events = events;
	}

	stop(): void {
		this.stopped += 1;
	}

	draw(lines: readonly Line[]): void {
		this.frames.push(lines);
	}

	get text(): string {
		return (this.frames.at(-1) ?? []).map(lineText).join('\n');
	}
}

/** A dashboard of an agent that is not there. */
function setUp(t: ExecutionContext) {
	const terminal = new FakeTerminal();
	const clock = new FakeClock();
	const top = new Top({
		terminal,
		sockets: { status: '/nowhere/status.sock', control: undefined },
		glyphs: UNICODE_GLYPHS,
		timer: clock,
		random: () => 0.5,
		newTransferId: () => 'sale-1',
		timeText: String,
	});
	const ended = top.run();
	t.teardown(() => top.stop());
	return { top, terminal, clock, ended };
}

test('something is drawn before the agent has answered', (t) => {
	const { terminal } = setUp(t);
	t.is(terminal.frames.length, 1);
	t.regex(terminal.text, /Connecting to the agent/);
});

test('a key is drawn at once, however soon after the last one', (t) => {
	const { terminal } = setUp(t);
	terminal.events?.onKey('2');
	terminal.events?.onKey('3');
	t.is(terminal.frames.length, 3);
	t.regex(terminal.text, /\[Ledger\]/);
});

test('a click on a tab is its key', (t) => {
	const { terminal } = setUp(t);
	terminal.events?.onClick(16, 1);
	t.regex(terminal.text, /\[Stations\]/);
	terminal.events?.onClick(79, 12);
	t.is(terminal.frames.length, 2);
});

test('another size is drawn at once', (t) => {
	const { terminal } = setUp(t);
	terminal.size = { columns: 132, rows: 43 };
	terminal.events?.onResize();
	t.is(terminal.frames.at(-1)?.length, 43);
});

test('a lost agent is said, and counted in seconds, without a redraw for each event', async (t) => {
	const { terminal, clock } = setUp(t);
	for (let turn = 0; !terminal.text.includes('AGENT LOST'); turn++) {
		await new Promise(setImmediate);
		await clock.pass(turn === 0 ? 0 : 100);
	}
	const before = terminal.frames.length;
	await clock.pass(10 * REDRAW_INTERVAL_MS);
	t.true(terminal.frames.length - before <= 11);
	t.regex(terminal.text, /AGENT LOST for \d+ s/);
});

test('q ends it and gives the terminal back', async (t) => {
	const { terminal, ended } = setUp(t);
	terminal.events?.onKey('q');
	await ended;
	t.is(terminal.stopped, 1);
	const drawn = terminal.frames.length;
	terminal.events?.onResize();
	t.is(terminal.frames.length, drawn);
});
