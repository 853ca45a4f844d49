import { setTimeout as delay } from 'node:timers/promises';
import { Lab } from '../lab.ts';
import type { Scenario } from '../scenario.ts';

/** Brings the lab up and keeps it, to look around in it. */
export const hold: Scenario = {
	name: 'hold',
	title: 'brings the lab up and keeps it for --seconds N (default 600), to look around in it',
	figures: {
		bring_up_ms: {
			title: 'from nothing to four addressed stations, milliseconds',
			bound: { atMost: 10_000 },
			kind: 'speed',
		},
	},
	async run({ seconds = 600, progress }) {
		const start = performance.now();
		const lab = await new Lab({ stations: 4 }).start();
		const bring_up_ms = Math.round(performance.now() - start);
		for (const { name, mac, ipv4, ipv6 } of lab.stations) progress(`${name} ${mac} ${ipv4} ${ipv6}`);
		progress('the lab is up; enter it from another terminal, as the same user:');
		progress(`  nsenter --target $(pgrep -n -f 'lab/main.js hold') --all nsenter --net=/run/netns/router`);
		await delay(seconds * 1000);
		await lab.stop();
		return { bring_up_ms };
	},
};
