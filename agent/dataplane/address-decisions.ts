import { isIPv4 } from 'node:net';
import type { Log } from '../core/log.ts';
import type { BootMs, MacAddress } from '../core/units.ts';
import { type AddressBindings, isLinkLocal, type Sender } from './address-bindings.ts';
import { DENIED_MS, type Refusal } from './address-refusal.ts';
import type { LeaseGuard } from './lease-guard.ts';
import type { Probe } from './neighbour-probe.ts';
import { keyOf, NeighbourQuestions, remember } from './neighbour-questions.ts';

/** Of the session's other addresses, those that are asked whether their device is there: the one of IPv4, and those used last. */
const WITNESSES_MAX = 3;
/** A telephone has a dozen of IPv6 at most (RFC 8981); a program that takes a new one for each connection has some dozens. */
const IPV6_OF_SESSION_MAX = 64;
/** At once. Each asks some neighbours for 3 seconds at most; what comes meanwhile waits in the kernel's set, or comes again. */
const UNDER_WAY_MAX = 256;
/** Of one station, so that it does not keep others from being judged. */
const UNDER_WAY_OF_STATION_MAX = 32;
/** Beyond all of them, for the first one of each station that has none under way. */
const UNDER_WAY_OF_NEWCOMERS_MAX = 256;
/** When the holder of an address is asked for it that was leased to another station. */
const DEFENCE_MS = [0, 2000, 4000, 8000, 16_000, 32_000] as const;
/** From a lease to its address at the device. */
const SETTLE_MS = 300;
/** Between two looks at what the kernel has: a flood wakes us no more often. */
const LOOK_INTERVAL_MS = 100;

export type AddressDecisionsOptions = {
	readonly bindings: AddressBindings;
	readonly leases: LeaseGuard;
	readonly probe: Probe;
	/** One after the other with all other changes of the table. */
	readonly serially: (work: () => Promise<void>) => Promise<void>;
	/** Whether a station has a meter: nothing is bound to another one, also if it has left meanwhile. */
	readonly hasSession: (station: MacAddress) => boolean;
	/** The kernel's alarm rings again with the next address. */
	readonly rearm: () => Promise<void>;
	/** The flows of a station that has lost an address are cut. */
	readonly onLost: (station: MacAddress) => Promise<void>;
	/** An address that another station leases belongs to that from now on. */
	readonly giveUp: (address: string) => Promise<void>;
	/** Resolves when the leases of this moment are known. */
	readonly refreshLeases: () => Promise<void>;
	readonly bootMs: () => BootMs;
	readonly after: (delayMs: number, call: () => void) => unknown;
	readonly log: Log;
};

/**
 * Decides whose an address is where the kernel cannot: it drops the packets of an entitled station in silence, and asks. What counts is who answers
 * for an address *now*: a station that is silent loses it, and a further one belongs to a session if the device that has the session's other
 * addresses has this one too, behind the same port of the bridge.
 */
export class AddressDecisions {
	readonly #options: AddressDecisionsOptions;
	readonly #underWay = new Map<string, { readonly mac: MacAddress; readonly answer: Promise<Refusal | undefined> }>();
	readonly #denied = new Map<string, { readonly sender: Sender; readonly why: Refusal; readonly untilMs: number }>();
	readonly #questions: NeighbourQuestions;
	#isLooking = false;
	#isWoken = false;

	constructor(options: AddressDecisionsOptions) {
		this.#options = options;
		this.#questions = new NeighbourQuestions(options);
	}

	/** The kernel has addresses that are not decided. However often it says so, one look waits at most. */
	wake(): void {
		this.#isWoken = true;
		if (this.#isLooking) return;
		this.#isLooking = true;
		this.#isWoken = false;
		this.#look()
			.catch((error) => this.#options.log.debug({ error }, 'could not read the addresses that are to be decided'))
			.finally(() => {
				this.#options.after(LOOK_INTERVAL_MS, () => {
					this.#isLooking = false;
					if (this.#isWoken) this.wake();
				});
			});
	}

	async #look(): Promise<void> {
		// Before the look: what comes after it rings.
		await this.#options.rearm();
		for (const sender of await this.#options.bindings.undecided()) {
			if (this.#underWay.has(keyOf(sender))) continue;
			if (this.#hasRoom(sender))
				this.decide(sender).catch((error) => this.#options.log.warn({ error, ...sender }, FAILED));
			else this.#isWoken = true;
		}
	}

	#hasRoom({ mac }: Sender): boolean {
		let own = 0;
		for (const one of this.#underWay.values()) if (one.mac === mac) own += 1;
		if (own === 0) return this.#underWay.size < UNDER_WAY_MAX + UNDER_WAY_OF_NEWCOMERS_MAX;
		return this.#underWay.size < UNDER_WAY_MAX && own < UNDER_WAY_OF_STATION_MAX;
	}

	/**
	 * Decides whether an address by which a station with a session comes belongs to it, and binds it. A refusal stands for some seconds.
	 *
	 * @returns why not; undefined: it is bound
	 * @throws the `netlink_*` codes
	 */
	async decide(sender: Sender): Promise<Refusal | undefined> {
		const key = keyOf(sender);
		const known = this.#denied.get(key);
		if (known !== undefined && known.untilMs > this.#options.bootMs()) return known.why;
		const before = this.#underWay.get(key);
		if (before !== undefined) return await before.answer;
		const answer = this.#decideNow(sender);
		this.#underWay.set(key, { mac: sender.mac, answer });
		try {
			return await answer;
		} finally {
			this.#underWay.delete(key);
		}
	}

	/**
	 * Whether an address can be bound to the session of its station by a proof that the session is his: asked before anything is sold.
	 * Changes nothing.
	 *
	 * @throws the `netlink_*` codes
	 */
	async obstacle(sender: Sender): Promise<Refusal | undefined> {
		const { leases, bindings } = this.#options;
		if (isLinkLocal(sender.address)) return undefined;
		if (!(await this.#isLeasedTo(sender)) && !leases.isOf(sender)) return 'leased';
		const holder = await bindings.holder(sender.address);
		if (holder === undefined || holder === sender.mac || leases.isOf(sender)) return undefined;
		return (await this.#questions.isThere({ ...sender, mac: holder })) ? 'taken' : undefined;
	}

	/** Takes an address away from a station that no longer answers for it. @returns whether it is free */
	async free(sender: Sender): Promise<boolean> {
		const { bindings, onLost } = this.#options;
		const holder = await bindings.holder(sender.address);
		if (holder === undefined || holder === sender.mac) return true;
		if (await this.#questions.isThere({ ...sender, mac: holder })) return false;
		await bindings.unbind(holder, sender.address);
		await onLost(holder);
		this.#options.log.info(
			{ address: sender.address, holder, station: sender.mac },
			'an address went to the station that answers',
		);
		return true;
	}

	/**
	 * Asks the holder of an address that the DHCP server has leased to another station for it, some times within a minute: his answers bring the
	 * router's neighbour entry back to him, which whoever asked for the lease has turned to himself. He keeps the address, if he answers or not;
	 * he loses it when the other one wants it and he is silent.
	 */
	defend({ mac, address }: { mac: MacAddress; address: string }): void {
		const { bindings, leases, after, log } = this.#options;
		const ask = async () => {
			if (leases.formerHolder(address) !== mac) return;
			const device = await bindings.deviceOf(mac);
			if (device !== undefined) await this.#questions.ask({ mac, address, device });
		};
		for (const delayMs of DEFENCE_MS) {
			after(delayMs, () => {
				ask().catch((error) => log.debug({ error, mac, address }, 'could not ask the holder of an address'));
			});
		}
	}

	/** A station leases another address than that of its session: it goes with it if its device no longer answers for the former one. */
	settle(mac: MacAddress): void {
		const { bindings, leases, giveUp, after, log } = this.#options;
		const ask = async () => {
			const address = leases.keptBy(mac);
			if (address === undefined) return;
			const device = await bindings.deviceOf(mac);
			const { answered, isApart } =
				device === undefined
					? { answered: false, isApart: false }
					: await this.#questions.ask({ mac, address, device });
			if (!answered && !isApart) await giveUp(address);
		};
		after(SETTLE_MS, () => {
			ask().catch((error) => log.debug({ error, mac }, 'could not ask whether a station has moved'));
		});
	}

	/** Its owner has proved that the session is his: refusals of this address are over. @throws the `netlink_*` codes */
	async proven(sender: Sender): Promise<void> {
		this.#denied.delete(keyOf(sender));
		await this.#options.bindings.decided(sender, 0);
	}

	/** These stations have leases that they had not, or another session: what they were refused may be right now. @throws the `netlink_*` codes */
	async reconsider(stations: ReadonlySet<MacAddress>): Promise<void> {
		for (const [key, { sender }] of this.#denied)
			if (stations.has(sender.mac)) {
				this.#denied.delete(key);
				await this.#options.bindings.decided(sender, 0);
			}
	}

	async #decideNow(sender: Sender): Promise<Refusal | undefined> {
		const { bindings, bootMs, hasSession, serially, log } = this.#options;
		const why = hasSession(sender.mac) ? await this.#judge(sender) : 'unproven';
		// Not between the end of a session and the release of its addresses.
		await serially(async () => {
			if (why === undefined && hasSession(sender.mac)) await bindings.take(sender);
		});
		const isBound = why === undefined && (await bindings.owns(sender));
		const refusal = isBound ? undefined : (why ?? 'unproven');
		const deniedMs = refusal === undefined ? 0 : DENIED_MS[refusal];
		if (refusal !== undefined && deniedMs > 0) {
			remember(this.#denied, keyOf(sender), { sender, why: refusal, untilMs: bootMs() + deniedMs });
		}
		await bindings.decided(sender, deniedMs);
		log.debug({ ...sender, refusal }, 'decided whose an address is');
		return refusal;
	}

	/** A lease may have come that was not read yet: so a station that goes to another bridge is not refused for a moment. */
	async #judge(sender: Sender): Promise<Refusal | undefined> {
		const { leases, refreshLeases } = this.#options;
		let why = await this.#judgeNow(sender);
		if (why === 'leased' || why === 'elsewhere' || why === 'second') {
			await refreshLeases();
			why = await this.#judgeNow(sender);
		}
		// Its lease may have come while its device was asked.
		return why === 'unproven' && leases.holds(sender) ? await this.#judgeNow(sender) : why;
	}

	async #judgeNow(sender: Sender): Promise<Refusal | undefined> {
		const { bindings, leases } = this.#options;
		const { mac, address } = sender;
		if (isLinkLocal(address)) return 'unproven';
		if (!(await this.#isLeasedTo(sender))) return 'leased';
		if (await bindings.owns(sender)) return undefined;
		if (await bindings.isElsewhere(sender)) return 'elsewhere';
		const own = await bindings.of(mac);
		if (leases.holds(sender)) return await this.#refusalOfLease(sender, own);
		if (isIPv4(address) && own.some((one) => isIPv4(one))) return 'second';
		// First of all its holder: a question to somebody else turns the router's neighbour entry to him, and with it what is sent there.
		const holder = await bindings.holder(address);
		if (holder !== undefined && holder !== mac && (await this.#questions.isThere({ ...sender, mac: holder })))
			return 'taken';
		const refusal = await this.#refusalOfDevice(sender, own);
		if (refusal !== undefined) return refusal;
		if (!(await this.free(sender))) return 'taken';
		const ipv6 = own.filter((one) => !isIPv4(one));
		for (const oldest of ipv6.slice(IPV6_OF_SESSION_MAX - 1)) await bindings.unbind(mac, oldest);
		return undefined;
	}

	/** A lease that the server gave to another one too early is his when its holder is gone; another one of his own, when his device has gone with it. */
	async #isLeasedTo(sender: Sender): Promise<boolean> {
		const { leases, giveUp } = this.#options;
		if (leases.allows(sender)) return true;
		const kept = leases.isOf(sender) ? leases.keptBy(sender.mac) : undefined;
		if (kept !== undefined) {
			if ((await this.#refusalOfLease(sender, [kept])) !== undefined) return false;
			await giveUp(kept);
			return leases.allows(sender);
		}
		const former = leases.formerHolder(sender.address);
		if (former === undefined || (await this.#questions.isThere({ ...sender, mac: former }))) return false;
		await giveUp(sender.address);
		return leases.allows(sender);
	}

	/**
	 * Undefined: the device of the session has this leased address now. Nobody answers for the others any more, or it answers for them and for this
	 * one, behind one port: anybody can lease an address in somebody's name.
	 */
	async #refusalOfLease(sender: Sender, own: readonly string[]): Promise<Refusal | undefined> {
		const device = (await this.#options.bindings.deviceOf(sender.mac)) ?? sender.device;
		const asked = own.filter((one) => one !== sender.address).slice(0, WITNESSES_MAX);
		const other = await this.#questions.first(asked.map((address) => ({ ...sender, address, device })));
		if (other === undefined) return undefined;
		if (!other.answered) return other.isApart ? 'unclear' : undefined;
		const { answered, port, isApart } = await this.#questions.ask(sender);
		if (isApart || other.isApart) return 'unclear';
		return answered && device === sender.device && port === other.port ? undefined : 'unproven';
	}

	/** Undefined: one device answers for this address and for another one of the session, from behind one port. */
	async #refusalOfDevice(sender: Sender, own: readonly string[]): Promise<Refusal | undefined> {
		const asked = own.filter((one) => one !== sender.address).slice(0, WITNESSES_MAX);
		const other = await this.#questions.first(asked.map((address) => ({ ...sender, address })));
		// Whoever sends with the same hardware address from behind another port gets the questions, and is silent.
		if (other !== undefined && !other.answered) return other.isApart ? 'unclear' : 'unproven';
		// After the other: who takes turns with the device is behind another port by now.
		const { answered, port, isApart } = await this.#questions.ask(sender);
		if (isApart || other?.isApart) return 'unclear';
		if (!answered) return 'unproven';
		return other === undefined || other.port === port ? undefined : 'unproven';
	}
}

const FAILED = 'could not decide whose an address is';
