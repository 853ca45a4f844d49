import test from 'ava';
import { cellsOf } from '../../../agent/text/cells.ts';
import { frameOf } from '../../../ui/top/frame.ts';
import { ASCII_GLYPHS } from '../../../ui/top/glyphs.ts';
import { lineText, pressAt } from '../../../ui/top/line.ts';
import type { TopState } from '../../../ui/top/top-state.ts';
import type { Size, ViewInput } from '../../../ui/top/view-input.ts';
import { matchesGolden } from '../../golden.ts';
import { viewInput } from './view-fixture.ts';

const SIZES: readonly Size[] = [
	{ columns: 80, rows: 24 },
	{ columns: 132, rows: 43 },
];

const ALICE = '02:00:5e:10:00:01';

const SCREENS: Record<string, { state: Partial<TopState>; changes?: Partial<ViewInput> }> = {
	overview: { state: {} },
	stations: { state: { screen: 'stations', selected: ALICE } },
	filtered: { state: { screen: 'stations', filter: 'room', typing: true, sort: 'account' } },
	station: { state: { screen: 'station', selected: ALICE } },
	ledger: { state: { screen: 'ledger' } },
	system: { state: { screen: 'system' } },
	help: { state: { help: true } },
	confirm: {
		state: {
			screen: 'stations',
			dialog: { kind: 'confirm', question: 'block the account room-1?', action: { kind: 'block', account: 'room-1' } },
		},
	},
	plans: { state: { screen: 'stations', dialog: { kind: 'plan', account: 'room-1', index: 1 } } },
	lost: {
		state: {},
		changes: { link: { state: 'lost', reason: 'it closed the connection', sinceMs: 88_000, nextTryMs: 102_000 } },
	},
	'never-seen': {
		state: {},
		changes: {
			model: undefined,
			link: { state: 'lost', reason: 'there is no such socket', sinceMs: 99_000, nextTryMs: 100_500 },
		},
	},
	ascii: { state: { screen: 'stations' }, changes: { glyphs: ASCII_GLYPHS } },
	'ascii-overview': { state: {}, changes: { glyphs: ASCII_GLYPHS } },
	'read-only': { state: { screen: 'stations' }, changes: { refusal: 'read-only: started with --read-only' } },
};

for (const [name, { state, changes }] of Object.entries(SCREENS)) {
	for (const size of SIZES) {
		test(`the screen ${name} at ${size.columns}×${size.rows} is as agreed`, (t) => {
			const lines = frameOf(viewInput(state, { ...changes, size }));
			t.is(lines.length, size.rows);
			for (const line of lines) t.is(cellsOf(lineText(line)), size.columns, lineText(line));
			const text = lines.map((line) => `${lineText(line).trimEnd()}\n`).join('');
			matchesGolden(t, `test/ui/top/golden/${name}-${size.columns}x${size.rows}.txt`, text);
		});
	}
}

test('the list says how much of the traffic was tethered; where there is little room, only while anybody has some', (t) => {
	const narrow = viewInput({ screen: 'stations' });
	const wide = { ...narrow, size: { columns: 132, rows: 43 } };
	const linesOf = (input: ViewInput) => frameOf(input).map(lineText);
	t.regex(linesOf(wide).find((line) => line.includes('alices-phone')) ?? '', / 6\.16 MB {3}3\.00 MB /);
	t.regex(linesOf(narrow).find((line) => line.includes('alices-phone')) ?? '', / 6\.16 MB {2}49% /);
	const [alice] = narrow.rows;
	const { tethered: _tethered, ...owner } = alice as NonNullable<typeof alice>;
	narrow.model?.stations.set(ALICE, owner);
	t.false(linesOf({ ...narrow, rows: [owner] }).some((line) => line.includes('TETH')));
	t.true(linesOf({ ...wide, rows: [owner] }).some((line) => line.includes('TETHERED')));
});

test('evidence is drawn where there is any, and of the station that is looked at', (t) => {
	const input = viewInput({ screen: 'station', selected: ALICE });
	const { detail } = input;
	if (!detail) throw new Error('the fixture has a detail');
	const textOf = (changes: Partial<ViewInput>) =>
		frameOf({ ...input, ...changes })
			.map(lineText)
			.join('\n');
	t.regex(textOf({}), /tethering {2}yes, score 170/);
	t.regex(textOf({}), /\+110 +12 +4 s ago {2}packets have come over one more hop/);
	t.notRegex(textOf({ detail: { ...detail, mac: '02:00:5e:10:00:02' } }), /tethering|EVIDENCE/);
	const silent = { isJudged: true, score: 0, isTethering: false, evidence: [] };
	t.notRegex(textOf({ detail: { ...detail, tethering: silent } }), /tethering|EVIDENCE/);
	const pinned = textOf({ detail: { ...detail, tethering: { ...silent, pinned: 'own' } } });
	t.regex(pinned, /tethering {2}pinned as own by the operator/);
	t.notRegex(pinned, /EVIDENCE/);
});

test('no screen of any size lets a control character through, or has a line of another width', (t) => {
	for (const [name, { state, changes }] of Object.entries(SCREENS)) {
		for (const columns of [1, 20, 40, 79, 81, 119, 120, 300]) {
			for (const rows of [1, 5, 10, 60]) {
				const lines = frameOf(viewInput(state, { ...changes, size: { columns, rows } }));
				t.is(lines.length, rows, name);
				for (const line of lines) {
					t.is(cellsOf(lineText(line)), columns, `${name} at ${columns}×${rows}`);
					t.notRegex(lineText(line), /[\p{Cc}\p{Cf}\p{M}]/u);
				}
			}
		}
	}
});

test('an ASCII screen is ASCII', (t) => {
	for (const { state } of Object.values(SCREENS)) {
		for (const line of frameOf(viewInput(state, { glyphs: ASCII_GLYPHS }))) t.regex(lineText(line), /^[ -~]*$/);
	}
});

test('a click finds the tab, the row and the key under it', (t) => {
	const lines = frameOf(viewInput({ screen: 'stations' }));
	t.is(pressAt(lines, 1, 1), '1');
	t.is(pressAt(lines, 30, 4), `pick ${ALICE}`);
	const keys = lineText(lines[23] ?? []);
	t.is(pressAt(lines, keys.indexOf('filter'), 23), '/');
	t.is(pressAt(lines, 79, 0), undefined);
	t.is(pressAt(lines, 500, 500), undefined);
});

test('of thousands of stations only the visible ones are made into lines', (t) => {
	const input = viewInput({ screen: 'stations' });
	const [row] = input.rows;
	let looked = 0;
	const rows = Array.from({ length: 4096 }, (_, index) => ({
		...(row as NonNullable<typeof row>),
		mac: `02:00:5e:20:${index}` as NonNullable<typeof row>['mac'],
		get reason() {
			looked += 1;
			return 'within its balance';
		},
	}));
	frameOf({ ...input, rows });
	t.true(looked <= 24, `${looked} rows were looked at`);
});
