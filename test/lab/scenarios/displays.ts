import { withLab } from '../lab.ts';
import type { Scenario } from '../scenario.ts';
import { checkDashboard } from '../terminal/dashboard-check.ts';
import { measureDisplays } from '../terminal/display-cost.ts';
import { PANEL_FIGURES } from '../terminal/panel-cost.ts';

const STATIONS = 4096;
/** Enough that their traffic overflows what the kernel buffers for a frozen display. */
const STATIONS_SHORT = 512;
const SECONDS = 20;
/** See docs/figures.md for what was measured. */
const FIRST_SCREEN_TO_READER = 4;
const REDRAW_TO_READER = 12;
const READERS_TO_FLOOR = 12;

/** The dashboard end to end, and what displays cost. */
export const displays: Scenario = {
	name: 'displays',
	title:
		'octroi top in a real terminal; what it and 4 readers cost with 4,096 stations, of which 410 move every second',
	figures: {
		screens_wrong: {
			title: 'screens that did not show what they must, driven by keys and clicks',
			bound: { equals: 0 },
		},
		first_screen_ms: {
			title: 'from the start of octroi top to its first screen, the overview, with all 4,096 stations in its counts',
			longOnly: true,
			kind: 'speed',
		},
		first_screen_cpu_ms: {
			title: 'CPU time of octroi top until then, on however busy a machine',
			longOnly: true,
			kind: 'speed',
		},
		key_ms: {
			title: 'from a key to its screen, median (with the polling of the terminal)',
			longOnly: true,
			kind: 'speed',
		},
		redraw_cpu_percent: {
			title: 'CPU of octroi top while it shows the list by rate and 410 stations move, of one core',
			longOnly: true,
			kind: 'speed',
		},
		first_screen_to_reader: {
			title: 'CPU of octroi top until its first screen ÷ that of a reader until it has parsed the same snapshot',
			bound: { atMost: FIRST_SCREEN_TO_READER },
			longOnly: true,
			kind: 'speed',
		},
		redraw_to_reader: {
			title: 'CPU of octroi top ÷ that of a reader that only parses what it gets, in the same seconds',
			bound: { atMost: REDRAW_TO_READER },
			longOnly: true,
			kind: 'speed',
		},
		readers_to_floor: {
			title: 'CPU that 4 readers add to the agent ÷ what they use themselves to parse it, in the same seconds',
			bound: { atMost: READERS_TO_FLOOR },
			longOnly: true,
			kind: 'speed',
		},
		readers_to_floor_all: {
			title: 'the same while all 4,096 move',
			bound: { atMost: READERS_TO_FLOOR },
			longOnly: true,
			kind: 'speed',
		},
		top_resident_mib: {
			title: 'resident memory of octroi top',
			bound: { atMost: 120 },
			longOnly: true,
			kind: 'memory',
		},
		agent_resident_mib: {
			title: 'resident memory of the agent when the addresses of all 4,096 stations have come at once',
			bound: { atMost: 200 },
			longOnly: true,
			kind: 'memory',
		},
		stations_moving: {
			title: 'stations with a rate, of 410 that send and get a datagram every second',
			bound: { atLeast: 400, atMost: 410 },
			longOnly: true,
			kind: 'speed',
		},
		readers_cpu_percent: {
			title:
				'CPU that 4 readers and the stream add to the agent at one update a second while 410 stations move, of one core',
			longOnly: true,
			kind: 'speed',
		},
		readers_cpu_percent_all: {
			title: 'the same while all 4,096 move: beyond what an access point has',
			longOnly: true,
			kind: 'speed',
		},
		readers_connect_cpu_ms: {
			title: 'CPU that the coming of 4 readers costs the agent once, with the collection of the garbage that it leaves',
			longOnly: true,
			kind: 'speed',
		},
		frozen_displays_dropped: { title: 'octroi top that were frozen and dropped, of 1', bound: { equals: 1 } },
		frozen_lag_ms: {
			title: 'longest lag of the agent from the freeze until the drop, while 410 stations move',
			bound: { atMost: 250 },
			kind: 'speed',
		},
		frozen_displays_back: { title: 'octroi top that followed again after the freeze, of 1', bound: { equals: 1 } },
		killed_displays_left: { title: 'octroi top that were killed and counted on, of 1', bound: { equals: 0 } },
		delta_bytes_idle: { title: 'bytes of a delta while nothing moves', bound: { atMost: 1500 }, longOnly: true },
		delta_bytes: { title: 'bytes of a delta while 410 stations move', bound: { atMost: 30_000 }, longOnly: true },
		delta_bytes_all: { title: 'bytes of a delta while all move', bound: { atMost: 300_000 }, longOnly: true },
		...PANEL_FIGURES,
		snapshot_bytes: { title: 'bytes of the snapshot', bound: { atLeast: 1 }, longOnly: true },
	},
	async run({ isShort, progress }) {
		const failures = await withLab({ stations: 4 }, (lab) => checkDashboard(lab, progress));
		for (const failure of failures) progress(`WRONG: ${failure}`);
		const stations = isShort ? STATIONS_SHORT : STATIONS;
		const figures = await withLab({ stations: 1, addressing: 'static' }, (lab) =>
			measureDisplays(lab, { stations, seconds: isShort ? undefined : SECONDS, progress }),
		);
		return { screens_wrong: failures.length, ...figures };
	},
};
