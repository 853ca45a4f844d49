import type { PlanRow, StationRow } from '../../agent/status/protocol.ts';
import { SORT_KEYS } from './station-order.ts';
import { type Action, type Dialog, type ScreenName, TAB_SCREENS, type TopState } from './top-state.ts';

/** What a key may need to know. */
export type PressContext = {
	/** As listed: filtered and sorted. */
	readonly rows: readonly StationRow[];
	readonly plans: readonly PlanRow[];
	/** Rows of the list that are visible at once. */
	readonly pageRows: number;
	/** Why nothing may be changed; undefined if it may. */
	readonly refusal: string | undefined;
};

export type Pressed = {
	readonly state: TopState;
	/** `interrupt` is Ctrl-C, with which people also mean what has opened the dashboard. */
	readonly effect?: { readonly quit: 'key' | 'interrupt' } | { readonly act: Action };
};

const SCREEN_KEYS: Record<string, ScreenName> = { '1': 'overview', '2': 'stations', '3': 'ledger', '4': 'system' };
const FILTER_CHARACTERS_MAX = 40;

/**
 * What a key does. Names are blessed's (`up`, `pageup`, `enter`, `escape`, single characters); `pick MAC` is a click on a row.
 */
export function press(before: TopState, key: string, context: PressContext): Pressed {
	const state = { ...before, message: undefined };
	if (key === 'C-c') return { state, effect: { quit: 'interrupt' } };
	if (state.typing) return { state: typeFilter(state, key) };
	if (state.dialog) return pressInDialog(state, state.dialog, key, context);
	if (state.help) return { state: { ...state, help: false } };
	if (key === 'q') return { state, effect: { quit: 'key' } };
	if (key === '?' || key === 'h') return { state: { ...state, help: true } };
	const screen = SCREEN_KEYS[key];
	if (screen) return { state: { ...state, screen } };
	if (key === 'tab') return { state: { ...state, screen: nextScreen(state.screen) } };
	if (key.startsWith('pick ')) return { state: pick(state, key.slice('pick '.length), context) };
	if (state.screen === 'stations' || state.screen === 'station') return pressOnStations(state, key, context);
	const step = stepOf(key, context.pageRows);
	return { state: step === undefined ? state : { ...state, scroll: Math.max(0, state.scroll + step) } };
}

/** The place of the selected station; where it stood last if it is gone. */
export function cursorOf(state: TopState, rows: readonly StationRow[]): number {
	const found = state.selected === undefined ? -1 : rows.findIndex(({ mac }) => mac === state.selected);
	return found >= 0 ? found : Math.max(0, Math.min(state.index, rows.length - 1));
}

function pressOnStations(state: TopState, key: string, context: PressContext): Pressed {
	const { rows, pageRows } = context;
	const cursor = cursorOf(state, rows);
	const step = stepOf(key, pageRows);
	if (step !== undefined) {
		const index = Math.max(0, Math.min(rows.length - 1, cursor + step));
		return { state: { ...state, index, selected: rows[index]?.mac } };
	}
	const row = rows[cursor];
	switch (key) {
		case 'enter':
			return { state: row ? { ...state, screen: 'station', selected: row.mac, index: cursor } : state };
		case 'escape':
		case 'backspace':
			return { state: state.screen === 'station' ? { ...state, screen: 'stations' } : { ...state, filter: '' } };
		case '/':
			return { state: { ...state, screen: 'stations', typing: true } };
		case 's':
			return { state: { ...state, sort: after(SORT_KEYS, state.sort) } };
		case 'r':
			return { state: { ...state, reverse: !state.reverse } };
		default:
			return { state: row ? askFor(state, key, row, context) : state };
	}
}

/** Opens the question before an action. */
function askFor(state: TopState, key: string, { mac, account, name }: StationRow, context: PressContext): TopState {
	const who = name ?? mac;
	const wanted: Record<string, () => Dialog | string> = {
		b: () => (account ? confirm(`block the account ${account}?`, { kind: 'block', account }) : NO_ACCOUNT),
		u: () => (account ? confirm(`let the account ${account} go on?`, { kind: 'unblock', account }) : NO_ACCOUNT),
		d: () => (account ? confirm(`detach ${who} from ${account}?`, { kind: 'detach', mac }) : NO_ACCOUNT),
		t: () => {
			if (!account) return NO_ACCOUNT;
			return context.plans.length === 0 ? 'no plans are configured' : { kind: 'plan', account, index: 0 };
		},
	};
	const make = wanted[key];
	if (!make) return state;
	const made = context.refusal ?? make();
	if (typeof made === 'string') return { ...state, message: { text: made, style: 'warn' } };
	return { ...state, selected: mac, dialog: made };
}

const NO_ACCOUNT = 'no account pays for this station';

function confirm(question: string, action: Action): Dialog {
	return { kind: 'confirm', question, action };
}

function pressInDialog(state: TopState, dialog: Dialog, key: string, { plans }: PressContext): Pressed {
	const closed = { ...state, dialog: undefined };
	if (key === 'escape' || key === 'n' || key === 'q') return { state: closed };
	if (dialog.kind === 'confirm') {
		return key === 'y' ? { state: closed, effect: { act: dialog.action } } : { state };
	}
	const step = stepOf(key, plans.length);
	if (step !== undefined) {
		const index = Math.max(0, Math.min(plans.length - 1, dialog.index + step));
		return { state: { ...state, dialog: { ...dialog, index } } };
	}
	const plan = plans[dialog.index];
	if (key !== 'enter' || !plan) return { state };
	const { account } = dialog;
	const question = `sell ${plan.name} to ${account}?`;
	return { state: { ...state, dialog: confirm(question, { kind: 'topup', account, plan: plan.name }) } };
}

function typeFilter(state: TopState, key: string): TopState {
	if (key === 'enter') return { ...state, typing: false };
	if (key === 'escape') return { ...state, typing: false, filter: '' };
	if (key === 'backspace') return { ...state, filter: [...state.filter].slice(0, -1).join('') };
	const isText = /^[ -~]$/.test(key) || (/^[^\p{C}]$/u.test(key) && key.length <= 2);
	if (key === 'space') return { ...state, filter: `${state.filter} ` };
	return isText && state.filter.length < FILTER_CHARACTERS_MAX ? { ...state, filter: state.filter + key } : state;
}

/** The first click selects, the second one opens. */
function pick(state: TopState, mac: string, { rows }: PressContext): TopState {
	const index = rows.findIndex((row) => row.mac === mac);
	if (index < 0) return state;
	return { ...state, selected: mac, index, screen: state.selected === mac ? 'station' : 'stations' };
}

function nextScreen(screen: ScreenName): ScreenName {
	return screen === 'station' ? 'ledger' : after<ScreenName>(TAB_SCREENS, screen);
}

function after<Item>(list: readonly Item[], item: Item): Item {
	return list[(list.indexOf(item) + 1) % list.length] as Item;
}

/** How far a key moves; undefined if it does not. */
function stepOf(key: string, pageRows: number): number | undefined {
	const steps: Record<string, number> = {
		up: -1,
		k: -1,
		down: 1,
		j: 1,
		wheelup: -3,
		wheeldown: 3,
		pageup: -pageRows,
		pagedown: pageRows,
		home: -Infinity,
		end: Number.MAX_SAFE_INTEGER,
	};
	return Object.hasOwn(steps, key) ? steps[key] : undefined;
}
