import test, { type ExecutionContext } from 'ava';
import { LcdprocClient, type LcdprocClientOptions } from '../../../ui/lcdproc/lcdproc-client.ts';
import type { Screen } from '../../../ui/lcdproc/screen.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeLcdd } from './fake-lcdd.ts';

const size = { columns: 16, rows: 2, cellWidth: 5, cellHeight: 8 };

function screenOf(text: string): Screen {
	return {
		id: 'home',
		name: 'Octroi',
		priority: 'info',
		durationSeconds: 5,
		backlight: 'open',
		widgets: [{ kind: 'string', column: 1, row: 1, text }],
	};
}

type Setup = {
	lcdd: FakeLcdd;
	port: number;
	client: LcdprocClient;
	clock: FakeClock;
	lost: string[];
	refused: string[];
	nextDisplay: () => Promise<void>;
	nextLoss: () => Promise<void>;
	nextKey: () => Promise<string>;
};

async function setup(t: ExecutionContext, change: Partial<LcdprocClientOptions> = {}): Promise<Setup> {
	const lcdd = new FakeLcdd(size);
	const port = await lcdd.start();
	const clock = new FakeClock();
	const [lost, refused]: [string[], string[]] = [[], []];
	const display = events<void>();
	const loss = events<void>();
	const key = events<string>();
	const client = new LcdprocClient({
		host: '127.0.0.1',
		port,
		name: 'octroi',
		keys: ['Up'],
		timers: clock,
		onDisplay: () => display.push(),
		onKey: (name) => key.push(name),
		onLost: (reason) => {
			lost.push(reason);
			loss.push();
		},
		onRefused: (text) => refused.push(text),
		...change,
	});
	t.teardown(async () => {
		client.stop();
		await lcdd.stop().catch(() => 'it was stopped before');
	});
	return {
		lcdd,
		port,
		client,
		clock,
		lost,
		refused,
		nextDisplay: display.next,
		nextLoss: loss.next,
		nextKey: key.next,
	};
}

/** Awaits calls one by one, whether they come before or after. */
function events<Value>(): { push: (value: Value) => void; next: () => Promise<Value> } {
	const values: { value: Value }[] = [];
	const waiting: ((value: Value) => void)[] = [];
	return {
		push(value) {
			const resolve = waiting.shift();
			if (resolve === undefined) {
				values.push({ value });
			} else {
				resolve(value);
			}
		},
		next: () => {
			const first = values.shift();
			return first === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(first.value);
		},
	};
}

test('it says who it is, reserves keys, and shows its screens', async (t) => {
	const { lcdd, client } = await setup(t);
	client.show([screenOf('hello')]);
	client.start();
	await lcdd.told('widget_set', 'home', 'w0', '1', '1', 'hello');
	t.deepEqual(lcdd.commands.slice(0, 3), [
		['client_set', '-name', 'octroi'],
		['client_add_key', '-shared', 'Up'],
		['screen_add', 'home'],
	]);
});

test('what has not changed is not sent again', async (t) => {
	const { lcdd, client } = await setup(t);
	client.show([screenOf('one')]);
	client.start();
	await lcdd.told('widget_set');
	client.show([screenOf('two')]);
	await lcdd.told('widget_set', 'home', 'w0', '1', '1', 'two');
	t.is(lcdd.commands.filter(([word]) => word !== 'widget_set').length, 2 + 1 + 5 + 1);
});

test('a screen that goes is deleted', async (t) => {
	const { lcdd, client } = await setup(t);
	client.show([screenOf('one'), { ...screenOf('x'), id: 'extra' }]);
	client.start();
	await lcdd.told('widget_set', 'extra');
	client.show([screenOf('one')]);
	await lcdd.told('screen_del', 'extra');
	t.pass();
});

test('while LCDd has not answered, only the newest screens wait', async (t) => {
	const { lcdd, client } = await setup(t);
	client.show([screenOf('0')]);
	client.start();
	await lcdd.told('widget_set');
	for (let count = 1; count <= 500; count += 1) {
		client.show([screenOf(String(count))]);
	}
	await lcdd.told('widget_set', 'home', 'w0', '1', '1', '500');
	t.true(lcdd.commands.filter(([word]) => word === 'widget_set').length <= 3);
});

test('an LCDd that restarts gets everything again', async (t) => {
	const { lcdd, port, client, clock, nextDisplay, nextLoss } = await setup(t);
	client.show([screenOf('hello')]);
	client.start();
	await nextDisplay();
	await lcdd.told('widget_set');
	await lcdd.stop();
	await nextLoss();
	const again = new FakeLcdd(size);
	await again.start(port);
	t.teardown(() => again.stop());
	await clock.pass(1000);
	await nextDisplay();
	await again.told('widget_set', 'home', 'w0', '1', '1', 'hello');
	t.pass();
});

test('a frozen LCDd is left, and tried again', async (t) => {
	const { lcdd, client, clock, lost, nextDisplay, nextLoss } = await setup(t);
	client.show([screenOf('one')]);
	client.start();
	await nextDisplay();
	await lcdd.told('widget_set');
	lcdd.isFrozen = true;
	client.show([screenOf('two')]);
	await lcdd.told('widget_set', 'home', 'w0', '1', '1', 'two');
	await clock.pass(10_000);
	await nextLoss();
	t.deepEqual(lost, ['it did not answer within 10000 ms']);
	lcdd.isFrozen = false;
	await clock.pass(1000);
	await nextDisplay();
	t.pass();
});

test('where nobody listens it is tried less and less often', async (t) => {
	const clock = new FakeClock();
	const delays: number[] = [];
	const timers = {
		after(delayMs: number, call: () => void) {
			delays.push(delayMs);
			return clock.after(delayMs, call);
		},
	};
	const { lcdd, client, lost, nextLoss } = await setup(t, { timers });
	await lcdd.stop();
	client.start();
	for (let attempt = 0; attempt < 7; attempt += 1) {
		await nextLoss();
		await clock.pass(delays.at(-1) as number);
	}
	t.is(lost[0], 'ECONNREFUSED');
	// Every other timer is for the answer to the attempt itself.
	t.deepEqual(
		delays.filter((_delay, index) => index % 2 === 1),
		[1000, 2000, 4000, 8000, 16_000, 30_000, 30_000],
	);
});

test('keys and refusals are passed on', async (t) => {
	const { lcdd, client, refused, nextDisplay, nextKey } = await setup(t);
	client.start();
	await nextDisplay();
	lcdd.send({ kind: 'key', key: 'Up', screen: undefined });
	t.is(await nextKey(), 'Up');
	client.show([{ ...screenOf('x'), widgets: [{ kind: 'string', column: 1, row: 1, text: 'x' }] }]);
	lcdd.send({ kind: 'huh', text: 'Invalid' });
	lcdd.send({ kind: 'key', key: 'Down', screen: undefined });
	t.is(await nextKey(), 'Down');
	t.deepEqual(refused, ['Invalid']);
});

test('stopping twice is stopping', async (t) => {
	const { client, clock } = await setup(t);
	client.start();
	client.stop();
	client.stop();
	t.is(clock.pending, 0);
});
