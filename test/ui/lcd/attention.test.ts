import test from 'ava';
import { Attention } from '../../../ui/lcd/attention.ts';
import { exampleFigures, exampleModel } from './example-model.ts';

const nobody = { unknown: 0, walled: 0, active: 0, throttled: 0, blocked: 0, gone: 0 };
const empty = exampleModel({ figures: { ...exampleFigures, counts: nobody } });

test('an alert takes over when it is new, for a while', (t) => {
	const attention = new Attention({ restAfterMs: undefined });
	const one = exampleModel({ warnings: ['one'] });
	t.is(attention.see(exampleModel(), 0).alert, undefined);
	t.is(attention.see(one, 1000).alert, 'one');
	t.is(attention.see(one, 20_000).alert, 'one');
	t.is(attention.see(one, 21_000).alert, undefined);
	t.is(attention.see(exampleModel({ warnings: ['one', 'two'] }), 22_000).alert, 'two');
});

test('an agent that comes back does not make old alerts new', (t) => {
	const attention = new Attention({ restAfterMs: undefined });
	const one = exampleModel({ warnings: ['one'] });
	attention.see(one, 0);
	attention.see({ ...one, warnings: [], link: { state: 'lost', reason: '', seconds: 1 } }, 30_000);
	t.is(attention.see(one, 40_000).alert, undefined);
});

test('a chosen account stays for a while', (t) => {
	const attention = new Attention({ restAfterMs: undefined });
	attention.chosen(1000);
	t.true(attention.see(exampleModel(), 30_000).account);
	t.false(attention.see(exampleModel(), 31_000).account);
});

test('the display rests when nobody was on for long enough, and wakes for a key, a guest or an alert', (t) => {
	const attention = new Attention({ restAfterMs: 60_000 });
	t.false(attention.see(empty, 0).isResting);
	t.true(attention.see(empty, 60_000).isResting);
	attention.chosen(61_000);
	t.false(attention.see(empty, 62_000).isResting);
	t.true(attention.see(empty, 121_000).isResting);
	t.false(attention.see(exampleModel(), 122_000).isResting);
	t.false(attention.see({ ...empty, warnings: ['x'] }, 200_000).isResting);
});
