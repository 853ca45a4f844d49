import test from 'ava';
import { IncrementalScan, SCAN_LOOKS } from '../../../agent/snapshot/incremental-scan.ts';

type Line = { name: number; isLively: boolean };

function setUp() {
	const lines: Line[] = Array.from({ length: 2 * SCAN_LOOKS }, (_, name) => ({ name, isLively: false }));
	const sweep = new IncrementalScan<Line>();
	const look = (announced: readonly Line[] = []) => {
		const seen: number[] = [];
		sweep.look(lines, announced, ({ name }) => {
			seen.push(name);
		});
		return seen.toSorted();
	};
	return { lines, sweep, look };
}

test('the first look, and the first after a restart, is at all lines', (t) => {
	const { sweep, look } = setUp();
	t.is(look().length, 2 * SCAN_LOOKS);
	t.is(look().length, 2);
	sweep.restart();
	t.is(look().length, 2 * SCAN_LOOKS);
});

test('every line is looked at in turn', (t) => {
	const { lines, look } = setUp();
	look();
	const seen = Array.from({ length: SCAN_LOOKS }, () => look()).flat();
	t.deepEqual(
		seen,
		lines.map(({ name }) => name),
	);
	t.deepEqual(look(), [0, 1]);
});

test('lines that are announced or lively are looked at now', (t) => {
	const { lines, look } = setUp();
	look();
	t.deepEqual(look([lines[7] as Line]), [0, 1, 7]);
	(lines[7] as Line).isLively = true;
	look([lines[7] as Line]);
	t.true(look().includes(7));
	(lines[7] as Line).isLively = false;
	look();
	look();
	t.false(look().includes(7));
});

test('a table without lines is no trouble', (t) => {
	const sweep = new IncrementalScan<Line>();
	sweep.look([], [], () => t.fail());
	sweep.look([], [], () => t.fail());
	t.pass();
});
