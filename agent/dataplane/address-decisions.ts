import type { MacAddress } from '../core/units.ts';
import type { Sender } from './address-bindings.ts';
import { AddressJudge, type AddressJudgeOptions } from './address-judge.ts';
import { DENIED_MS, type Refusal } from './address-refusal.ts';
import { keyOf, remember } from './neighbour-questions.ts';

/** At once. Each asks some neighbours for 3 seconds at most; what comes meanwhile waits in the kernel's set, or comes again. */
const UNDER_WAY_MAX = 256;
/** Of one station, so that it does not keep others from being judged. */
const UNDER_WAY_OF_STATION_MAX = 32;
/** Beyond all of them, for the first one of each station that has none under way. */
const UNDER_WAY_OF_NEWCOMERS_MAX = 256;
/** Between two looks at what the kernel has: a flood wakes us no more often. */
const LOOK_INTERVAL_MS = 100;

export type AddressDecisionsOptions = AddressJudgeOptions & {
	/** One after the other with all other changes of the table. */
	readonly serially: (work: () => Promise<void>) => Promise<void>;
	/** Whether a station has a meter: nothing is bound to another one, also if it has left meanwhile. */
	readonly hasSession: (station: MacAddress) => boolean;
	/** The kernel's alarm rings again with the next address. */
	readonly rearm: () => Promise<void>;
};

/**
 * Decides whose an address is where the kernel cannot: it drops the packets of an entitled station in silence, and asks. Some decisions are under way
 * at once, of many stations; what was refused stays so for some seconds.
 */
export class AddressDecisions {
	readonly #options: AddressDecisionsOptions;
	readonly #underWay = new Map<string, { readonly mac: MacAddress; readonly answer: Promise<Refusal | undefined> }>();
	readonly #denied = new Map<string, { readonly sender: Sender; readonly why: Refusal; readonly untilMs: number }>();
	readonly judge: AddressJudge;
	#isLooking = false;
	#isWoken = false;

	constructor(options: AddressDecisionsOptions) {
		this.#options = options;
		this.judge = new AddressJudge(options);
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
		const why = hasSession(sender.mac) ? await this.judge.judge(sender) : 'unproven';
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
}

const FAILED = 'could not decide whose an address is';
