import { join } from 'node:path';
import { Namespace } from './namespace/namespace.ts';
import { PROJECT_ROOT } from './project-root.ts';
import {
	autoconfiguredAddress,
	type Family,
	ROUTER_LAN_IPV4,
	ROUTER_LAN_IPV6,
	serverAddress,
	stationMac,
} from './topology.ts';
import { EndpointProcess } from './traffic/endpoint-process.ts';
import { HANG_MS, until } from './until.ts';

/** One a second, until only a server that does not answer can be to blame. */
const LEASE_TRIES = 120;
const ADDRESS_TIMEOUT_MS = HANG_MS;

type AddressRow = { addr_info?: { family: string; local: string; scope: string }[] };

/** A client of the access point: a namespace with one link, its addresses, and a traffic process. */
export class Station {
	readonly number: number;
	readonly name: string;
	readonly mac: string;
	readonly namespace: Namespace;
	#ipv4: string | undefined;
	#endpoint: EndpointProcess | undefined;

	constructor(number: number) {
		this.number = number;
		this.name = `sta${number}`;
		this.mac = stationMac(number);
		this.namespace = new Namespace(this.name);
	}

	/** The address that it got; empty before. */
	get ipv4(): string {
		return this.#ipv4 ?? '';
	}

	get ipv6(): string {
		return autoconfiguredAddress(this.number);
	}

	get endpoint(): EndpointProcess {
		if (this.#endpoint === undefined) throw new Error(`${this.name} has no traffic process yet`);
		return this.#endpoint;
	}

	/** The server that only this station talks to. */
	server(family: Family): string {
		return serverAddress(this.number, family);
	}

	/** Asks for a lease as a telephone does, and ends when it has one. @param more words for udhcpc */
	async askForLease(more: readonly string[] = []): Promise<void> {
		const script = join(PROJECT_ROOT, 'test/lab/udhcpc.sh');
		const options = [
			'-i',
			'eth0',
			'-s',
			script,
			'-n',
			'-q',
			'-f',
			'-t',
			String(LEASE_TRIES),
			'-T',
			'1',
			'-A',
			'1',
			'-x',
			`hostname:${this.name}`,
			...more,
		];
		await this.namespace.run('udhcpc', options);
	}

	/** Resolves when it has a global address of both families. */
	async addressed(): Promise<void> {
		await until(`addresses of ${this.name}`, ADDRESS_TIMEOUT_MS, async () => {
			const rows = await this.namespace.ipJson<AddressRow[]>('address', 'show', 'dev', 'eth0', 'scope', 'global');
			const addresses = rows.flatMap((row) => row.addr_info ?? []);
			this.#ipv4 = addresses.find((address) => address.family === 'inet')?.local;
			return this.#ipv4 !== undefined && addresses.some((address) => address.local === this.ipv6);
		});
	}

	/** It speaks to the router once by each of its addresses, as any device does that has come: the router knows them from then on. */
	async startEndpoint(): Promise<void> {
		this.#endpoint = new EndpointProcess(this.namespace, ['client', ROUTER_LAN_IPV4, ROUTER_LAN_IPV6]);
		await this.#endpoint.ready();
	}

	stop(): void {
		this.#endpoint?.stop();
	}
}
