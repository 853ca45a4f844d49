import type { ChildProcess } from 'node:child_process';
import { type AgentEnvironment, type AgentHandle, type AgentOverrides, startAgent } from './agent-handle.ts';
import { startDhcpServer } from './dhcp-server.ts';
import { Flow, type FlowClient } from './flow.ts';
import { Namespace } from './namespace/namespace.ts';
import { addressStatically, makeNetwork, type Network, raiseNetwork, raiseStation, removeNetwork } from './network.ts';
import { shapeSending, unshapeSending } from './shaping.ts';
import { Station } from './station.ts';
import {
	type Family,
	GARDEN_IPV4,
	GARDEN_IPV6,
	STATIONS_MAX,
	serverAddress,
	TCP_PORT,
	UDP_PORT,
	ZERO_RATED_IPV4,
	ZERO_RATED_IPV6,
} from './topology.ts';
import { EndpointProcess } from './traffic/endpoint-process.ts';
import type { FlowRequest } from './traffic/flow-request.ts';
import { Witness } from './witness.ts';

export type LabOptions = {
	/** 1 … {@link STATIONS_MAX}. */
	stations: number;
	/** `dhcp`: as in life. `static`: faster, and no neighbour is ever asked for. */
	addressing?: 'dhcp' | 'static';
};

export type FlowOptions = Omit<FlowRequest, 'id'> & {
	family?: Family;
	/** The station's own server, the walled garden's, or the zero-rated one. */
	server?: 'own' | 'garden' | 'zero-rated';
};

const SHARED_SERVERS: Record<'garden' | 'zero-rated', Record<Family, string>> = {
	garden: { ipv4: GARDEN_IPV4, ipv6: GARDEN_IPV6 },
	'zero-rated': { ipv4: ZERO_RATED_IPV4, ipv6: ZERO_RATED_IPV6 },
};

/** Runs `use` in a new lab, and stops the lab afterwards however it went. */
export async function withLab<Result>(options: LabOptions, use: (lab: Lab) => Promise<Result>): Promise<Result> {
	const lab = new Lab(options);
	try {
		return await use(await lab.start());
	} catch (error) {
		for (const agent of lab.agents) process.stderr.write(`${agent.logTail()}\n`);
		throw error;
	} finally {
		await lab.stop();
	}
}

/** A router, an internet and stations, all real but for the air. Lives inside {@link inPrivateNamespaces}. */
export class Lab {
	readonly router = new Namespace('router');
	readonly internet = new Namespace('internet');
	readonly stations: Station[];
	readonly witness: Witness;
	/** All that were started, in order. */
	readonly agents: AgentHandle[] = [];
	readonly #options: LabOptions;
	readonly #network: Network;
	#server: EndpointProcess | undefined;
	#dhcpServer: ChildProcess | undefined;
	#lastFlow = 0;

	constructor(options: LabOptions) {
		if (options.stations < 1 || options.stations > STATIONS_MAX) throw new RangeError(`1 … ${STATIONS_MAX} stations`);
		this.#options = options;
		this.stations = Array.from({ length: options.stations }, (_, index) => new Station(index + 1));
		this.#network = {
			router: this.router,
			internet: this.internet,
			stations: this.stations.map((station) => station.namespace),
		};
		this.witness = new Witness(this.#network);
	}

	/** Builds everything and waits until each station has its addresses and a traffic process. */
	async start(): Promise<this> {
		await makeNetwork(this.#network);
		await this.witness.start();
		await raiseNetwork(this.#network);
		const isStatic = this.#options.addressing === 'static';
		this.#server = new EndpointProcess(this.internet, ['server', String(TCP_PORT), ...this.#serverAddresses()]);
		// The advertisements come from dnsmasq in both modes.
		this.#dhcpServer = await startDhcpServer(this.router);
		await Promise.all([
			this.#server.ready(),
			...this.stations.map(async (station) => {
				await raiseStation(station.namespace);
				if (isStatic) await addressStatically(station.namespace, station.number, this.router);
				else await station.askForLease();
				await station.addressed();
				await station.startEndpoint();
			}),
		]);
		await this.witness.forgetLosses();
		return this;
	}

	/** The station of that number, from 1. */
	station(number: number): Station {
		const station = this.stations[number - 1];
		if (station === undefined) throw new RangeError(`no station ${number}`);
		return station;
	}

	/** Starts one flow from a station to its own server (or the garden's). */
	async flow(station: FlowClient & Pick<Station, 'server'>, options: FlowOptions): Promise<Flow> {
		const { family = 'ipv4', server = 'own', ...request } = options;
		const host = server === 'own' ? station.server(family) : SHARED_SERVERS[server][family];
		const port = request.protocol === 'tcp' ? TCP_PORT : UDP_PORT;
		if (this.#server === undefined) throw new Error('the lab has not been started');
		return await new Flow(station, this.#server, { ...request, id: ++this.#lastFlow, host, port }).start();
	}

	/** Begins it anew with further lines of configuration. */
	async restartDhcpServer(configFile: string): Promise<void> {
		const old = this.#dhcpServer;
		if (old !== undefined) await new Promise((resolve) => old.once('exit', resolve) && old.kill('SIGKILL'));
		this.#dhcpServer = await startDhcpServer(this.router, configFile);
	}

	/** Layer-3 bytes of this station alone, both directions, as the witness counts them. */
	async passed({ number }: Station): Promise<number> {
		const reading = (await this.witness.read())[number - 1];
		return reading === undefined ? Number.NaN : reading.up + reading.down;
	}

	/** Starts Octroi on the router and waits until it answers. */
	async startAgent(overrides: AgentOverrides = {}, environment: AgentEnvironment = {}): Promise<AgentHandle> {
		const agent = await startAgent(this.router, overrides, environment);
		this.agents.push(agent);
		return agent;
	}

	/** Limits what every sender sends: the internet as a whole, and each station. */
	async shape(bitsPerSecond: number): Promise<void> {
		await Promise.all(this.#senders().map((space) => shapeSending(space, bitsPerSecond)));
	}

	async unshape(): Promise<void> {
		await Promise.all(this.#senders().map(unshapeSending));
	}

	/** Ends the processes and gives the namespaces' names back. A lab that dies without it is cleared by the kernel. */
	async stop(): Promise<void> {
		for (const agent of this.agents) await agent.stop();
		for (const station of this.stations) station.stop();
		this.#server?.stop();
		this.#dhcpServer?.kill('SIGKILL');
		await removeNetwork(this.#network);
	}

	#senders(): Namespace[] {
		return [this.internet, ...this.stations.map((station) => station.namespace)];
	}

	#serverAddresses(): string[] {
		const numbers = this.stations.map(({ number }) => number);
		return [
			...Object.values(SHARED_SERVERS).flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]),
			...numbers.map((number) => serverAddress(number, 'ipv4')),
			...numbers.map((number) => serverAddress(number, 'ipv6')),
		];
	}
}
