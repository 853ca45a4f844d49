import { withLab } from '../lab.ts';
import type { Scenario } from '../scenario.ts';
import { checkDashboard } from '../terminal/dashboard-check.ts';
import { measureDisplays } from '../terminal/display-cost.ts';

const STATIONS = 4096;
/** Enough that their attaching overflows what the kernel buffers for a frozen reader. */
const STATIONS_SHORT = 512;
const SECONDS = 30;

/** The dashboard end to end, and what displays cost. */
export const displays: Scenario = {
	name: 'displays',
	title: 'octroi top in a real terminal; what it and 4 readers cost with 4,096 stations',
	figures: {
		screens_wrong: {
			title: 'screens that did not show what they must, driven by keys and clicks',
			bound: { equals: 0 },
		},
		first_screen_ms: {
			title: 'from the start of octroi top to the list of all stations',
			bound: { atMost: 1000 },
			longOnly: true,
		},
		key_ms: {
			title: 'from a key to its screen, median (with the polling of the terminal)',
			bound: { atMost: 150 },
			longOnly: true,
		},
		redraw_cpu_percent: {
			title: 'CPU of octroi top while it shows the list, of one core',
			bound: { atMost: 5 },
			longOnly: true,
		},
		top_resident_mib: { title: 'resident memory of octroi top', bound: { atMost: 120 }, longOnly: true },
		readers_cpu_percent: {
			title: 'CPU that 4 readers and the stream add to the agent at one update a second, of one core',
			bound: { atMost: 1 },
			longOnly: true,
		},
		frozen_readers_dropped: { title: 'frozen readers that were dropped, of 1', bound: { equals: 1 } },
		frozen_sample_lag_ms: { title: 'longest lag of the agent while a reader was frozen', bound: { atMost: 250 } },
		delta_bytes_idle: { title: 'bytes of a delta while nothing moves', bound: { atMost: 1500 }, longOnly: true },
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
