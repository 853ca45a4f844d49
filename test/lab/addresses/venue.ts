import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentHandle } from '../agent-handle.ts';
import { FORWARDED_TABLE, forwardedCounters, SECOND_BRIDGE } from '../impostor/thief.ts';
import type { Lab } from '../lab.ts';
import { LAB_DIRECTORY } from '../namespace/private-namespaces.ts';
import { nftCounters } from '../nft-counters.ts';
import { HostProcess } from '../tether/host-process.ts';
import { Customer } from './customer.ts';

/** Two bridges with leases on both, a customer, one who moves between the bridges, a thief, and a fourth device for all the rest. */
export class Venue {
	readonly lab: Lab;
	readonly agent: AgentHandle;
	readonly customer: Customer;
	readonly thief: Customer;
	readonly mover: Customer;
	readonly other: Customer;
	customerAddress = '';
	customerCode = '';
	#codes: string[] = [];
	#batches = 0;

	private constructor(lab: Lab, agent: AgentHandle) {
		this.lab = lab;
		this.agent = agent;
		const [customer, thief, mover, other] = [1, 2, 3, 4].map((number) => new Customer(lab, agent, lab.station(number)));
		this.customer = customer as Customer;
		this.thief = thief as Customer;
		this.mover = mover as Customer;
		this.other = other as Customer;
	}

	static async open(lab: Lab): Promise<Venue> {
		await lab.router.ip([
			`link add ${SECOND_BRIDGE} type bridge stp_state 0 mcast_snooping 0`,
			`link set ${SECOND_BRIDGE} up`,
			`address add 10.78.0.1/16 dev ${SECOND_BRIDGE}`,
		]);
		const file = join(LAB_DIRECTORY, 'second-bridge.conf');
		writeFileSync(
			file,
			`interface=${SECOND_BRIDGE}\ndhcp-range=set:two,10.78.2.1,10.78.2.250,255.255.0.0,12h\ndhcp-option=tag:two,option:router,10.78.0.1\n`,
		);
		await lab.restartDhcpServer(file);
		await lab.router.nft(forwardedCounters([lab.station(2)]));
		const agent = await lab.startAgent({
			devices: { metered: ['br-lan', SECOND_BRIDGE], free: [] },
			plans: [{ name: 'large', title: '1 GiB', bytes: 2 ** 30 }],
		});
		const venue = new Venue(lab, agent);
		// With the customer's hardware address it would make itself the customer's own address: a twin, which nothing tells apart.
		await venue.thief.station.namespace.sysctl({
			'net.ipv6.conf.eth0.accept_ra': 0,
			// He tries for 7 seconds: longer than any decision takes.
			'net.ipv4.tcp_syn_retries': 2,
		});
		await venue.#admit();
		return venue;
	}

	/** The customers come in by their codes. */
	async #admit(): Promise<void> {
		this.customerAddress = this.customer.station.ipv4;
		this.customerCode = await this.code();
		for (const [device, code] of [
			[this.customer, this.customerCode],
			[this.mover, await this.code()],
		] as const) {
			const { status } = await device.types(code, device.station.ipv4);
			if (status !== 303) throw new Error(`${device.station.name} does not come in: ${status}`);
		}
		await this.agent.ask('account.create', { account: 'holder' });
		await this.agent.topUp('holder', 'large');
	}

	/** A card that was sold, and is not used. */
	async code(): Promise<string> {
		if (this.#codes.length === 0) {
			const batch = `addresses-${++this.#batches}`;
			const { codes } = await this.agent.ask<{ codes: { code: string }[] }>('voucher.create', {
				batch,
				plan: 'large',
				count: 20,
				devices: 5,
			});
			this.#codes = codes.map(({ code }) => code);
		}
		return this.#codes.pop() as string;
	}

	async thiefSends(...frames: Buffer[]): Promise<void> {
		// A new one each time: what has listened at a link that was down sends no more.
		const host = new HostProcess(this.thief.station.namespace, 'eth0');
		try {
			await host.ready();
			await host.send(...frames);
		} finally {
			host.stop();
		}
	}

	/** What the router forwarded to the thief's servers and from them, counted beside Octroi. */
	async stolen(): Promise<number> {
		const counters = await nftCounters(this.lab.router, 'inet', FORWARDED_TABLE);
		return counters.get(this.thief.station.name)?.bytes ?? Number.NaN;
	}

	stop(): void {
		for (const one of [this.customer, this.thief, this.mover, this.other]) one.stop();
	}
}
