import test from 'ava';
import { accentsOf, CONTRAST_MIN, contrast, PAPER } from '../../../ui/portal/contrast.ts';
import { COLOURS } from '../../../ui/portal/style-sheet.ts';

/** WCAG 2.2, 1.4.11: parts of controls. */
const LINE_CONTRAST_MIN = 3;

test('contrast is that of WCAG', (t) => {
	t.is(contrast('#000000', '#ffffff'), 21);
	t.is(contrast('#777777', '#777777'), 1);
	t.is(Math.round(contrast('#777777', '#ffffff') * 100), 448);
});

for (const mode of ['light', 'dark'] as const) {
	test(`every text can be read on every surface, ${mode}`, (t) => {
		const { paper, card, ink, soft, good, bad, line } = COLOURS[mode];
		for (const surface of [paper, card]) {
			for (const text of [ink, soft, good, bad])
				t.true(contrast(text, surface) >= CONTRAST_MIN, `${text} on ${surface}`);
			t.true(contrast(line, surface) >= LINE_CONTRAST_MIN, `${line} on ${surface}`);
		}
	});
}

test('whatever colour a venue chooses can be read as text, on cards, and under text', (t) => {
	const steps = ['00', '33', '66', '99', 'cc', 'ff'];
	const all = steps.flatMap((red) => steps.flatMap((green) => steps.map((blue) => `#${red}${green}${blue}`)));
	for (const accent of [...all, '#0b6bcb', '#ffd400', '#808080']) {
		const { text, fill, onFill } = accentsOf(accent);
		t.true(contrast(text.light, COLOURS.light.card) >= CONTRAST_MIN, `${accent} as ${text.light}`);
		t.true(contrast(text.dark, COLOURS.dark.card) >= CONTRAST_MIN, `${accent} as ${text.dark}`);
		t.true(contrast(fill, onFill) >= CONTRAST_MIN, `${onFill} on ${fill}`);
	}
});

test('a colour that can be read already stays as it is', (t) => {
	t.is(accentsOf('#0b6bcb').text.light, '#0b6bcb');
	t.is(accentsOf('#0b6bcb').fill, '#0b6bcb');
	t.is(PAPER.light, COLOURS.light.paper);
});
