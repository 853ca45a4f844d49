import { truncateSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { LEASES_FILE } from '../dhcp-server.ts';
import type { Lab } from '../lab.ts';
import type { Station } from '../station.ts';
import { HANG_MS, until } from '../until.ts';
import { Browser } from '../web/browser.ts';
import type { Thief } from './thief.ts';

const TRIES_MAX = 30;
const PAUSE_MS = 500;
const TIMEOUT_MS = HANG_MS;
export const INTERNET = 'internet';

/** Somebody who has paid uses the leased address of another one before that does. */
export class Squat {
	readonly #lab: Lab;
	readonly #agent: AgentHandle;
	readonly #thief: Thief;
	readonly #victim: Station;
	/** The first of them is served. */
	tries = 0;
	/** Flows that the squatter began, or went on with, from the address of the victim. */
	squatted = 0;

	constructor(lab: Lab, { agent, thief, victim }: { agent: AgentHandle; thief: Thief; victim: Station }) {
		this.#lab = lab;
		this.#agent = agent;
		this.#thief = thief;
		this.#victim = victim;
	}

	/** The address is leased, and its station has not paid yet; then it pays. */
	async ofLeased(): Promise<void> {
		const squatter = new Browser(this.#thief.station.namespace);
		try {
			await this.#use(squatter);
			await this.#leaves();
			await this.#agent.ask('station.attach', { mac: this.#victim.mac, account: 'victim' });
			await this.#serve();
		} finally {
			squatter.stop();
			await this.#agent.ask('station.detach', { mac: this.#victim.mac });
		}
	}

	/** The address is nobody's yet, the squatter has a connection from it, and then it is leased to one who has paid. */
	async beforeTheLease(): Promise<void> {
		const squatter = new Browser(this.#thief.station.namespace);
		const { namespace, ipv4 } = this.#victim;
		let isWorn = false;
		try {
			await namespace.ip(['address flush dev eth0 scope global', 'link set eth0 down']);
			await this.#lab.router.run('ip', ['neighbour', 'flush', 'dev', 'br-lan']);
			truncateSync(LEASES_FILE);
			await this.#lab.restartDhcpServer('/dev/null');
			await until('the agent to have seen that nothing is leased', TIMEOUT_MS, async () => {
				const row = (await this.#agent.stations()).find(({ mac }) => mac === this.#victim.mac);
				return !row?.addresses.includes(ipv4);
			});
			await this.#agent.ask('station.attach', { mac: this.#victim.mac, account: 'victim' });
			await this.#use(squatter);
			isWorn = true;
			await namespace.ip(['link set eth0 up']);
			await this.#victim.askForLease();
			await this.#victim.addressed();
			if (this.#victim.ipv4 !== ipv4) throw new Error(`the victim got ${this.#victim.ipv4} instead of ${ipv4}`);
			await until('the agent to have seen the lease', TIMEOUT_MS, async () => {
				const row = (await this.#agent.stations()).find(({ mac }) => mac === this.#victim.mac);
				return row?.addresses.includes(ipv4) ?? false;
			});
			await this.#serveWith(async () => {
				const { outcome } = await squatter.probe({ kind: 'again', keep: true });
				if (outcome === INTERNET) this.squatted += 1;
			});
		} finally {
			squatter.stop();
			if (isWorn) await this.#leaves();
		}
	}

	/** Takes the victim's address, and begins flows from it. */
	async #use(squatter: Browser): Promise<void> {
		const { station } = this.#thief;
		await this.#thief.wear({ mac: station.mac, address: this.#victim.ipv4 });
		await squatter.probe({
			kind: 'get',
			host: station.server('ipv4'),
			port: 80,
			keep: true,
			source: this.#victim.ipv4,
		});
	}

	async #leaves(): Promise<void> {
		await this.#thief.undress({ mac: this.#thief.station.mac, address: this.#victim.ipv4 });
	}

	async #serve(): Promise<void> {
		await this.#serveWith(async () => undefined);
	}

	/** The victim comes anew, as a device does that joins: it asks where the router is. */
	async #serveWith(meanwhile: () => Promise<void>): Promise<void> {
		const browser = new Browser(this.#victim.namespace);
		try {
			for (let count = 1; ; count++) {
				await this.#victim.namespace.run('ip', ['neighbour', 'flush', 'dev', 'eth0']);
				const { outcome } = await browser.probe({
					kind: 'get',
					host: this.#victim.server('ipv4'),
					port: 443,
					source: this.#victim.ipv4,
				});
				this.tries = Math.max(this.tries, count);
				if (outcome === INTERNET || count === TRIES_MAX) break;
				await delay(PAUSE_MS);
			}
			await meanwhile();
		} finally {
			browser.stop();
		}
	}
}

export { TRIES_MAX as SQUAT_TRIES_MAX };
