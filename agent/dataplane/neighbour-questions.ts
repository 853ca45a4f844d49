import { OctroiError } from '../core/octroi-error.ts';
import type { BootMs } from '../core/units.ts';
import type { Sender } from './address-bindings.ts';
import type { Asked, Presence, Probe } from './neighbour-probe.ts';

/** Who did not answer is asked again after this: a form asks first and then acts. */
const SILENT_MS = 10_000;
/** What is remembered of silence; the oldest is forgotten first, and then asked again. */
const REMEMBERED_MAX = 4096;

/** The questions to neighbours that are under way: several decisions ask the same at once, and of one address one device at a time. */
export class NeighbourQuestions {
	readonly #probe: Probe;
	readonly #bootMs: () => BootMs;
	readonly #asked = new Map<string, Promise<Presence>>();
	/** The kernel has one entry for an address: two questions at once about whose it is would spoil each other. */
	readonly #lastOfAddress = new Map<string, Promise<unknown>>();
	readonly #silentUntilMs = new Map<string, number>();

	constructor({ probe, bootMs }: { probe: Probe; bootMs: () => BootMs }) {
		this.#probe = probe;
		this.#bootMs = bootMs;
	}

	/**
	 * Asks a device whether it has an address. Where its silence takes something from somebody, everybody is asked; where it only gives
	 * nothing, the device alone: what somebody invents does not make the router speak to all.
	 *
	 * @throws the `netlink_*` codes
	 */
	async ask(sender: Sender, whom: Asked): Promise<Presence> {
		const key = `${keyOf(sender)} ${whom}`;
		const asked = this.#asked.get(key) ?? this.#inTurn(sender, whom);
		this.#asked.set(key, asked);
		try {
			return await asked;
		} finally {
			this.#asked.delete(key);
		}
	}

	/** Whether it answers, or may do so unheard; or was silent some seconds ago. @throws the `netlink_*` codes */
	async isThere(sender: Sender): Promise<boolean> {
		const key = keyOf(sender);
		if ((this.#silentUntilMs.get(key) ?? 0) > this.#bootMs()) return false;
		const { answered, isUnclear = false } = await this.ask(sender, 'everybody');
		if (answered || isUnclear) return true;
		remember(this.#silentUntilMs, key, this.#bootMs() + SILENT_MS);
		return false;
	}

	/**
	 * Asks a device for several addresses.
	 *
	 * @returns the first answer, or silence, as is known after 3 seconds; undefined: there was nothing to ask for
	 * @throws the `netlink_*` codes
	 */
	async first(senders: readonly Sender[]): Promise<Presence | undefined> {
		if (senders.length === 0) return undefined;
		let isUnclear = false;
		const answers = senders.map(async (sender) => {
			const presence = await this.ask(sender, 'everybody');
			isUnclear ||= presence.isUnclear === true;
			if (!presence.answered) throw new Error('silent');
			return presence;
		});
		try {
			return await Promise.any(answers);
		} catch (error) {
			const failed = (error as AggregateError).errors.find((one) => one instanceof OctroiError);
			if (failed !== undefined) throw failed;
			return { answered: false, isUnclear };
		}
	}

	async #inTurn(sender: Sender, whom: Asked): Promise<Presence> {
		const address = `${sender.device} ${sender.address}`;
		const before = this.#lastOfAddress.get(address) ?? Promise.resolve();
		const answer = before.then(() => this.#probe(sender, whom));
		const ended = answer.catch(() => undefined);
		this.#lastOfAddress.set(address, ended);
		try {
			return await answer;
		} finally {
			if (this.#lastOfAddress.get(address) === ended) this.#lastOfAddress.delete(address);
		}
	}
}

/** A device with an address, as the key of what is remembered of it. */
export function keyOf({ mac, address, device }: Sender): string {
	return `${mac} ${address} ${device}`;
}

/** Keeps a bounded number; the oldest goes. */
export function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
	map.delete(key);
	map.set(key, value);
	if (map.size <= REMEMBERED_MAX) return;
	for (const oldest of map.keys()) {
		map.delete(oldest);
		break;
	}
}
