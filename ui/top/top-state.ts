import type { SortKey } from './station-order.ts';

export type ScreenName = 'overview' | 'stations' | 'station' | 'ledger' | 'system';

/** The screens that stand behind a tab, in the order of the tabs. */
export const TAB_SCREENS = ['overview', 'stations', 'ledger', 'system'] as const satisfies readonly ScreenName[];

/** What the operator may do from here; each is confirmed first. */
export type Action =
	| { readonly kind: 'block' | 'unblock'; readonly account: string }
	| { readonly kind: 'detach'; readonly mac: string }
	| { readonly kind: 'topup'; readonly account: string; readonly plan: string };

export type Dialog =
	| { readonly kind: 'confirm'; readonly question: string; readonly action: Action }
	| { readonly kind: 'plan'; readonly account: string; readonly index: number };

/** All that keys and clicks change. */
export type TopState = {
	readonly screen: ScreenName;
	/** The station that actions mean, whatever its place in the list. */
	readonly selected: string | undefined;
	/** Where it stood last: a row that vanishes leaves the cursor there. */
	readonly index: number;
	readonly sort: SortKey;
	readonly reverse: boolean;
	readonly filter: string;
	/** Keys go into the filter. */
	readonly typing: boolean;
	readonly help: boolean;
	/** The first line of the ledger that is shown. */
	readonly scroll: number;
	readonly dialog: Dialog | undefined;
	/** What the last action came to. */
	readonly message: { readonly text: string; readonly style: 'good' | 'bad' | 'warn' } | undefined;
};

export const FIRST_STATE: TopState = {
	screen: 'overview',
	selected: undefined,
	index: 0,
	sort: 'rate',
	reverse: false,
	filter: '',
	typing: false,
	help: false,
	scroll: 0,
	dialog: undefined,
	message: undefined,
};
