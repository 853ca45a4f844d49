import type { ChildProcess } from 'node:child_process';
import { type AgentHandle, type AgentOverrides, startAgent } from '../../lab/agent-handle.ts';
import { startDhcpServer } from '../../lab/dhcp-server.ts';
import { Flow, type FlowClient } from '../../lab/flow.ts';
import type { FlowOptions } from '../../lab/lab.ts';
import { Namespace } from '../../lab/namespace/namespace.ts';
import { runProgram } from '../../lab/namespace/program.ts';
import { makeNetwork, raiseNetwork } from '../../lab/network.ts';
import { Station } from '../../lab/station.ts';
import { GARDEN_IPV4, GARDEN_IPV6, serverAddress, TCP_PORT, UDP_PORT } from '../../lab/topology.ts';
import { EndpointProcess } from '../../lab/traffic/endpoint-process.ts';
import { Witness } from '../../lab/witness.ts';
import { type AccessPoint, authorized, joinNetwork, moveRadio, startAccessPoint } from './radio.ts';

const SSID = 'octroi';

/**
 * The lab with air in it: the router's br-lan has a radio for a port, and the one station has a radio for its eth0.
 * Addresses, witness, traffic and agent are the lab's. Nothing is ever removed: the machine ends with the scenario.
 */
export class WirelessLab {
	readonly router = new Namespace('router');
	readonly internet = new Namespace('internet');
	readonly station = new Station(1);
	/** Without a radio: its servers are for a device behind the station, whose bytes are told from the station's own by them. */
	readonly silent = new Station(2);
	readonly access: AccessPoint = { space: this.router, device: 'wlan0', bridge: 'br-lan', ssid: SSID };
	readonly witness = new Witness({
		router: this.router,
		internet: this.internet,
		stations: [this.station.namespace, this.silent.namespace],
	});
	readonly #processes: ChildProcess[] = [];
	#server: EndpointProcess | undefined;
	#lastFlow = 0;

	/** Builds everything but the association: the access point is on the air, the station is not. Needs radios 0 and 1. */
	async start(): Promise<this> {
		const wired = { router: this.router, internet: this.internet, stations: [] };
		await makeNetwork(wired);
		for (const { namespace } of [this.station, this.silent]) await runProgram('ip', ['netns', 'add', namespace.name]);
		await this.station.namespace.ip(['link set lo up']);
		await this.station.namespace.sysctl({ 'net.ipv6.conf.all.accept_dad': 0, 'net.ipv6.conf.default.accept_dad': 0 });
		await moveRadio(0, { space: this.router, device: this.access.device });
		await moveRadio(1, { space: this.station.namespace, device: 'eth0', mac: this.station.mac });
		await this.witness.start();
		await raiseNetwork(wired);
		const numbers = [this.station.number, this.silent.number];
		const servers = numbers.flatMap((number) => [serverAddress(number, 'ipv4'), serverAddress(number, 'ipv6')]);
		await this.internet.ip(
			servers.map((address) => `address add ${address}/${address.includes(':') ? 128 : 32} dev lo`),
		);
		this.#processes.push(await startAccessPoint(this.access), await startDhcpServer(this.router));
		this.#server = new EndpointProcess(this.internet, ['server', `${TCP_PORT}`, GARDEN_IPV4, GARDEN_IPV6, ...servers]);
		await this.#server.ready();
		return this;
	}

	/** Resolves when the access point lets the station's data pass. */
	async associate(): Promise<void> {
		this.#processes.push(await joinNetwork(this.station.namespace, 'eth0', SSID));
		await authorized(this.access, this.station.mac);
	}

	/** Gives the associated station its lease, its advertised address and its traffic process. */
	async address(): Promise<void> {
		await this.station.askForLease();
		await this.station.addressed();
		// An emulated processor beside other work answers a neighbour late: three questions, one a second, are soon asked in vain.
		await this.router.sysctl(patientNeighbours('br-lan'));
		await this.station.namespace.sysctl(patientNeighbours('eth0'));
		await this.station.startEndpoint();
		await this.witness.forgetLosses();
	}

	async startAgent(overrides: AgentOverrides = {}): Promise<AgentHandle> {
		return await startAgent(this.router, overrides);
	}

	/** Starts one flow between the station, or a device behind it, and its own server (or the garden's). */
	async flow(options: FlowOptions, client: FlowClient & Pick<Station, 'server'> = this.station): Promise<Flow> {
		const { family = 'ipv4', server = 'own', ...request } = options;
		if (this.#server === undefined) throw new Error('the lab has not been started');
		const host = server === 'own' ? client.server(family) : family === 'ipv4' ? GARDEN_IPV4 : GARDEN_IPV6;
		const port = request.protocol === 'tcp' ? TCP_PORT : UDP_PORT;
		return await new Flow(client, this.#server, { ...request, id: ++this.#lastFlow, host, port }).start();
	}

	/** Ends what would write to a closed pipe. */
	stop(): void {
		this.station.stop();
		this.#server?.stop();
		for (const child of this.#processes) child.kill('SIGKILL');
	}
}

/** How often a neighbour is asked for before it counts as gone: kernel, Documentation/networking/ip-sysctl, neigh. */
function patientNeighbours(device: string): Record<string, number> {
	const names = ['ipv4', 'ipv6'].flatMap((family) =>
		['ucast_solicit', 'mcast_solicit'].map((name) => `net.${family}.neigh.${device}.${name}`),
	);
	return Object.fromEntries(names.map((name) => [name, 60]));
}
