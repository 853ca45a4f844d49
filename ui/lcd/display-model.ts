import type { CarrierLink, Sold, Uplink } from '../../agent/status/snapshot.ts';
import type { StatusModel } from '../feed/merge.ts';
import type { FeedLink } from '../feed/status-feed.ts';

/** The account that the display was asked to show large. */
export type AccountFigure = {
	account: string;
	/** The agent knows no account of this name. */
	isMissing: boolean;
	blocked: boolean;
	unit: 'byte' | 'second';
	amount: number;
	/** What the packages held when they were bought, in the same unit; undefined for an account that nobody knows. */
	amountBought: number | undefined;
	stations: number;
	downBytesPerSecond: number;
	/** How the first station of the account stands. */
	throttled: boolean;
};

/** What a customer's device reads from the display in order to get in. */
export type Join = {
	/** What the QR code holds. */
	code: string;
	/** The lines below it. */
	title: string;
	hint: string;
};

/** All that a router's display shows at one moment. Text in it is as it came: whoever draws makes it harmless. */
export type DisplayModel = {
	link: { state: 'starting' | 'live' } | { state: 'lost'; reason: string; seconds: number };
	/** Changes with every picture that came from the agent: a display that stands still shows a still heart. */
	beat: boolean;
	/** The rest is absent until the first snapshot. */
	figures: Figures | undefined;
	warnings: readonly string[];
	account: AccountFigure | undefined;
	pairingCode: string | undefined;
	join: Join | undefined;
};

export type Figures = {
	upSeconds: number;
	counts: StatusModel['counts'];
	upBytesPerSecond: number;
	downBytesPerSecond: number;
	/** One figure a second, oldest first. */
	upHistory: readonly number[];
	downHistory: readonly number[];
	sold: Sold;
	uplink: Uplink | null;
	carrier: CarrierLink;
};

export type DisplayModelOptions = {
	link: FeedLink;
	model: StatusModel | undefined;
	/** Of the boot clock. */
	nowMs: number;
	account: string | undefined;
	history: { up: readonly number[]; down: readonly number[] };
	join: Join | undefined;
};

export function displayModelOf(options: DisplayModelOptions): DisplayModel {
	const { link, model, account } = options;
	return {
		link: linkOf(link, options.nowMs),
		beat: model !== undefined && model.sequence % 2 === 1,
		figures: model === undefined ? undefined : figuresOf(model, options.history),
		warnings: link.state === 'live' ? (model?.warnings ?? []) : [],
		account: model === undefined || account === undefined ? undefined : accountOf(model, account),
		pairingCode: model?.pairing?.code,
		join: options.join,
	};
}

function linkOf(link: FeedLink, nowMs: number): DisplayModel['link'] {
	if (link.state !== 'lost') {
		return { state: link.state === 'live' ? 'live' : 'starting' };
	}
	return { state: 'lost', reason: link.reason, seconds: Math.max(0, Math.floor((nowMs - link.sinceMs) / 1000)) };
}

function figuresOf(model: StatusModel, history: DisplayModelOptions['history']): Figures {
	return {
		upSeconds: model.agent.upSeconds,
		counts: model.counts,
		upBytesPerSecond: model.traffic.upBytesPerSecond,
		downBytesPerSecond: model.traffic.downBytesPerSecond,
		upHistory: history.up,
		downHistory: history.down,
		sold: model.sold,
		uplink: model.uplink,
		carrier: model.carrier,
	};
}

/** Seconds are spent before bytes, so they are shown while there are any. */
function accountOf(model: StatusModel, account: string): AccountFigure {
	const balance = model.accounts.get(account);
	const stations = [...model.stations.values()].filter((row) => row.account === account && row.state !== 'gone');
	const unit = (balance?.second ?? 0) > 0 ? 'second' : 'byte';
	return {
		account,
		isMissing: balance === undefined,
		blocked: balance?.blocked ?? false,
		unit,
		amount: balance?.[unit] ?? 0,
		amountBought: unit === 'second' ? balance?.secondBought : balance?.byteBought,
		stations: stations.length,
		downBytesPerSecond: stations.reduce((sum, row) => sum + row.downBytesPerSecond, 0),
		throttled: stations.some(({ state }) => state === 'throttled'),
	};
}

/** How full the bar is, from 0 to 1; undefined if nothing was bought. */
export function shareLeft({ amount, amountBought }: AccountFigure): number | undefined {
	return amountBought === undefined || amountBought <= 0 ? undefined : Math.min(1, amount / amountBought);
}
