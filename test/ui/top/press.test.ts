import test from 'ava';
import { type PressContext, press } from '../../../ui/top/press.ts';
import { FIRST_STATE, type TopState } from '../../../ui/top/top-state.ts';
import { viewInput } from './view-fixture.ts';

const { rows, model } = viewInput({ screen: 'stations' });
const context: PressContext = { rows, plans: model?.plans ?? [], pageRows: 3, refusal: undefined };
const [alice, yamada] = rows.map(({ mac }) => mac);

/** Presses one key after the other; the answer has the effects of all. */
function play(keys: readonly string[], start: Partial<TopState> = {}, given: Partial<PressContext> = {}) {
	let state: TopState = { ...FIRST_STATE, ...start };
	const effects: unknown[] = [];
	for (const key of keys) {
		const pressed = press(state, key, { ...context, ...given });
		state = pressed.state;
		if (pressed.effect) effects.push(pressed.effect);
	}
	return { state, effects };
}

test('numbers and tab change the screen', (t) => {
	t.is(play(['2']).state.screen, 'stations');
	t.is(play(['tab', 'tab']).state.screen, 'ledger');
	t.is(play(['tab', 'tab', 'tab', 'tab']).state.screen, 'overview');
});

test('the selection follows its station when the order changes', (t) => {
	const { state } = play(['2', 'down']);
	t.is(state.selected, yamada);
	const turned = play(['b', 'y'], state, { rows: rows.toReversed() });
	t.deepEqual(turned.effects, [{ act: { kind: 'block', account: 'room-2' } }]);
});

test('when the selected station has gone, the cursor stays where it was', (t) => {
	const { state } = play(['2', 'down', 'down']);
	const left = rows.filter(({ mac }) => mac !== state.selected);
	t.is(play(['down'], state, { rows: left }).state.selected, left[3]?.mac);
});

test('the cursor stops at both ends', (t) => {
	t.is(play(['2', 'up', 'pageup']).state.selected, alice);
	t.is(play(['2', 'end', 'down', 'pagedown']).state.selected, rows.at(-1)?.mac);
	t.is(play(['2', 'end', 'home']).state.selected, alice);
	t.is(play(['2', 'down'], {}, { rows: [] }).state.selected, undefined);
});

test('an action happens only after its question was answered with yes', (t) => {
	for (const [key, action] of [
		['b', { kind: 'block', account: 'room-1' }],
		['u', { kind: 'unblock', account: 'room-1' }],
		['d', { kind: 'detach', mac: alice }],
	] as const) {
		t.deepEqual(play(['2', key]).effects, []);
		t.deepEqual(play(['2', key, 'x', 'enter', 'n', 'y']).effects, []);
		t.deepEqual(play(['2', key, 'escape', 'y']).effects, []);
		t.deepEqual(play(['2', key, 'y', 'y']).effects, [{ act: action }]);
	}
});

test('a top-up asks for the plan first', (t) => {
	t.deepEqual(play(['2', 't', 'down', 'down', 'up', 'enter', 'y']).effects, [
		{ act: { kind: 'topup', account: 'room-1', plan: 'hour' } },
	]);
	t.deepEqual(play(['2', 't', 'y']).effects, []);
	t.regex(play(['2', 't'], {}, { plans: [] }).state.message?.text ?? '', /no plans/);
});

test('a read-only display says why it changes nothing', (t) => {
	for (const key of ['b', 'u', 'd', 't']) {
		const { state, effects } = play(['2', key, 'y', 'enter', 'y'], {}, { refusal: 'read-only: a reason' });
		t.deepEqual(effects, []);
		t.is(state.dialog, undefined);
	}
	t.is(play(['2', 'b'], {}, { refusal: 'read-only: a reason' }).state.message?.text, 'read-only: a reason');
});

test('a station that nobody pays for has no account to act on', (t) => {
	const walled = rows.find(({ state }) => state === 'walled')?.mac ?? '';
	t.regex(play([`pick ${walled}`, 'b']).state.message?.text ?? '', /no account/);
});

test('what is typed goes into the filter until enter or escape', (t) => {
	const { state } = play(['2', '/', 'q', 'b', '1', 'space', 'x', 'backspace', 'up']);
	t.is(state.filter, 'qb1 ');
	t.true(state.typing);
	t.is(play(['enter', 'q'], state).effects.length, 1);
	t.is(play(['escape'], state).state.filter, '');
});

test('the first click selects a station, the second one opens it', (t) => {
	const once = play([`pick ${yamada}`]).state;
	t.is(once.selected, yamada);
	t.is(once.screen, 'stations');
	t.is(play([`pick ${yamada}`], once).state.screen, 'station');
	t.is(play(['pick gone']).state.selected, undefined);
});

test('any key leaves the help, and q quits', (t) => {
	const { state, effects } = play(['?', 'q']);
	t.false(state.help);
	t.deepEqual(effects, []);
	t.deepEqual(play(['q']).effects, [{ quit: 'key' }]);
	t.deepEqual(play(['2', '/', 'C-c']).effects, [{ quit: 'interrupt' }]);
});
