import test from 'ava';
import fc from 'fast-check';
import { characterScreens } from '../../../ui/lcd/character-screens.ts';
import type { DisplayModel } from '../../../ui/lcd/display-model.ts';
import type { Screen } from '../../../ui/lcdproc/screen.ts';
import type { CharacterDisplay } from '../../../ui/lcdproc/server-message.ts';
import { matchesGolden } from '../../golden.ts';
import { exampleAccount, exampleFigures, exampleModel } from './example-model.ts';
import { screenText } from './screen-text.ts';

const displayOf = (columns: number, rows: number): CharacterDisplay => ({ columns, rows, cellWidth: 5, cellHeight: 8 });
const calm = { alert: undefined, account: false };

const cases: Readonly<Record<string, DisplayModel>> = {
	'a quiet afternoon': exampleModel(),
	'an account is chosen': exampleModel({ account: exampleAccount }),
	'an account spends time': exampleModel({
		account: { ...exampleAccount, unit: 'second', amount: 3903, amountBought: 7200, throttled: true },
	}),
	'an account that nobody knows': exampleModel({ account: { ...exampleAccount, amount: 0, isMissing: true } }),
	'nothing was bought': exampleModel({ account: { ...exampleAccount, amountBought: undefined } }),
	'two alerts': exampleModel({
		warnings: ['the wall clock is not set: packages do not expire by date', 'br-lan is gone'],
	}),
	'a pairing code': exampleModel({ pairingCode: '48271935' }),
	'the carrier is away': exampleModel({
		figures: {
			...exampleFigures,
			uplink: { device: 'wwan0', up: false },
			carrier: { state: 'offline', text: 'no answer from the broker since 10:32; 12 batches wait' },
		},
	}),
	'a crowd': exampleModel({
		figures: {
			...exampleFigures,
			downBytesPerSecond: 117_000_000,
			counts: { unknown: 12, walled: 950, active: 3100, throttled: 34, blocked: 12, gone: 0 },
		},
	}),
	'before the first snapshot': exampleModel({ link: { state: 'starting' }, figures: undefined }),
	'the agent is gone': exampleModel({ link: { state: 'lost', reason: 'x', seconds: 75 } }),
};

for (const [columns, rows] of [
	[16, 2],
	[20, 4],
	[16, 1],
	[8, 2],
	[16, 4],
	[40, 2],
] as const) {
	test(`the screens of ${columns}×${rows} are as drawn`, (t) => {
		const display = displayOf(columns, rows);
		const known = new Set<string>();
		const text = Object.entries(cases).map(([title, model]) => {
			const drawn = characterScreens(model, display, calm).map((screen) => textOf(screen, display));
			const fresh = drawn.filter((screen) => !known.has(screen));
			for (const screen of fresh) {
				known.add(screen);
			}
			return `## ${title}\n\n${fresh.join('\n')}\n`;
		});
		matchesGolden(t, `test/ui/lcd/golden/${columns}x${rows}.txt`, text.join('\n'));
	});
}

/** A case shows only the screens that no case before it has shown. */
function textOf(screen: Screen, display: CharacterDisplay): string {
	return `${screen.id}, ${screen.priority}\n${screenText(screen, display)}`;
}

test('a new alert takes over with a blinking light, and rotates with the others afterwards', (t) => {
	const model = exampleModel({ warnings: ['the disk is full', 'br-lan is gone'] });
	const screens = (alert: string | undefined) => characterScreens(model, displayOf(20, 4), { ...calm, alert });
	const first = screens('br-lan is gone');
	t.like(first[0], { id: 'alert0', priority: 'alert', backlight: 'blink' });
	t.regex(screenText(first[0] as Screen, displayOf(20, 4)), /br-lan is gone/);
	t.like(first[1], { id: 'alert1', priority: 'info' });
	t.like(screens(undefined)[0], { id: 'alert0', priority: 'info', backlight: 'open' });
});

test('an account that was chosen by key comes to the front', (t) => {
	const model = exampleModel({ account: exampleAccount });
	t.like(characterScreens(model, displayOf(16, 2), { ...calm, account: true })[0], { priority: 'foreground' });
});

test('big digits and bars are never on one screen, since LCDd has eight characters of its own for both', (t) => {
	for (const model of Object.values(cases)) {
		for (const { id, widgets } of characterScreens(model, displayOf(20, 4), calm)) {
			const kinds = new Set(widgets.map(({ kind }) => kind));
			t.false(kinds.has('num') && kinds.has('hbar'), id);
		}
	}
});

test('whatever names and figures come, every row is within the display and plain ASCII', (t) => {
	const amount = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
	const counts = fc.record({
		unknown: amount,
		walled: amount,
		active: amount,
		throttled: amount,
		blocked: amount,
		gone: amount,
	});
	const text = fc.string({ unit: 'binary', maxLength: 60 });
	fc.assert(
		fc.property(
			fc.record({ columns: fc.integer({ min: 8, max: 40 }), rows: fc.integer({ min: 1, max: 4 }) }),
			fc.record({ amount, counts, text, unit: fc.constantFrom('byte' as const, 'second' as const) }),
			({ columns, rows }, given) => {
				const model = exampleModel({
					figures: {
						...exampleFigures,
						counts: given.counts,
						downBytesPerSecond: given.amount,
						carrier: { state: 'offline', text: given.text },
						uplink: { device: given.text, up: true },
					},
					account: { ...exampleAccount, account: given.text, unit: given.unit, amount: given.amount },
					warnings: [given.text],
					pairingCode: given.text,
				});
				const display = displayOf(columns, rows);
				for (const screen of characterScreens(model, display, calm)) {
					const drawn = screenText(screen, display);
					t.regex(drawn, /^[ -[\]-}\n]*$/);
				}
			},
		),
	);
	t.pass();
});
