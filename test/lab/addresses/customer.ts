import type { AgentHandle } from '../agent-handle.ts';
import { visit } from '../impostor/owner.ts';
import type { Visited } from '../impostor/visit.ts';
import type { Lab } from '../lab.ts';
import type { Station } from '../station.ts';
import { type Family, ROUTER_LAN_IPV4, ROUTER_LAN_IPV6 } from '../topology.ts';
import { HANG_MS } from '../until.ts';
import { Browser } from '../web/browser.ts';

/** What the lab's web servers say. */
export const INTERNET = 'internet';
const PROBE = { name: 'connectivitycheck.gstatic.com', path: '/generate_204' };
/** What the page of somebody says whose address the kernel refuses. */
const REASONS = ['Enter the code that it came with', 'Another device has the network address'];

/** What somebody saw who is refused: whether he was told that he is online, and whether a page said why not. */
export type Told = { readonly online: boolean; readonly why: boolean };

/** A device of the venue, as its user has it: addresses come and go, connections are begun, codes are typed. */
export class Customer {
	readonly lab: Lab;
	readonly agent: AgentHandle;
	readonly station: Station;
	readonly #browser: Browser;

	constructor(lab: Lab, agent: AgentHandle, station: Station) {
		this.lab = lab;
		this.agent = agent;
		this.station = station;
		this.#browser = new Browser(station.namespace);
	}

	/** A connection to the internet, from this address, as programs begin it: with all the patience of TCP. @returns what came of it */
	async connects(from: string, port = 443): Promise<{ outcome: string; ms: number }> {
		const family: Family = from.includes(':') ? 'ipv6' : 'ipv4';
		const host = this.station.server(family);
		return await this.#browser.probe({ kind: 'get', host, port, source: from, silenceMs: HANG_MS });
	}

	/** The portal by this address: the check of a telephone, figures, and the first page. */
	async isTold(from: string): Promise<Told> {
		const host = portalOf(from);
		const [probe, status, home] = (await visit(this.station, [
			{ host, from, patienceMs: HANG_MS, ...PROBE },
			{ host, from, patienceMs: HANG_MS, path: '/api/status' },
			{ host, from, patienceMs: HANG_MS, path: '/' },
		])) as [Visited, Visited, Visited];
		const online = probe.status === 204 || (status.status === 200 && !status.body.includes('"state":"walled"'));
		return { online, why: home.status === 200 && REASONS.some((words) => home.body.includes(words)) };
	}

	/** @param isHeard false: what the router answers may go to somebody else, so he waits for some seconds only */
	async types(code: string, from: string, isHeard = true): Promise<Visited> {
		const patience = isHeard ? { patienceMs: HANG_MS } : {};
		const order = { host: portalOf(from), from, ...patience, page: '/', path: '/redeem', fields: { code } };
		return (await visit(this.station, [order]))[0] as Visited;
	}

	async ip(...lines: string[]): Promise<void> {
		await this.station.namespace.ip(lines);
	}

	/** Takes another hardware address, and has no address of before. */
	async becomes(mac: string): Promise<void> {
		await this.ip(
			'link set eth0 down',
			'address flush dev eth0 scope global',
			`link set eth0 address ${mac}`,
			'link set eth0 up',
		);
	}

	async wears(address: string): Promise<void> {
		const isIpv6 = address.includes(':');
		await this.ip(`address replace ${address}/${isIpv6 ? 64 : 16} dev eth0${isIpv6 ? ' nodad' : ''}`);
		if (isIpv6) await this.ip(`route replace default via ${ROUTER_LAN_IPV6} dev eth0 metric 64`);
		else await this.ip(`route replace default via ${ROUTER_LAN_IPV4} dev eth0`);
	}

	async sheds(address: string): Promise<void> {
		await this.ip(`address delete ${address}/${address.includes(':') ? 64 : 16} dev eth0`);
	}

	/** Asks for a lease as this client, and has it. @returns the address */
	async leases({ clientId, address }: { clientId?: string; address?: string } = {}): Promise<string> {
		const before = new Set(await this.#addresses());
		await this.station.askForLease([
			...(clientId === undefined ? [] : ['-C', '-x', `0x3d:${clientId}`]),
			...(address === undefined ? [] : ['-r', address]),
		]);
		const now = await this.#addresses();
		return now.find((one) => !before.has(one)) ?? (now.at(-1) as string);
	}

	async #addresses(): Promise<string[]> {
		type Rows = { addr_info: { family: string; local: string }[] }[];
		const rows = await this.station.namespace.ipJson<Rows>('address', 'show', 'dev', 'eth0', 'scope', 'global');
		return rows.flatMap(({ addr_info }) =>
			addr_info.flatMap(({ family, local }) => (family === 'inet' ? [local] : [])),
		);
	}

	stop(): void {
		this.#browser.stop();
	}
}

function portalOf(from: string): string {
	if (from.startsWith('10.78.')) return '10.78.0.1';
	return from.includes(':') ? ROUTER_LAN_IPV6 : ROUTER_LAN_IPV4;
}
