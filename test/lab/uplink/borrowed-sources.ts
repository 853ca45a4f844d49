import type { AgentHandle } from '../agent-handle.ts';
import type { Lab } from '../lab.ts';
import type { Station } from '../station.ts';
import {
	GARDEN_IPV6,
	INTERNET_MAC,
	ROUTER_LAN_IPV4,
	ROUTER_LAN_MAC,
	ROUTER_WAN_IPV4,
	ROUTER_WAN_IPV6,
	ROUTER_WAN_MAC,
	serverAddress,
} from '../topology.ts';
import { until } from '../until.ts';
import { type OddPackets, type Sender, sendOddPackets } from './odd-packets.ts';
import type { UplinkWitness } from './uplink-witness.ts';

/** Of payload: with their headers these just fit. */
const PAYLOAD = 1400;
const QUESTION_PORT = 4000;
const GARDEN_PORT = 4001;
const ECHO_IDENTIFIER = 77;
/** Ends in the bits that number the first station's meter, so in those of its zero-rated flows with the class bit. */
const COLLIDING_MAC = '02:00:5e:10:00:7f';
const FRAGMENT_WAIT_MS = 1500;

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

/** Bytes that an attack carried and nobody pays for, by its name. */
export type Carried = Record<string, number>;

export function stationSender({ namespace, mac }: Station): Sender {
	return { namespace, mac, to: ROUTER_LAN_MAC };
}

export function internetSender({ internet }: Lab): Sender {
	return { namespace: internet, mac: INTERNET_MAC, to: ROUTER_WAN_MAC };
}

/** The far end that the thief and the payer work with; no station's own server. */
export const ACCOMPLICE = { ipv4: serverAddress(5, 'ipv4'), ipv6: serverAddress(5, 'ipv6') };

/** Everything at once that the router answers in somebody else's name. @returns bytes that arrived, each attack apart */
export async function stationsAttack(attackers: Attackers): Promise<Carried> {
	const { lab, thief, payer, count } = attackers;
	const [station, internet, paying] = [stationSender(thief), internetSender(lab), stationSender(payer)];
	const both = [ACCOMPLICE.ipv4, ACCOMPLICE.ipv6];
	const wan = [ROUTER_WAN_IPV4, ROUTER_WAN_IPV6];
	const far = [serverAddress(thief.number, 'ipv4'), serverAddress(thief.number, 'ipv6')];
	const carried: Carried = {};
	const attack = async (name: string, packets: Omit<OddPackets, 'count'>, { from = station, waitMs = 0 } = {}) => {
		carried[name] = await unpaidUp(attackers, async () => {
			const sent = await sendOddPackets(from, { count, ...packets });
			if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
			return sent.bytes;
		});
		attackers.progress(`${name}: ${carried[name]} bytes reached the internet`);
	};
	const echo = { kind: 'echo', bytes: PAYLOAD, sourcePort: ECHO_IDENTIFIER } as const;
	await attack('echo_ipv4', { ...echo, sources: [ACCOMPLICE.ipv4], destinations: [ROUTER_WAN_IPV4] });
	await attack('echo_ipv6', { ...echo, sources: [ACCOMPLICE.ipv6], destinations: [ROUTER_WAN_IPV6] });
	await attack('echo_to_all', { ...echo, sources: [ACCOMPLICE.ipv6], destinations: ['ff02::1'] });
	await attack('quoted_by_refusal', { kind: 'udp', bytes: 500, sources: both, destinations: far });
	await attack('reset', { kind: 'syn', bytes: 0, sources: both, destinations: [...far, ...wan], destinationPort: 443 });
	await attack('portal', { kind: 'syn', bytes: 0, sources: both, destinations: far, destinationPort: 80 });
	await attack('closed_port', { kind: 'udp', bytes: 500, sources: both, destinations: wan, destinationPort: 9 });
	await attack('unknown_option', { kind: 'option', bytes: 500, sources: both, destinations: [...far, ...wan] });
	await attack(
		'lost_fragment',
		{ kind: 'fragment', bytes: 500, sources: both, destinations: wan, sourcePort: 9, destinationPort: 9 },
		{ waitMs: FRAGMENT_WAIT_MS },
	);
	// Flows that the accomplice has begun itself: the router knows them, and answers them.
	await sendOddPackets(internet, { ...echo, count: 1, sources: [ACCOMPLICE.ipv4], destinations: [ROUTER_WAN_IPV4] });
	await sendOddPackets(internet, { ...echo, count: 1, sources: [ACCOMPLICE.ipv6], destinations: [ROUTER_WAN_IPV6] });
	await attack('known_flow', { ...echo, sources: both, destinations: wan });
	// And with an error that quotes them, by somebody who pays for that error alone.
	for (const family of ['ipv4', 'ipv6'] as const) {
		const at = family === 'ipv4' ? ROUTER_WAN_IPV4 : ROUTER_WAN_IPV6;
		await sendOddPackets(paying, {
			...{ ...echo, kind: 'error', count: 1, bytes: 32 },
			sources: [payer[family], ACCOMPLICE[family]],
			destinations: [ACCOMPLICE[family], at],
		});
	}
	await attack('adopted_flow', { ...echo, sources: both, destinations: wan });
	return carried;
}

/** A far end that can spoof, to a station that has not paid. @returns bytes that the stations got, each attack apart */
export async function internetAttacks(attackers: Attackers): Promise<Carried> {
	const { lab, thief, count } = attackers;
	const internet = internetSender(lab);
	const carried: Carried = {};
	const attack = async (name: string, packets: Omit<OddPackets, 'count'>) => {
		carried[name] = await unpaidDown(attackers, async () => {
			return (await sendOddPackets(internet, { count, ...packets })).bytes;
		});
		attackers.progress(`${name}: ${carried[name]} bytes reached a station`);
	};
	const echo = { kind: 'echo', bytes: PAYLOAD, sourcePort: ECHO_IDENTIFIER } as const;
	await attack('far_echo_ipv4', { ...echo, sources: [thief.ipv4], destinations: [ROUTER_WAN_IPV4] });
	await attack('far_echo_ipv6', { ...echo, sources: [thief.ipv6], destinations: [ROUTER_WAN_IPV6] });
	const ours = { sources: [thief.ipv4, thief.ipv6], destinations: [ROUTER_WAN_IPV4, ROUTER_WAN_IPV6] };
	await attack('far_reset', { kind: 'syn', bytes: 0, ...ours, destinationPort: 443 });
	await attack('far_option', { kind: 'option', bytes: 500, ...ours });
	// A question, whose flow has a mark; then what looks like its answer.
	await sendOddPackets(
		{ ...stationSender(thief), mac: COLLIDING_MAC },
		{
			...{ kind: 'udp', count: 1, bytes: 40, sources: [thief.ipv4], destinations: [ROUTER_LAN_IPV4] },
			...{ sourcePort: QUESTION_PORT, destinationPort: 53 },
		},
	);
	await attack('far_answer', {
		...{ kind: 'udp', bytes: PAYLOAD, sources: [ROUTER_LAN_IPV4], destinations: [thief.ipv4] },
		...{ sourcePort: 53, destinationPort: QUESTION_PORT },
	});
	return carried;
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
	const { down: before } = await witness.read();
	const ports = { sourcePort: GARDEN_PORT, destinationPort: GARDEN_PORT };
	await sendOddPackets(stationSender(thief), {
		...{ kind: 'udp', count: 500, bytes: 8, sources: addresses, destinations: [GARDEN_IPV6] },
		...ports,
	});
	await sendOddPackets(internetSender(lab), {
		...{ kind: 'udp', count, bytes: PAYLOAD, sources: [GARDEN_IPV6], destinations: addresses },
		...ports,
	});
	const bytes = (await witness.read()).down.garden - before.garden;
	const seconds = (performance.now() - began) / 1000;
	attackers.progress(`far_garden: ${bytes} bytes reached a station in ${seconds.toFixed(1)} s`);
	return { bytes, seconds };
}

/** Bytes at the internet's end, less what any station was charged. */
async function unpaidUp({ agent, witness }: Attackers, send: () => Promise<number>): Promise<number> {
	const [before, paidBefore] = [(await witness.read()).up, (await meteredBytes(agent)).up];
	if ((await send()) === 0) throw new Error('nothing was sent');
	const after = (await witness.read()).up;
	return after.other + after.answers - before.other - before.answers - ((await meteredBytes(agent)).up - paidBefore);
}

/** Bytes at the stations' end: nobody of them pays for this, whatever was charged to whom. */
async function unpaidDown({ witness }: Attackers, send: () => Promise<number>): Promise<number> {
	const { down: before } = await witness.read();
	if ((await send()) === 0) throw new Error('nothing was sent');
	return (await witness.read()).down.other - before.other;
}

const SETTLE_TIMEOUT_MS = 20_000;
const SETTLE_MS = 300;

/** What the agent has counted of all stations, of every class, when it does not change any more. */
export async function meteredBytes(agent: AgentHandle): Promise<{ up: number; down: number }> {
	let last = '';
	let sums = { up: 0, down: 0 };
	await until('the figures of the agent to stand still', SETTLE_TIMEOUT_MS, async () => {
		const rows = await agent.stations();
		const sum = (direction: 'upBytes' | 'downBytes') =>
			rows.reduce((total, row) => total + row[direction] + (row.zeroRated?.[direction] ?? 0), 0);
		sums = { up: sum('upBytes'), down: sum('downBytes') };
		const text = JSON.stringify(sums);
		if (text === last) return true;
		last = text;
		await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
		return false;
	});
	return sums;
}
