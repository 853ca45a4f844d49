import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { acted, Owner, PRODUCTS, tells, visit } from '../impostor/owner.ts';
import { INTERNET, SQUAT_TRIES_MAX, Squat } from '../impostor/squat.ts';
import {
	add,
	type Disguise,
	FIRST_GROUND,
	forwardedCounters,
	nothing,
	SECOND_BRIDGE,
	SECOND_GROUND,
	type State,
	Thief,
} from '../impostor/thief.ts';
import { type Lab, withLab } from '../lab.ts';
import type { Scenario } from '../scenario.ts';
import type { Station } from '../station.ts';
import { ROUTER_LAN_IPV4, ROUTER_LAN_IPV6, ROUTER_WAN_IPV6 } from '../topology.ts';
import { meteredBytes } from '../uplink/uplink-balance.ts';
import { Browser, startWebServer } from '../web/browser.ts';

/** Longer than an address vouches for a new one. */
const IDLE_MS = 11_000;
const PRIVACY_ADDRESS = '2001:db8:10::1234:5678:9abc:def0';
const MOVED_ADDRESS = '10.77.9.77';

type Kind = 'stranger' | 'twin';
type Progress = (line: string) => void;

/** A device takes a customer's MAC address, his address, or both, and asks for everything that is his. */
export const impostor: Scenario = {
	name: 'impostor',
	title:
		'a clone of a customer (online, idle, away; own and borrowed address; one bridge and two): what it sees, moves and gets; squatting',
	figures: {
		tries: {
			title: 'requests and connections of clones that could be told from the customer',
			bound: { atLeast: 200 },
		},
		seen: { title: 'of these, pages and figures of the customer that it was shown', bound: { equals: 0 } },
		acted: { title: 'forms that were carried out for it', bound: { equals: 0 } },
		codes: { title: 'codes that it was shown', bound: { equals: 0 } },
		bytes: {
			title: 'bytes that the router forwarded for it, counted beside Octroi, but what its own code pays',
			bound: { equals: 0 },
		},
		twin_tries: {
			title: 'the same by clones with his MAC address and an address of his session',
			bound: { atLeast: 75 },
		},
		twin_acted: { title: 'forms that were carried out for those', bound: { equals: 0 } },
		twin_codes: { title: 'codes that those were shown', bound: { equals: 0 } },
		credit_moved: {
			title: 'times that the books show another credit than before, after an attack',
			bound: { equals: 0 },
		},
		devices_moved: { title: 'times that his devices were others, after an attack', bound: { equals: 0 } },
		codes_made: { title: 'times that there were gifts or pairings that he has not made', bound: { equals: 0 } },
		link_local_seen: { title: "another's page by the same link-local address on another bridge", bound: { equals: 0 } },
		owner_refused: { title: 'things that the customer himself could not do', bound: { equals: 0 } },
		squat_tries: { title: 'connections until the leaseholder was served, most', bound: { atMost: 10 } },
		squat_flows: { title: "squatter's connections that went on after that", bound: { equals: 0 } },
	},
	async run({ isShort, progress }) {
		return await withLab({ stations: 4 }, async (lab) => {
			const metered = ['br-lan', SECOND_BRIDGE];
			await addSecondBridge(lab, lab.station(3));
			await configureByHand(lab.station(2));
			await lab.router.nft(forwardedCounters([lab.station(2), lab.station(3)]));
			const agent = await lab.startAgent({
				...PRODUCTS,
				devices: { metered, free: [] },
				sample: { intervalMs: 100, commitIntervalMs: 300_000 },
			});
			const servers = await Promise.all([80, 443].map((port) => startWebServer(lab.internet, port, INTERNET)));
			const { codes } = await agent.ask<{ codes: { code: string }[] }>('voucher.create', {
				batch: 'thief',
				plan: 'large',
				count: 2,
			});
			const [first, second] = codes.map(({ code }) => code) as [string, string];
			const here = new Thief(lab, lab.station(2), { ground: FIRST_GROUND, code: first });
			const there = new Thief(lab, lab.station(3), { ground: SECOND_GROUND, code: second });
			try {
				const owner = await Owner.admit(agent, lab.station(1));
				const attack = new Attack(lab, { agent, owner, progress });
				const own = await ownerHimself(owner, progress);
				await attack.while('online', isShort ? [here] : [here, there]);
				if (!isShort) await attack.while('idle', [here, there]);
				await attack.while('away', [here, there]);
				const linkLocal = await linkLocalOnTwo(lab, owner, there);
				const moved = await comesByAnother(owner, progress);
				const squat = await squatted(lab, agent, here);
				attack.stop();
				await agent.verifyLedger();
				return { ...attack.figures(), ...linkLocal, owner_refused: own + moved, ...squat };
			} finally {
				for (const one of [here, there]) one.stop();
				for (const server of servers) server.kill('SIGKILL');
			}
		});
	},
};

/** Every disguise in turn, and what it brought. */
class Attack {
	readonly #lab: Lab;
	readonly #agent: AgentHandle;
	readonly #owner: Owner;
	readonly #browser: Browser;
	readonly #progress: Progress;
	readonly #strangers = nothing();
	readonly #twins = nothing();
	readonly #changed = { credit: 0, devices: 0, codes: 0 };

	constructor(lab: Lab, { agent, owner, progress }: { agent: AgentHandle; owner: Owner; progress: Progress }) {
		this.#lab = lab;
		this.#agent = agent;
		this.#owner = owner;
		this.#progress = progress;
		this.#browser = new Browser(owner.station.namespace);
	}

	/** All disguises of these thieves. Twins come last: what they send is the session's, and makes it present. */
	async while(state: State, thieves: readonly Thief[]): Promise<void> {
		const { station } = this.#owner;
		await this.#flows();
		await this.#owner.openForms();
		if (state !== 'online') await delay(IDLE_MS);
		if (state === 'away') await station.namespace.ip(['link set eth0 down']);
		for (const wanted of ['stranger', 'twin'] as const) {
			for (const thief of thieves) {
				for (const [disguise, kind] of this.#cases(thief, state)) {
					if (kind === wanted) await this.#once(thief, { state, disguise, kind });
				}
			}
		}
		if (state === 'away') await this.#comesBack();
	}

	#cases(thief: Thief, state: State): [Disguise, Kind][] {
		const { mac, ipv4, ipv6 } = this.#owner.station;
		const own = thief.ground[state];
		const isHere = thief.ground.bridge === 'one';
		return [
			[{ mac, address: own.ipv4 }, 'stranger'],
			// A new address of IPv6 beside one that is in use is what every telephone makes: that is the session's, here.
			[{ mac, address: own.ipv6 }, isHere && state === 'online' ? 'twin' : 'stranger'],
			[{ mac: thief.station.mac, address: ipv4 }, 'stranger'],
			[{ mac: thief.station.mac, address: ipv6 }, 'stranger'],
			[{ mac, address: ipv4 }, isHere ? 'twin' : 'stranger'],
			[{ mac, address: ipv6 }, isHere ? 'twin' : 'stranger'],
		];
	}

	async #once(
		thief: Thief,
		{ state, disguise, kind }: { state: State; disguise: Disguise; kind: Kind },
	): Promise<void> {
		const before = await this.#owner.state();
		if (state === 'online') await this.#flows();
		const paid = await this.#chargedTo(thief.station);
		const loot = await thief.tries(this.#owner, disguise);
		// By his own hardware address, and an address that its holder has left, he goes to the internet on a code of his own.
		if (disguise.mac === thief.station.mac) {
			loot.bytes = Math.max(0, loot.bytes - ((await this.#chargedTo(thief.station)) - paid));
		}
		await thief.undress(disguise);
		for (const device of ['br-lan', SECOND_BRIDGE]) {
			await this.#lab.router.run('ip', ['neighbour', 'flush', 'dev', device]);
		}
		if (state !== 'away') {
			await this.#owner.station.namespace.run('ip', ['neighbour', 'flush', 'dev', 'eth0']);
		}
		await this.#look(before);
		add(kind === 'twin' ? this.#twins : this.#strangers, loot);
		this.#progress(
			`bridge ${thief.ground.bridge}, ${state}, ${kind} ${disguise.mac} ${disguise.address}: ${JSON.stringify(loot)}`,
		);
	}

	/** Bytes of the sessions of this hardware address, up to now. */
	async #chargedTo({ mac }: Station): Promise<number> {
		await meteredBytes(this.#agent);
		const row = (await this.#agent.stations()).find((one) => one.mac === mac);
		return row === undefined ? 0 : row.upBytes + row.downBytes;
	}

	/** What the thief has changed, if anything. */
	async #look(before: Awaited<ReturnType<Owner['state']>>): Promise<void> {
		const after = await this.#owner.state();
		for (const what of ['credit', 'devices', 'codes'] as const) {
			if (after[what] === before[what]) continue;
			this.#changed[what] += 1;
			this.#progress(`${what}: ${before[what].slice(-200)} → ${after[what].slice(-200)}`);
		}
		await this.#owner.restore();
	}

	/** The owner's device begins flows of both families, so that it is online. */
	async #flows(): Promise<void> {
		const { station } = this.#owner;
		for (const family of ['ipv4', 'ipv6'] as const) {
			await this.#browser.probe({ kind: 'get', host: station.server(family), port: 80, source: station[family] });
		}
	}

	async #comesBack(): Promise<void> {
		const { namespace, ipv6 } = this.#owner.station;
		await namespace.ip(['link set eth0 up']);
		await namespace.ip([
			`address replace ${ipv6}/64 dev eth0 nodad`,
			`route replace default via ${ROUTER_LAN_IPV4} dev eth0`,
		]);
		await this.#owner.station.addressed();
	}

	figures() {
		const { tries, seen, acted, codes, bytes } = this.#strangers;
		return {
			tries,
			seen,
			acted,
			codes,
			bytes,
			twin_tries: this.#twins.tries,
			twin_acted: this.#twins.acted,
			twin_codes: this.#twins.codes,
			credit_moved: this.#changed.credit,
			devices_moved: this.#changed.devices,
			codes_made: this.#changed.codes,
		};
	}

	stop(): void {
		this.#browser.stop();
	}
}

/** What the customer is to have of it: his pages by both families and by a new address, and his credit to give. @returns refused */
async function ownerHimself(owner: Owner, progress: Progress): Promise<number> {
	const { station } = owner;
	const browser = new Browser(station.namespace);
	try {
		await browser.probe({ kind: 'get', host: station.server('ipv4'), port: 80 });
		await station.namespace.ip([`address add ${PRIVACY_ADDRESS}/64 dev eth0 nodad`]);
		const { ipv4, ipv6 } = FIRST_GROUND.portal;
		const pages = await visit(station, [
			{ host: ipv4, path: '/receipt' },
			{ host: ipv6, path: '/receipt', from: station.ipv6 },
			{ host: ipv6, path: '/receipt', from: PRIVACY_ADDRESS },
		]);
		await station.namespace.ip([`address delete ${PRIVACY_ADDRESS}/64 dev eth0`]);
		const gives = await owner.gives();
		progress(`the owner himself: ${pages.map(({ status }) => status)}, gives: ${gives}`);
		return pages.filter((page) => !tells({ path: '/receipt' }, page)).length + (gives ? 0 : 1);
	} finally {
		browser.stop();
	}
}

/** He comes by an address that nobody knows of, as after a change of his settings: his code opens his session there. @returns refused */
async function comesByAnother(owner: Owner, progress: Progress): Promise<number> {
	const { station } = owner;
	const browser = new Browser(station.namespace);
	try {
		await station.namespace.ip([`address add ${MOVED_ADDRESS}/32 dev eth0`]);
		await delay(IDLE_MS);
		const look = async () =>
			(await visit(station, [{ host: ROUTER_LAN_IPV4, path: '/receipt', from: MOVED_ADDRESS }]))[0];
		const before = await look();
		const entered = await owner.enterCode(MOVED_ADDRESS);
		const after = await look();
		const { outcome } = await browser.probe({
			kind: 'get',
			host: station.server('ipv4'),
			port: 80,
			source: MOVED_ADDRESS,
		});
		progress(`by another address: ${before?.status}, the code ${entered.status}, then ${after?.status}, ${outcome}`);
		await station.namespace.ip([`address delete ${MOVED_ADDRESS}/32 dev eth0`]);
		const isKnown = after !== undefined && tells({ path: '/receipt' }, after);
		return (acted(entered) ? 0 : 1) + (isKnown ? 0 : 1) + (outcome === INTERNET ? 0 : 1);
	} finally {
		browser.stop();
	}
}

/** Owner and thief have the same link-local address, each on his bridge; the router has heard the owner last. */
async function linkLocalOnTwo(lab: Lab, owner: Owner, thief: Thief) {
	const address = 'fe80::1';
	const routerOn = async (device: string) => {
		type Rows = { addr_info: { family: string; local: string; scope: string }[] }[];
		const rows = await lab.router.ipJson<Rows>('address', 'show', 'dev', device, 'scope', 'link');
		return rows.flatMap(({ addr_info }) => addr_info).find(({ family }) => family === 'inet6')?.local ?? '';
	};
	for (const { namespace } of [owner.station, thief.station]) {
		await namespace.ip([`address add ${address}/64 dev eth0 nodad`]);
	}
	const home = await routerOn('br-lan');
	const there = await routerOn(SECOND_BRIDGE);
	const ask = async (station: Station, host: string) => {
		const order = { host: `${host}%eth0`, from: `${address}%eth0` };
		return await visit(station, [
			{ ...order, path: '/api/status' },
			{ ...order, path: '/receipt' },
		]);
	};
	await ask(thief.station, there);
	await ask(owner.station, home);
	const seen = await ask(thief.station, there);
	return {
		link_local_seen: seen.filter((page, index) => tells({ path: index === 0 ? '/api/status' : '/receipt' }, page))
			.length,
	};
}

async function squatted(lab: Lab, agent: AgentHandle, thief: Thief) {
	const victim = lab.station(4);
	await agent.ask('account.create', { account: 'victim' });
	await agent.topUp('victim', 'large');
	const known = (await agent.stations()).find(({ mac }) => mac === thief.station.mac);
	if (known?.account === undefined) await agent.admit('squatter', 'large', [thief.station.mac]);
	const squat = new Squat(lab, { agent, thief, victim });
	await squat.ofLeased();
	await squat.beforeTheLease();
	return { squat_tries: squat.tries === SQUAT_TRIES_MAX ? SQUAT_TRIES_MAX : squat.tries, squat_flows: squat.squatted };
}

/** The thief's own address of IPv6 is to stay when it takes another MAC address. */
async function configureByHand({ namespace, ipv6 }: Station): Promise<void> {
	await namespace.sysctl({ 'net.ipv6.conf.eth0.accept_ra': 0 });
	await namespace.ip([
		`address delete ${ipv6}/64 dev eth0`,
		`address add ${ipv6}/64 dev eth0 nodad`,
		`route replace default via ${ROUTER_LAN_IPV6} dev eth0`,
	]);
}

/** A second metered bridge of the router, with a station on it. */
async function addSecondBridge(lab: Lab, { namespace, number }: Station): Promise<void> {
	const { ipv4, ipv6 } = SECOND_GROUND.portal;
	await lab.router.ip([
		`link add ${SECOND_BRIDGE} type bridge stp_state 0 mcast_snooping 0`,
		`link set lan${number} master ${SECOND_BRIDGE}`,
		`link set ${SECOND_BRIDGE} up`,
		`address add ${ipv4}/16 dev ${SECOND_BRIDGE}`,
		`address add ${ipv6}/64 dev ${SECOND_BRIDGE} nodad`,
	]);
	await lab.internet.ip([`route add 2001:db8:20::/64 via ${ROUTER_WAN_IPV6}`]);
	await namespace.sysctl({ 'net.ipv6.conf.eth0.accept_ra': 0 });
	await namespace.ip([
		'address flush dev eth0 scope global',
		'address add 10.78.0.3/16 dev eth0',
		`route replace default via ${ipv4} dev eth0`,
		'address add 2001:db8:20::3/64 dev eth0 nodad',
		`route replace default via ${ipv6} dev eth0`,
	]);
}
