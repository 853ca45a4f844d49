import type { AccountId, WallMs } from '../../../agent/core/units.ts';
import { formatTime } from '../../../agent/text/format-amount.ts';
import { modelOf } from '../../../ui/feed/merge.ts';
import { UNICODE_GLYPHS } from '../../../ui/top/glyphs.ts';
import { History } from '../../../ui/top/history.ts';
import { StationOrder } from '../../../ui/top/station-order.ts';
import { FIRST_STATE, type TopState } from '../../../ui/top/top-state.ts';
import type { StationDetail, ViewInput } from '../../../ui/top/view-input.ts';
import { SNAPSHOT, START_MS } from '../picture-fixture.ts';

const MEBIBYTE = 1 << 20;
const SAMPLES = 150;

const DETAIL: StationDetail = {
	mac: '02:00:5e:10:00:01',
	tethering: {
		isJudged: true,
		score: 170,
		isTethering: true,
		evidence: [
			{ weight: 110, text: 'packets have come over one more hop: 63', seen: 12, agoMs: 4200 },
			{ weight: 60, text: 'it asks for names of other systems: \u001b[31mwindows\u202e', seen: 3, agoMs: 61_000 },
			{ weight: -40, text: 'what speaks against it', seen: 1, agoMs: 3_661_000 },
		],
	},
	account: {
		account: 'room-1' as AccountId,
		state: 'funded',
		blocked: false,
		unsettled: { byte: 0, second: 0 },
		balance: {
			byte: { available: 3 * MEBIBYTE, reserved: MEBIBYTE },
			second: { available: 0, reserved: 0 },
			micro: { available: 0, reserved: 0 },
		},
		packages: [
			{
				id: 'sale-1',
				plan: 'ten-mb',
				unit: 'byte',
				amount: 10 * MEBIBYTE,
				remaining: 4 * MEBIBYTE,
				reserved: MEBIBYTE,
				expiresAt: START_MS + 2_592_000_000,
				kind: 'bought',
			},
			{ id: 'sale-7', plan: 'hour', unit: 'second', amount: 3600, remaining: 3600, reserved: 0, kind: 'bought' },
		],
		stations: [],
		spentMicro: 0,
		usable: { byte: 4 * MEBIBYTE, second: 3600 },
		groups: [],
		members: [],
		alerts: [],
		renewals: [],
		currency: '',
	},
	events: [
		{
			sequence: 40,
			id: '~40',
			kind: 'transfer',
			reason: 'used',
			text: 'used and paid',
			unit: 'byte',
			amount: 5_767_168,
			planName: 'ten-mb',
			wallMs: (START_MS + 3_700_000) as WallMs,
		},
		{
			sequence: 9,
			id: 'sale-1',
			kind: 'transfer',
			reason: 'topup',
			text: 'bought',
			unit: 'byte',
			amount: 10 * MEBIBYTE,
			planName: 'ten-mb',
			wallMs: (START_MS + 30_000) as WallMs,
		},
	],
};

/** A wave that begins small, so that every height of a graph is seen. */
function historyOf(): History {
	const history = new History();
	const model = modelOf(SNAPSHOT);
	const mac = '02:00:5e:10:00:01';
	for (let index = 0; index < SAMPLES; index++) {
		const wave = (1 - Math.cos(index / 12)) / 2;
		const down = Math.round(wave * 1_790_000);
		const up = Math.round((1 - wave) * 90_000);
		model.sequence += 1;
		model.traffic = { ...model.traffic, upBytesPerSecond: up, downBytesPerSecond: down };
		const row = model.stations.get(mac);
		if (row) model.stations.set(mac, { ...row, upBytesPerSecond: up, downBytesPerSecond: down });
		history.note(model, mac);
	}
	return history;
}

const HISTORY = historyOf();

/** What a screen is drawn from: the fixture's venue, seen through a state and a size. */
export function viewInput(state: Partial<TopState>, changes: Partial<ViewInput> = {}): ViewInput {
	const model = modelOf(SNAPSHOT);
	const whole: TopState = { ...FIRST_STATE, ...state };
	return {
		model,
		link: { state: 'live' },
		history: HISTORY,
		state: whole,
		rows: new StationOrder().of(model, whole),
		detail: DETAIL,
		system: {
			cpuPercent: 12.5,
			cores: 4,
			loads: [0.42, 0.3, 0.21],
			memoryBytes: 256 * MEBIBYTE,
			memoryUsedBytes: 201 * MEBIBYTE,
			temperatureCelsius: 61.5,
			disks: [{ mount: '/overlay', bytes: 64 * MEBIBYTE, usedBytes: 12 * MEBIBYTE }],
			upSeconds: 400_000,
		},
		nowMs: 100_000,
		banner: [],
		glyphs: UNICODE_GLYPHS,
		size: { columns: 80, rows: 24 },
		refusal: undefined,
		timeText: (wallMs) => formatTime(wallMs).slice(0, 19),
		...changes,
	};
}
