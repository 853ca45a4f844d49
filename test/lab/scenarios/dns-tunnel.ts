import type { TunnelRequest } from '../dns/request.ts';
import { Resolver } from '../dns/resolver.ts';
import { withLab } from '../lab.ts';
import type { Scenario } from '../scenario.ts';
import type { Station } from '../station.ts';
import { ROUTER_LAN_IPV6 } from '../topology.ts';

/** The time over which the limit holds, with what comes at once: a shorter run would be all burst, so the short form is no shorter. */
const SECONDS = 60;
const PAID_SECONDS = 2;
const ADDRESSES = 250;
const LIMIT_BYTES_PER_SECOND = 100;
/** A telephone that joins: both kinds of address of each name, all at once, none asked for twice. */
const PHONE_NAMES = 15;
const PHONE_QUESTIONS = PHONE_NAMES * 2;
/** Somebody reads and taps. */
const LOOK_UPS = 20;
const LOOK_UP_GAP_MS = 250;

const RATE = {
	title: 'payload of both directions together, through a tunnel',
	bound: { atMost: LIMIT_BYTES_PER_SECOND },
	kind: 'speed',
} as const;

/** What tunnels through the router's resolver get before login, and what is left to somebody who only asks for names. */
export const dnsTunnel: Scenario = {
	name: 'dns-tunnel',
	title:
		'a tunnel through DNS before login gets ≤ 100 B/s up and down together, however it asks; a telephone has its names',
	figures: {
		one_address_bytes_per_second: { ...RATE, title: `${RATE.title} from one address` },
		ipv4_addresses_bytes_per_second: { ...RATE, title: `${RATE.title} from ${ADDRESSES} IPv4 addresses in turn` },
		ipv6_addresses_bytes_per_second: { ...RATE, title: `${RATE.title} from ${ADDRESSES} IPv6 addresses in turn` },
		both_families_bytes_per_second: { ...RATE, title: `${RATE.title} from all these at once` },
		tcp_bytes_per_second: { ...RATE, title: `${RATE.title} by TCP` },
		tunnel_bytes_per_second: {
			title: 'the largest of these',
			bound: { atMost: LIMIT_BYTES_PER_SECOND },
			kind: 'speed',
		},
		tunnel_above_bytes: {
			title: `payload through a tunnel − ${LIMIT_BYTES_PER_SECOND} bytes for each second that it had: largest`,
			bound: { atMost: 0 },
		},
		phone_answered: {
			title: `of ${PHONE_QUESTIONS} questions of a telephone at once, at the first try`,
			bound: { equals: PHONE_QUESTIONS },
		},
		phone_ms: { title: 'until the last of these answers', bound: { atMost: 1000 }, kind: 'speed' },
		look_ups_answered: { title: `of ${LOOK_UPS} different names, four a second`, bound: { equals: LOOK_UPS } },
		portal_answered: { title: 'the name of the portal, after a tunnel has spent everything', bound: { equals: 1 } },
		paid_bytes_per_second: {
			title: 'what the same tunnel gets down after login: the instrument works',
			bound: { atLeast: 10_000 },
			kind: 'speed',
		},
		stray_bytes: { title: 'bytes from the LAN that belong to nobody', bound: { equals: 0 } },
	},
	async run({ seconds = SECONDS, progress }) {
		return await withLab({ stations: 7 }, async (lab) => {
			const agent = await lab.startAgent();
			const resolver = await Resolver.start(lab, agent);
			try {
				const phone = await resolver.lookUp(lab.station(6), {
					names: hosts(PHONE_NAMES),
					types: ['A', 'AAAA'],
					tries: 1,
				});
				progress(`telephone: ${phone.answered} of ${PHONE_QUESTIONS} answered after ${phone.ms.toFixed(0)} ms`);
				const slow = await resolver.lookUp(lab.station(7), { names: hosts(LOOK_UPS), gapMs: LOOK_UP_GAP_MS });
				progress(`by hand: ${slow.answered} of ${LOOK_UPS} answered`);
				const ipv4 = await manyAddresses(lab.station(2), 'ipv4');
				const ipv6 = await manyAddresses(lab.station(3), 'ipv6');
				const bothIpv4 = await manyAddresses(lab.station(4), 'ipv4');
				const bothIpv6 = await manyAddresses(lab.station(4), 'ipv6');
				const above: number[] = [];
				const rate = async (number: number, ...requests: Omit<TunnelRequest, 'seconds' | 'server'>[]) => {
					const all = requests.map((request) => {
						const server = request.sources.some((address) => address.includes(':')) ? { server: ROUTER_LAN_IPV6 } : {};
						return resolver.tunnel(lab.station(number), { ...request, ...server, seconds });
					});
					const began = performance.now();
					const ends = await Promise.all(all);
					const hadSeconds = (performance.now() - began) / 1000;
					const up = ends.reduce((s, { upBytes }) => s + upBytes, 0);
					const down = ends.reduce((s, e) => s + e.downBytes, 0);
					progress(`${requests.map(({ tag }) => tag).join(' and ')}: ${up} bytes up, ${down} down in ${seconds} s`);
					above.push(Math.round(up + down - LIMIT_BYTES_PER_SECOND * hadSeconds));
					return Math.round((up + down) / seconds);
				};
				// At the same time: each station has a budget of its own.
				const rates = await Promise.all([
					rate(1, { tag: 'one', transport: 'udp', sources: [] }),
					rate(2, { tag: 'four', transport: 'udp', sources: ipv4 }),
					rate(3, { tag: 'six', transport: 'udp', sources: ipv6 }),
					rate(
						4,
						{ tag: 'bothfour', transport: 'udp', sources: bothIpv4 },
						{ tag: 'bothsix', transport: 'udp', sources: bothIpv6 },
					),
					rate(5, { tag: 'tcp', transport: 'tcp', sources: [] }),
				]);
				const portal = await resolver.lookUp(lab.station(1), { names: ['portal.home.arpa'] });
				await agent.admit('paid', 'large', [lab.station(1).mac]);
				const paid = await resolver.tunnel(lab.station(1), { tag: 'paid', seconds: PAID_SECONDS });
				progress(`after login: ${paid.downBytes} bytes down in ${PAID_SECONDS} s`);
				const [one, four, six, both, tcp] = rates;
				return {
					one_address_bytes_per_second: one,
					ipv4_addresses_bytes_per_second: four,
					ipv6_addresses_bytes_per_second: six,
					both_families_bytes_per_second: both,
					tcp_bytes_per_second: tcp,
					tunnel_bytes_per_second: Math.max(...rates),
					tunnel_above_bytes: Math.max(...above),
					phone_answered: phone.answered,
					phone_ms: Math.round(phone.ms),
					look_ups_answered: slow.answered,
					portal_answered: portal.answered,
					paid_bytes_per_second: Math.round(paid.downBytes / PAID_SECONDS),
					stray_bytes: await lab.witness.strayBytes(),
				};
			} finally {
				resolver.stop();
			}
		});
	},
};

function hosts(count: number): string[] {
	return Array.from({ length: count }, (_, index) => `host${index + 1}.cdn.lab.example`);
}

/** Gives the station so many more addresses, and answers them. */
async function manyAddresses({ namespace, number }: Station, family: 'ipv4' | 'ipv6'): Promise<string[]> {
	const addresses = Array.from({ length: ADDRESSES }, (_, index) =>
		family === 'ipv4' ? `10.77.${100 + number}.${index + 1}` : `2001:db8:10::${number}:${(index + 1).toString(16)}`,
	);
	// An address of IPv6 may be used at once only if nobody looks for another one first.
	const rest = family === 'ipv4' ? '/16 dev eth0' : '/64 dev eth0 nodad';
	await namespace.ip(addresses.map((address) => `address add ${address}${rest}`));
	return addresses;
}
