import { isIPv4 } from 'node:net';
import type { Log } from '../core/log.ts';
import type { BootMs, MacAddress } from '../core/units.ts';
import { type AddressBindings, isLinkLocal, type Sender } from './address-bindings.ts';
import type { Refusal } from './address-refusal.ts';
import type { LeaseGuard } from './lease-guard.ts';
import type { Presence, Probe } from './neighbour-probe.ts';
import { NeighbourQuestions } from './neighbour-questions.ts';

/** Of the session's other addresses, those that are asked whether their device is there: the one of IPv4, and those used last. */
const WITNESSES_MAX = 3;
/** A telephone has a dozen of IPv6 at most (RFC 8981); a program that takes a new one for each connection has some dozens. */
const IPV6_OF_SESSION_MAX = 64;
/** When the holder of an address is asked for it that was leased to another station. */
const DEFENCE_MS = [0, 2000, 4000, 8000, 16_000, 32_000] as const;
/** Claimed addresses whose holders are asked at once: somebody can claim one after the other, and each question reads the table. */
const RECALLED_MAX = 16;
/** From a lease to its address at the device. */
const SETTLE_MS = 300;
export type AddressJudgeOptions = {
	readonly bindings: AddressBindings;
	readonly leases: LeaseGuard;
	readonly probe: Probe;
	/** The flows of a station that has lost an address are cut. */
	readonly onLost: (station: MacAddress) => Promise<void>;
	/**
	 * An address that a station keeps belongs from now on to whom the server says.
	 *
	 * @param hasLeft its device does not answer for its other addresses either: they are the session's no more
	 */
	readonly giveUp: (address: string, hasLeft: boolean) => Promise<void>;
	/** Resolves when the leases of this moment are known. */
	readonly refreshLeases: () => Promise<void>;
	readonly bootMs: () => BootMs;
	readonly after: (delayMs: number, call: () => void) => unknown;
	readonly log: Log;
};

/**
 * Judges whose an address is. What counts is who answers for it *now*: a station that is silent loses it, and a further one belongs to a session
 * if the device that has the session's other addresses has this one too, behind the same port of the bridge.
 */
export class AddressJudge {
	readonly #options: AddressJudgeOptions;
	readonly #recalled = new Set<string>();
	readonly #questions: NeighbourQuestions;

	constructor(options: AddressJudgeOptions) {
		this.#options = options;
		this.#questions = new NeighbourQuestions(options);
	}

	/**
	 * Whose an address is by which a station with a session comes. A lease may have come that was not read yet: so a station that goes to
	 * another bridge is not refused for a moment.
	 *
	 * @returns why it is not the session's; undefined: it is
	 * @throws the `netlink_*` codes
	 */
	async judge(sender: Sender): Promise<Refusal | undefined> {
		const { leases, refreshLeases } = this.#options;
		let why = await this.#judgeNow(sender);
		if (why === 'leased' || why === 'elsewhere' || why === 'second') {
			await refreshLeases();
			why = await this.#judgeNow(sender);
		}
		// Its lease may have come while its device was asked.
		return why === 'unproven' && leases.holds(sender) ? await this.#judgeNow(sender) : why;
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
		this.#askHolder(address, () => (this.#options.leases.formerHolder(address) === mac ? mac : undefined));
	}

	/** The same for an address that somebody claims on the network: it goes back to the station that has it as soon as that answers. */
	recall(address: string): void {
		if (this.#recalled.size >= RECALLED_MAX || this.#recalled.has(address)) return;
		this.#recalled.add(address);
		this.#askHolder(address, async () => await this.#options.bindings.holder(address));
		this.#options.after(DEFENCE_MS.at(-1) as number, () => this.#recalled.delete(address));
	}

	#askHolder(address: string, holder: () => Promise<MacAddress | undefined> | MacAddress | undefined): void {
		const { bindings, after, log } = this.#options;
		const ask = async () => {
			const mac = await holder();
			const device = mac && (await bindings.deviceOf(mac));
			if (device !== undefined) await this.#questions.ask({ mac: mac as MacAddress, address, device }, 'it');
		};
		for (const delayMs of DEFENCE_MS) {
			after(delayMs, () => {
				ask().catch((error) => log.debug({ error, address }, 'could not ask the holder of an address'));
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
			if (device === undefined) return await giveUp(address, false);
			const sender = { mac, address, device };
			const [here, others] = await Promise.all([this.#questions.ask(sender, 'everybody'), this.#others(sender)]);
			if (!here.answered && !here.isUnclear) await giveUp(address, isGone(others));
		};
		after(SETTLE_MS, () => {
			ask().catch((error) => log.debug({ error, mac }, 'could not ask whether a station has moved'));
		});
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
		const { bindings, leases, giveUp } = this.#options;
		if (leases.allows(sender)) return true;
		const kept = leases.isOf(sender) ? leases.keptBy(sender.mac) : undefined;
		if (kept !== undefined) {
			const device = (await bindings.deviceOf(sender.mac)) ?? sender.device;
			const [refusal, others] = await Promise.all([
				this.#refusalOfLease(sender, [kept]),
				this.#others({ mac: sender.mac, address: kept, device }),
			]);
			if (refusal !== undefined) return false;
			await giveUp(kept, isGone(others));
			return leases.allows(sender);
		}
		const former = leases.formerHolder(sender.address);
		if (former === undefined || (await this.#questions.isThere({ ...sender, mac: former }))) return false;
		await giveUp(sender.address, false);
		return leases.allows(sender);
	}

	/** Whether the device of a session answers for its other addresses; undefined: it has none. */
	async #others(sender: Sender): Promise<Presence | undefined> {
		const others = (await this.#options.bindings.of(sender.mac)).filter((one) => one !== sender.address);
		return await this.#questions.first(others.slice(0, WITNESSES_MAX).map((address) => ({ ...sender, address })));
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
		if (!other.answered) return other.isUnclear ? 'unclear' : undefined;
		const { answered, port, isUnclear } = await this.#questions.ask(sender, 'it');
		if (isUnclear || other.isUnclear) return 'unclear';
		return answered && device === sender.device && port === other.port ? undefined : 'unproven';
	}

	/** Undefined: one device answers for this address and for another one of the session, from behind one port. */
	async #refusalOfDevice(sender: Sender, own: readonly string[]): Promise<Refusal | undefined> {
		const asked = own.filter((one) => one !== sender.address).slice(0, WITNESSES_MAX);
		const other = await this.#questions.first(asked.map((address) => ({ ...sender, address })));
		// Whoever sends with the same hardware address from behind another port gets the questions, and is silent.
		if (other !== undefined && !other.answered) return other.isUnclear ? 'unclear' : 'unproven';
		// After the other: who takes turns with the device is behind another port by now.
		const { answered, port, isUnclear } = await this.#questions.ask(sender, 'it');
		if (isUnclear || other?.isUnclear) return 'unclear';
		if (!answered) return 'unproven';
		return other === undefined || other.port === port ? undefined : 'unproven';
	}
}

/** Where nothing follows from an answer or from silence, nobody has gone. */
function isGone(presence: Presence | undefined): boolean {
	return presence !== undefined && !presence.answered && !presence.isUnclear;
}
