import type { AccountFigure, DisplayModel, Figures } from '../../../ui/lcd/display-model.ts';

/** A quiet afternoon in a guest house. */
export const exampleFigures: Figures = {
	upSeconds: 3900,
	counts: { unknown: 2, walled: 7, active: 3, throttled: 1, blocked: 0, gone: 3 },
	upBytesPerSecond: 12_000,
	downBytesPerSecond: 6_250_000,
	upHistory: wave(240, 9000),
	downHistory: wave(240, 5_000_000),
	sold: {
		sinceMs: Date.UTC(2026, 0, 15),
		count: 5,
		byte: 41_943_040,
		second: 7200,
		plans: [
			{ plan: 'hour', unit: 'second', count: 2, amount: 7200 },
			{ plan: 'ten-mb', unit: 'byte', count: 3, amount: 31_457_280 },
		],
	},
	uplink: { device: 'eth0', up: true },
	carrier: { state: 'connected', text: 'acknowledged up to batch 1041 two seconds ago' },
};

export const exampleAccount: AccountFigure = {
	account: 'room-1',
	isMissing: false,
	blocked: false,
	unit: 'byte',
	amount: 4_717_592,
	amountBought: 10_485_760,
	stations: 2,
	downBytesPerSecond: 6_250_000,
	throttled: false,
};

export function exampleModel(change: Partial<DisplayModel> = {}): DisplayModel {
	return {
		link: { state: 'live' },
		beat: true,
		figures: exampleFigures,
		warnings: [],
		account: undefined,
		pairingCode: undefined,
		join: undefined,
		...change,
	};
}

/** The same curve on every run. */
function wave(count: number, top: number): number[] {
	return Array.from({ length: count }, (_, index) =>
		Math.round(top * (0.55 + 0.3 * Math.sin(index / 9) + 0.15 * Math.sin(index / 2.3))),
	);
}
