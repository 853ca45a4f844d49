import { Resolver } from '../dns/resolver.ts';
import { withLab } from '../lab.ts';
import type { Scenario } from '../scenario.ts';

/** With the burst that everybody has: a shorter run would be all burst, so the short form is no shorter. */
const SECONDS = 60;
const PAID_SECONDS = 2;
/** Nearly the longest name there is, and a short one: the first carries most upwards, the second leaves most room downwards. */
const LETTERS_LONG = 220;
const LETTERS_SHORT = 8;
const LOOK_UPS = 20;

/** What a tunnel through the router's resolver gets before login, with the burst that everybody has. */
export const dnsTunnel: Scenario = {
	name: 'dns-tunnel',
	title: 'a tunnel through DNS before login gets ≤ 100 B/s each way, while 20 look-ups at once are answered',
	figures: {
		up_bytes_per_second: { title: 'payload that came up through two tunnels together', bound: { atMost: 100 } },
		down_bytes_per_second: { title: 'payload that came down, the better of the two', bound: { atMost: 100 } },
		look_ups_answered: { title: 'of 20 ordinary look-ups at once', bound: { equals: LOOK_UPS } },
		portal_answered: { title: 'the name of the portal, after the tunnel has spent everything', bound: { equals: 1 } },
		paid_bytes_per_second: {
			title: 'what the same tunnel gets down after login: the instrument works',
			bound: { atLeast: 10_000 },
		},
		stray_bytes: { title: 'bytes from the LAN that belong to nobody', bound: { equals: 0 } },
	},
	async run({ seconds = SECONDS, progress }) {
		return await withLab({ stations: 4 }, async (lab) => {
			const agent = await lab.startAgent();
			const resolver = await Resolver.start(lab, agent);
			try {
				const names = Array.from({ length: LOOK_UPS }, (_, index) => `host${index + 1}.lab.example`);
				const look_ups_answered = await resolver.lookUp(lab.station(3), names);
				progress(`${look_ups_answered} of ${LOOK_UPS} look-ups answered`);
				// At the same time: each station has a bucket of its own. What comes up is counted for both together.
				const [longDown, shortDown] = await Promise.all([
					resolver.tunnel(lab.station(1), seconds, LETTERS_LONG),
					resolver.tunnel(lab.station(2), seconds, LETTERS_SHORT),
				]);
				const up = await resolver.tunnelledUp();
				progress(`long names: ${longDown} bytes down in ${seconds} s, short names: ${shortDown}; both: ${up} up`);
				const portal_answered = await resolver.lookUp(lab.station(1), ['portal.home.arpa']);
				await agent.admit('paid', 'large', [lab.station(4).mac]);
				const paid = await resolver.tunnel(lab.station(4), PAID_SECONDS, LETTERS_SHORT);
				progress(`after login: ${paid} bytes down in ${PAID_SECONDS} s`);
				return {
					up_bytes_per_second: Math.round(up / seconds),
					down_bytes_per_second: Math.round(Math.max(longDown, shortDown) / seconds),
					look_ups_answered,
					portal_answered,
					paid_bytes_per_second: Math.round(paid / PAID_SECONDS),
					stray_bytes: await lab.witness.strayBytes(),
				};
			} finally {
				resolver.stop();
			}
		});
	},
};
