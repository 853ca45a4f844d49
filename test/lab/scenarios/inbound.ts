import { Flow } from '../flow.ts';
import { type Lab, withLab } from '../lab.ts';
import { LedgerReader } from '../ledger-reader.ts';
import type { Scenario } from '../scenario.ts';
import type { Station } from '../station.ts';
import { INTERNET_IPV4, INTERNET_IPV6, ROUTER_WAN_IPV4, TCP_PORT, UDP_PORT } from '../topology.ts';
import { EndpointProcess } from '../traffic/endpoint-process.ts';
import { HANG_MS } from '../until.ts';

const BYTES = 40_000_000;
const BYTES_SHORT = 2_000_000;
const PINGS = 20;
/** Where the router's own port forward listens. */
const FORWARDED_PORT = 8001;
const UDP_BITS_PER_SECOND = 50_000_000;
/** `udp` from outside without an answer is bounded, so only what the station sends is compared. */
const WAYS = [
	{ protocol: 'tcp', direction: 'up' },
	{ protocol: 'tcp', direction: 'down' },
	{ protocol: 'udp', direction: 'down' },
] as const;
const FAMILIES = ['ipv4', 'ipv6'] as const;

/** What begins outside: by a port forward, by IPv6 and by a ping, to a customer, to another one, to who has no session, and after the end. */
export const inbound: Scenario = {
	name: 'inbound',
	title: 'with `inbound.allowed`, a customer is reached from outside and pays to the byte, and nobody else does',
	figures: {
		ways_reached: {
			title: `of ${WAYS.length * FAMILIES.length + 1}: TCP both ways, UDP, and pings of IPv6; IPv4 by a port forward`,
			bound: { equals: WAYS.length * FAMILIES.length + 1 },
		},
		inbound_bytes: { title: 'layer-3 bytes of the customer, both ways', bound: { atLeast: 2 * BYTES_SHORT } },
		difference_bytes: {
			title: 'charged to the customer − counted at both ends, largest of both directions',
			bound: { equals: 0 },
		},
		bystander_bytes: { title: 'charged to another customer beyond what he began himself', bound: { equals: 0 } },
		stranger_bytes: { title: 'from outside, that reached a station without a session', bound: { equals: 0 } },
		ended_bytes: {
			title: 'from outside, that reached the customer after his account was blocked',
			bound: { equals: 0 },
		},
		losses_after_meter: {
			title: 'packets lost between meter and witness: the comparison would say nothing',
			bound: { equals: 0 },
		},
	},
	async run({ isShort, progress }) {
		return await withLab({ stations: 3 }, async (lab) => {
			const agent = await lab.startAgent({ inbound: { allowed: true } });
			const customer = lab.station(1);
			const bystander = lab.station(2);
			const stranger = lab.station(3);
			for (const { name, mac } of [customer, bystander]) {
				await agent.admit(name, 'large', [mac]);
				await agent.reaches(mac, 'active');
			}
			await lab.router.nft(portForward(customer));
			await lab.internet.nft(farWitness(customer, bystander));
			for (const { namespace } of lab.stations) await namespace.nft(NEAR_WITNESS);
			for (const station of [customer, bystander]) await beginFlows(lab, station);
			const visit = await Visitor.come(lab, customer);
			try {
				let ways_reached = 0;
				for (const family of FAMILIES) {
					for (const way of WAYS) {
						const bytes = Math.ceil((isShort ? BYTES_SHORT : BYTES) / WAYS.length);
						const received = await visit.flow(family, { ...way, bytes });
						progress(`${way.protocol} ${way.direction} ${family}: ${received} bytes`);
						if (received === bytes) ways_reached += 1;
					}
				}
				if (await isReached(lab, customer)) ways_reached += 1;
				await isReached(lab, stranger);
				const stranger_bytes = await nearBytes(stranger);

				await agent.ask('account.block', { account: customer.name });
				const before = await nearBytes(customer);
				await isReached(lab, customer);
				const late = await visit.begin('ipv4', { protocol: 'tcp', direction: 'down', bytes: 1000 });
				const ended_bytes = (await nearBytes(customer)) - before;
				await late.stop();

				for (const { mac } of [customer, bystander]) await agent.ask('station.detach', { mac });
				const charged = new LedgerReader(agent.database).charged();
				const counted = { up: await farBytes(lab), down: await nearBytes(customer) };
				const own = charged.get(customer.mac) ?? { up: 0, down: 0 };
				progress(`up: charged ${own.up}, counted ${counted.up}; down: charged ${own.down}, counted ${counted.down}`);
				const [, witnessed = { up: Number.NaN, down: Number.NaN }] = await lab.witness.read();
				const others = charged.get(bystander.mac) ?? { up: 0, down: 0 };
				await agent.verifyLedger();
				return {
					ways_reached,
					inbound_bytes: counted.up + counted.down,
					difference_bytes: Math.max(Math.abs(own.up - counted.up), Math.abs(own.down - counted.down)),
					bystander_bytes: others.up + others.down - witnessed.up - witnessed.down,
					stranger_bytes,
					ended_bytes,
					losses_after_meter: await lab.witness.lossesAfterMeter(),
				};
			} finally {
				visit.leave();
			}
		});
	},
};

/** With its own flows a station's addresses lead to its meter. */
async function beginFlows(lab: Lab, station: Station): Promise<void> {
	for (const family of FAMILIES) {
		const flow = await lab.flow(station, { protocol: 'tcp', direction: 'up', bytes: 1000, family });
		await flow.ended(HANG_MS);
	}
}

/** Somebody on the internet, and the server of a station that he uses. */
class Visitor {
	readonly #client: EndpointProcess;
	readonly #server: EndpointProcess;
	readonly #station: Station;
	#lastFlow = 1000;

	private constructor(lab: Lab, station: Station) {
		this.#station = station;
		this.#client = new EndpointProcess(lab.internet, ['client', INTERNET_IPV4, INTERNET_IPV6]);
		this.#server = new EndpointProcess(station.namespace, ['server', String(TCP_PORT), station.ipv4, station.ipv6]);
	}

	static async come(lab: Lab, station: Station): Promise<Visitor> {
		const visitor = new Visitor(lab, station);
		await Promise.all([visitor.#client.ready(), visitor.#server.ready()]);
		return visitor;
	}

	leave(): void {
		this.#client.stop();
		this.#server.stop();
	}

	async begin(family: 'ipv4' | 'ipv6', way: Pick<Flow['order'], 'protocol' | 'direction' | 'bytes'>): Promise<Flow> {
		const client = { name: 'visitor', mac: '', endpoint: this.#client };
		const target =
			family === 'ipv4'
				? { host: ROUTER_WAN_IPV4, port: FORWARDED_PORT }
				: { host: this.#station.ipv6, port: way.protocol === 'tcp' ? TCP_PORT : UDP_PORT };
		const pace = way.protocol === 'udp' ? { bitsPerSecond: UDP_BITS_PER_SECOND } : {};
		return await new Flow(client, this.#server, { ...way, ...pace, ...target, id: ++this.#lastFlow }).start();
	}

	/** @returns payload bytes that the receiver got */
	async flow(...[family, way]: Parameters<Visitor['begin']>): Promise<number> {
		const flow = await this.begin(family, way);
		return (await flow.ended(HANG_MS)).receivedBytes;
	}
}

/** Whether pings of IPv6 are answered. */
async function isReached(lab: Lab, station: Station): Promise<boolean> {
	const ping = `ping -n -q -c ${PINGS} -i 0.02 -W 1 ${station.ipv6} || true`;
	return (await lab.internet.run('sh', ['-c', ping])).includes(` ${PINGS} received`);
}

const TABLE = 'inbound_witness';
const OUTSIDE = ['ip saddr { 198.51.100.0/24, 203.0.113.0/24 }', 'ip6 saddr { 2001:db8:ffff::/64, 2001:db8:113::/64 }'];

/** What a station gets from outside, whoever has begun it. */
const NEAR_WITNESS = `table inet ${TABLE} {
	counter passed { }
	chain in { type filter hook prerouting priority raw
${OUTSIDE.map((who) => `\t\tiifname "eth0" ${who} counter name "passed"`).join('\n')}
	}
}
`;

/** What the internet gets from the customer; by IPv4 it has the address of the router, as the bystander has, who speaks to his own server. */
function farWitness(customer: Station, bystander: Station): string {
	return `table inet ${TABLE} {
	counter passed { }
	chain in { type filter hook prerouting priority raw
		iifname "eth0" ip saddr ${ROUTER_WAN_IPV4} ip daddr != ${bystander.server('ipv4')} counter name "passed"
		iifname "eth0" ip6 saddr ${customer.ipv6} counter name "passed"
	}
}
`;
}

/** The router's own port forward. */
function portForward({ ipv4 }: Station): string {
	return `table inet ${TABLE} {
	chain forwards { type nat hook prerouting priority dstnat
		iifname "wan" meta l4proto { tcp, udp } th dport ${FORWARDED_PORT} dnat ip to ${ipv4}:${TCP_PORT}
	}
}
`;
}

async function nearBytes({ namespace }: Station): Promise<number> {
	return bytesOf(await namespace.run('nft', ['list', 'counter', 'inet', TABLE, 'passed']));
}

async function farBytes({ internet }: Lab): Promise<number> {
	return bytesOf(await internet.run('nft', ['list', 'counter', 'inet', TABLE, 'passed']));
}

function bytesOf(listed: string): number {
	return Number(/bytes (\d+)/.exec(listed)?.[1]);
}
