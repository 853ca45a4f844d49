import type { AgentHandle } from '../agent-handle.ts';
import type { Lab } from '../lab.ts';
import type { Station } from '../station.ts';
import {
	GARDEN_IPV4,
	GARDEN_IPV6,
	INTERNET_MAC,
	ROUTER_LAN_IPV4,
	ROUTER_LAN_IPV6,
	ROUTER_LAN_MAC,
	ROUTER_WAN_IPV4,
	ROUTER_WAN_IPV6,
	ROUTER_WAN_MAC,
	serverAddress,
} from '../topology.ts';
import { type OddPackets, type Sender, sendOddPackets } from './odd-packets.ts';
import type { UplinkWitness } from './uplink-witness.ts';

/** Of payload: with their headers these just fit. */
const PAYLOAD = 1400;
const QUESTION_PORT = 4000;
const GARDEN_PORT = 4001;
const ECHO_IDENTIFIER = 77;
/** Ends in the bits that number the first station's meter, so in those of its zero-rated flows with the class bit. */
const COLLIDING_MAC = '02:00:5e:10:00:7f';

export type Attackers = {
	lab: Lab;
	agent: AgentHandle;
	witness: UplinkWitness;
	/** Has not paid. */
	thief: Station;
	/** Pays, and is not there for what it pays for. */
	payer: Station;
	/** Of packets, for each attack. */
	count: number;
	progress: (line: string) => void;
};

export function stationSender({ namespace, mac }: Station): Sender {
	return { namespace, mac, to: ROUTER_LAN_MAC };
}

export function internetSender({ internet }: Lab): Sender {
	return { namespace: internet, mac: INTERNET_MAC, to: ROUTER_WAN_MAC };
}

/** The far end that the thief and the payer work with; no station's own server. */
export const ACCOMPLICE = { ipv4: serverAddress(5, 'ipv4'), ipv6: serverAddress(5, 'ipv6') };

/** One attack: who sends it, to whom it carries, and what must be sent before it. */
export type Attack = {
	name: string;
	packets: Omit<OddPackets, 'count'>;
	from: Sender;
	prepare?: () => Promise<unknown>;
};

/** Everything that makes the router answer, or quote, in somebody else's name: to the accomplice. */
export function attacksOfStations({ lab, thief, payer }: Attackers): Attack[] {
	const from = stationSender(thief);
	const internet = internetSender(lab);
	const paying = stationSender(payer);
	const both = [ACCOMPLICE.ipv4, ACCOMPLICE.ipv6];
	const far = [thief.server('ipv4'), thief.server('ipv6')];
	const wan = { ipv4: ROUTER_WAN_IPV4, ipv6: ROUTER_WAN_IPV6 };
	const ours = [wan.ipv4, wan.ipv6];
	const echo = { kind: 'echo', bytes: PAYLOAD, sourcePort: ECHO_IDENTIFIER } as const;
	const families = ['ipv4', 'ipv6'] as const;
	type Far = { readonly ipv4: string; readonly ipv6: string };
	// A flow that a far end has begun itself: the router knows it, and answers it.
	const begin = async (who: Far, sourcePort: number) => {
		for (const family of families) {
			const ends = { sources: [who[family]], destinations: [wan[family]], sourcePort };
			await sendOddPackets(internet, { ...echo, ...ends, count: 1 });
		}
	};
	// And an error that quotes it, by somebody who pays for that error alone, or for nothing if it goes to the walled garden.
	const quoted = { sourcePort: ECHO_IDENTIFIER + 1 };
	const adopt = async (who: Far) => {
		await begin(who, quoted.sourcePort);
		for (const family of families) {
			const ends = { sources: [payer[family], who[family]], destinations: [who[family], wan[family]] };
			await sendOddPackets(paying, { kind: 'error', count: 1, bytes: 32, ...ends, ...quoted });
		}
	};
	const garden = { ipv4: GARDEN_IPV4, ipv6: GARDEN_IPV6 };
	const attack = (name: string, packets: Omit<OddPackets, 'count'>, prepare?: Attack['prepare']) => ({
		name,
		packets,
		from,
		...(prepare ? { prepare } : {}),
	});
	const udp = { kind: 'udp', bytes: 500, sources: both } as const;
	const syn = { kind: 'syn', bytes: 0, sources: both } as const;
	return [
		attack('lost fragment', { ...udp, kind: 'fragment', destinations: ours, sourcePort: 9, destinationPort: 9 }),
		attack('echo by IPv4', { ...echo, sources: [ACCOMPLICE.ipv4], destinations: [wan.ipv4] }),
		attack('echo by IPv6', { ...echo, sources: [ACCOMPLICE.ipv6], destinations: [wan.ipv6] }),
		attack('echo to all', { ...echo, sources: [ACCOMPLICE.ipv6, '::'], destinations: ['ff02::1', wan.ipv6] }),
		attack('router solicitation', { kind: 'solicit', bytes: 0, sources: [ACCOMPLICE.ipv6], destinations: ['ff02::2'] }),
		attack('quoted by a refusal', { ...udp, destinations: far }),
		attack('reset', { ...syn, destinations: [...far, ...ours], destinationPort: 443 }),
		attack('portal', { ...syn, destinations: far, destinationPort: 80 }),
		attack('closed port', { ...udp, destinations: ours, destinationPort: 9 }),
		attack('unknown option', { ...udp, kind: 'option', destinations: [...far, ...ours] }),
		attack('known flow', { ...echo, sources: both, destinations: ours }, () => begin(ACCOMPLICE, ECHO_IDENTIFIER)),
		attack('adopted flow', { ...echo, ...quoted, sources: both, destinations: ours }, () => adopt(ACCOMPLICE)),
		attack(
			'adopted flow of the garden',
			{ ...echo, ...quoted, sources: [garden.ipv4, garden.ipv6], destinations: ours },
			() => adopt(garden),
		),
	];
}

/** A far end that can spoof, to a station that has not paid. */
export function attacksOfInternet({ lab, thief }: Attackers): Attack[] {
	const from = internetSender(lab);
	const router = [ROUTER_LAN_IPV4, ROUTER_LAN_IPV6];
	const ours = { sources: [thief.ipv4, thief.ipv6], destinations: [ROUTER_WAN_IPV4, ROUTER_WAN_IPV6] };
	const echo = { kind: 'echo', bytes: PAYLOAD, sourcePort: ECHO_IDENTIFIER } as const;
	// The flow of a question has a mark; then comes what looks like its answer.
	const ask = () =>
		sendOddPackets(
			{ ...stationSender(thief), mac: COLLIDING_MAC },
			{
				kind: 'udp',
				count: 20,
				bytes: 40,
				sources: ours.sources,
				destinations: router,
				sourcePort: QUESTION_PORT,
				destinationPort: 53,
			},
		);
	const answer = { kind: 'udp', bytes: PAYLOAD, sources: router, destinations: ours.sources } as const;
	return [
		{ name: 'far echo by IPv4', from, packets: { ...echo, sources: [thief.ipv4], destinations: [ROUTER_WAN_IPV4] } },
		{ name: 'far echo by IPv6', from, packets: { ...echo, sources: [thief.ipv6], destinations: [ROUTER_WAN_IPV6] } },
		{ name: 'far reset', from, packets: { kind: 'syn', bytes: 0, ...ours, destinationPort: 443 } },
		{ name: 'far option', from, packets: { kind: 'option', bytes: 500, ...ours } },
		{
			name: 'far answer',
			from,
			prepare: ask,
			packets: { ...answer, sourcePort: 53, destinationPort: QUESTION_PORT },
		},
	];
}

/**
 * Somebody pretends to be the walled garden, in flows that a station has begun to it, from many addresses.
 *
 * @returns bytes that the station got, and in how many seconds
 */
export async function gardenAttack(attackers: Attackers): Promise<{ bytes: number; seconds: number }> {
	const { lab, witness, thief, count } = attackers;
	const addresses = Array.from({ length: 32 }, (_, index) => `2001:db8:10::9:${(index + 1).toString(16)}`);
	await thief.namespace.ip(addresses.map((address) => `address add ${address}/64 dev eth0 nodad`));
	const began = performance.now();
	const before = await witness.readDown();
	const ports = { sourcePort: GARDEN_PORT, destinationPort: GARDEN_PORT };
	await sendOddPackets(stationSender(thief), {
		kind: 'udp',
		count: 500,
		bytes: 8,
		sources: addresses,
		destinations: [GARDEN_IPV6],
		...ports,
	});
	await sendOddPackets(internetSender(lab), {
		kind: 'udp',
		count,
		bytes: PAYLOAD,
		sources: [GARDEN_IPV6],
		destinations: addresses,
		...ports,
	});
	const bytes = (await witness.readDown()).garden - before.garden;
	const seconds = (performance.now() - began) / 1000;
	attackers.progress(`far_garden: ${bytes} bytes reached a station in ${seconds.toFixed(1)} s`);
	return { bytes, seconds };
}

/**
 * The same with made-up hardware addresses, one for each flow: what all of them got together, though each has a budget of its own.
 *
 * @returns bytes that came down, and in how many seconds
 */
export async function gardenCrowd(attackers: Attackers, stations: number): Promise<{ bytes: number; seconds: number }> {
	const { lab, witness, thief, count } = attackers;
	const began = performance.now();
	const before = await witness.readDown();
	const ends = { sources: [thief.ipv4], destinations: [GARDEN_IPV4] };
	for (let number = 0; number < stations; number++) {
		const mac = `02:00:5e:20:00:${number.toString(16).padStart(2, '0')}`;
		const ports = { sourcePort: GARDEN_PORT + number, destinationPort: GARDEN_PORT };
		await sendOddPackets({ ...stationSender(thief), mac }, { kind: 'udp', count: 1, bytes: 8, ...ends, ...ports });
		await sendOddPackets(internetSender(lab), {
			kind: 'udp',
			count: Math.ceil(count / 8),
			bytes: PAYLOAD,
			sources: ends.destinations,
			destinations: [ROUTER_WAN_IPV4],
			sourcePort: GARDEN_PORT,
			destinationPort: GARDEN_PORT + number,
		});
	}
	const bytes = (await witness.readDown()).garden - before.garden;
	const seconds = (performance.now() - began) / 1000;
	attackers.progress(`${stations} made-up stations: ${bytes} bytes of the garden in ${seconds.toFixed(1)} s`);
	return { bytes, seconds };
}
