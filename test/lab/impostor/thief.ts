import type { Lab } from '../lab.ts';
import { nftCounters } from '../nft-counters.ts';
import type { Station } from '../station.ts';
import { ROUTER_LAN_IPV4, ROUTER_LAN_IPV6 } from '../topology.ts';
import { Browser } from '../web/browser.ts';
import { acted, hasCode, type Owner, tells, visit } from './owner.ts';

export type State = 'online' | 'idle' | 'away';
type Addresses = { readonly ipv4: string; readonly ipv6: string };

/** Where a thief stands, and the addresses of his own that he uses there while the owner is in each state. */
export type Ground = { readonly bridge: 'one' | 'two'; readonly portal: Addresses } & Readonly<
	Record<State, Addresses>
>;

export const SECOND_BRIDGE = 'br-two';
export const FIRST_GROUND: Ground = {
	bridge: 'one',
	portal: { ipv4: ROUTER_LAN_IPV4, ipv6: ROUTER_LAN_IPV6 },
	online: { ipv4: '10.77.9.1', ipv6: '2001:db8:10::9:1' },
	idle: { ipv4: '10.77.9.2', ipv6: '2001:db8:10::9:2' },
	away: { ipv4: '10.77.9.3', ipv6: '2001:db8:10::9:3' },
};
export const SECOND_GROUND: Ground = {
	bridge: 'two',
	portal: { ipv4: '10.78.0.1', ipv6: '2001:db8:20::1' },
	online: { ipv4: '10.78.9.1', ipv6: '2001:db8:20::9:1' },
	idle: { ipv4: '10.78.9.2', ipv6: '2001:db8:20::9:2' },
	away: { ipv4: '10.78.9.3', ipv6: '2001:db8:20::9:3' },
};

/** What was tried, and what came of it. */
export type Loot = { tries: number; seen: number; acted: number; codes: number; bytes: number };

export function nothing(): Loot {
	return { tries: 0, seen: 0, acted: 0, codes: 0, bytes: 0 };
}

export function add(to: Loot, more: Loot): void {
	for (const key of Object.keys(to) as (keyof Loot)[]) to[key] += more[key];
}

export type Disguise = { readonly mac: string; readonly address: string };

export const FORWARDED_TABLE = 'lab_forwarded';

/** Counts what the router forwards to and from the servers of these stations: behind Octroi's rules, and not by them. */
export function forwardedCounters(stations: readonly Station[]): string {
	const rules = stations.flatMap((station) =>
		(['ipv4', 'ipv6'] as const).flatMap((family) =>
			['saddr', 'daddr'].map(
				(side) => `${family === 'ipv4' ? 'ip' : 'ip6'} ${side} ${station.server(family)} counter name ${station.name}`,
			),
		),
	);
	return `table inet ${FORWARDED_TABLE} {
${stations.map(({ name }) => `counter ${name} {}`).join('\n')}
chain forward { type filter hook forward priority 100; ${rules.join('; ')}; }
}
`;
}

/** A station that has not paid, and takes the addresses of others. */
export class Thief {
	readonly station: Station;
	readonly ground: Ground;
	readonly #lab: Lab;
	readonly #browser: Browser;
	/** A code that he has paid for himself. */
	readonly #code: string;

	constructor(lab: Lab, station: Station, { ground, code }: { ground: Ground; code: string }) {
		this.#lab = lab;
		this.station = station;
		this.ground = ground;
		this.#code = code;
		this.#browser = new Browser(station.namespace);
	}

	/** Asks for everything that the owner could, sends everything that he could, and goes to the internet. */
	async tries(owner: Owner, { mac, address }: Disguise): Promise<Loot> {
		await this.wear({ mac, address });
		const family = address.includes(':') ? 'ipv6' : 'ipv4';
		const host = this.ground.portal[family];
		const forms = owner.forms();
		const other = { page: '/', path: '/redeem', fields: { code: this.#code } };
		const orders = [...owner.pages(), ...forms, other].map((order) => ({ ...order, host, from: address }));
		const before = await this.#passed();
		const answers = await visit(this.station, orders);
		const pages = answers.slice(0, owner.pages().length);
		const sent = answers.slice(pages.length);
		// Where not even the router's answer comes back, one connection of each kind will do.
		const ports = answers.some(({ status }) => status > 0) ? [80, 443] : [443];
		for (const port of ports) {
			await this.#browser.probe({ kind: 'get', host: this.station.server(family), port, source: address });
			await this.#browser.probe({ kind: 'datagram', host: this.station.server(family), port, source: address });
		}
		return {
			tries: orders.length + 2 * ports.length,
			seen: pages.filter((answer, index) => tells(orders[index] as (typeof orders)[number], answer)).length,
			// His own code may let him in: what it must not is take the owner's device along, and that is looked at elsewhere.
			acted: sent.slice(0, -1).filter(acted).length,
			codes: answers.filter(hasCode).length,
			bytes: (await this.#passed()) - before,
		};
	}

	async wear({ mac, address }: Disguise): Promise<void> {
		const [length, family] = address.includes(':') ? [128, '-6'] : [32, '-4'];
		await this.station.namespace.ip([
			`link set eth0 address ${mac}`,
			`address replace ${address}/${length} dev eth0${family === '-6' ? ' nodad' : ''}`,
		]);
	}

	async undress({ address }: Disguise): Promise<void> {
		const length = address.includes(':') ? 128 : 32;
		await this.station.namespace.ip([
			`address delete ${address}/${length} dev eth0`,
			`link set eth0 address ${this.station.mac}`,
		]);
	}

	stop(): void {
		this.#browser.stop();
	}

	/** What the router forwarded to his servers and from them. What it says itself, as that nobody is there, is not forwarded. */
	async #passed(): Promise<number> {
		return (await nftCounters(this.#lab.router, 'inet', FORWARDED_TABLE)).get(this.station.name)?.bytes ?? Number.NaN;
	}
}
