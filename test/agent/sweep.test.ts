import test from 'ava';
import { Sweep } from '../../agent/sweep.ts';

type Line = { name: number; isLively: boolean };

function setUp() {
	const lines: Line[] = Array.from({ length: 8 }, (_, name) => ({ name, isLively: false }));
	const sweep = new Sweep<Line>();
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
	t.is(look().length, 8);
	t.is(look().length, 2);
	sweep.restart();
	t.is(look().length, 8);
});

test('every line is looked at in turn', (t) => {
	const { look } = setUp();
	look();
	t.deepEqual([...look(), ...look(), ...look(), ...look()], [0, 1, 2, 3, 4, 5, 6, 7]);
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
	const sweep = new Sweep<Line>();
	sweep.look([], [], () => t.fail());
	sweep.look([], [], () => t.fail());
	t.pass();
});
