import test from 'ava';
import { frameLines, logLine, type StationView, summaryLines } from './frame.ts';

const view: StationView = {
	name: 'sta2',
	mac: '02:00:5e:10:00:02',
	story: 'runs out and is cut off',
	state: 'active',
	upBytes: 524_288,
	downBytes: 5_000_000,
	bitsPerSecond: 8_400_000,
	remaining: { bytes: 5_000_000, amountBytes: 10_000_000 },
};

test('the picture shows state, bytes, rate and what is left of the package', (t) => {
	t.deepEqual(frameLines([view, { ...view, name: 'sta4', state: 'walled', remaining: undefined }], 4.2), [
		'Octroi · a router, an internet and 2 stations, all real but for the air · 5 s left',
		'',
		'station state         up MB   down MB  Mbit/s  left of the package           ',
		'sta2    active          0.5       5.0     8.4  ████████░░░░░░░░ 5.0 of 10.0 MB',
		'        runs out and is cut off',
		'sta4    walled          0.5       5.0     8.4  —',
		'        runs out and is cut off',
	]);
});

test('a log gets one line', (t) => {
	t.is(logLine([view], 12), '  12 s  sta2 active 5.0 MB 8.4 Mbit/s');
});

test('the summary sets the ledger beside the count', (t) => {
	t.deepEqual(summaryLines([{ station: 'sta1', direction: 'up', chargedBytes: 1_234_567, countedBytes: 1_234_560 }]), [
		'station                     ledger         counted      difference',
		'sta1     up              1,234,567       1,234,560               7',
	]);
});
