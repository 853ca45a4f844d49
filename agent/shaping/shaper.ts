import type { Log } from '../core/log.ts';
import {
	decodeLink,
	decodeLinkEvent,
	decodeQdisc,
	dumpLinks,
	isDefaultRouteEvent,
	NETLINK_ROUTE,
	NetlinkConnection,
	NetlinkEvents,
	type NetlinkMessage,
	RTM_DELQDISC,
	RTNLGRP_IPV4_ROUTE,
	RTNLGRP_IPV6_ROUTE,
	RTNLGRP_LINK,
	RTNLGRP_TC,
	TC_H_ROOT,
} from '../netlink/index.ts';
import type { ClassRates } from './class-rate.ts';
import { readUplinks } from './default-routes.ts';
import { type DeviceShaping, describeProblem } from './device-shaping.ts';
import { type Abilities, probeAbilities } from './leaf.ts';
import { ShapedDevice } from './shaped-device.ts';

/** How often leaving classes are looked at: about as long as a queue takes to run empty. */
const SWEEP_MS = 200;
/** How often drops are read, where no class is leaving. */
const LOOK_MS = 10_000;
/** After something failed; doubled each time, up to the longest. */
const RETRY_MS = 2000;
const RETRY_MS_MAX = 60_000;
/** Ethernet's header, that the kernel counts with each packet. */
const ETHERNET_BYTES = 14;

export type ShaperOptions = {
	/** Devices behind which the stations are: what they receive queues there. */
	readonly metered: readonly string[];
	/** The devices of the default routes, as they are now: what stations send queues there. Default: as the kernel has them. */
	readonly uplinks?: () => readonly string[];
	readonly log: Log;
	/** Where speeds are held without queues, and why, in a sentence; undefined: nowhere (any more). */
	readonly onProblem: (sentence: string | undefined) => void;
	/** Calls once after a delay, and can be called off. Node's timers unless a test gives its own. */
	readonly after?: (delayMs: number, call: () => void) => () => void;
};

/**
 * Queues in the kernel for the rates that the rules limit: htb classes that packets find by their priority, which the rules set.
 * The limit stands before the counter and decides what passes, the queue makes it smooth; so what is counted arrives.
 * Without a queue (the kernel has none, or somebody else queues on the device) the limit holds the rate alone.
 *
 * It keeps nothing that the kernel does not have: a new agent says what it wants, and adopts what is there.
 */
export class Shaper {
	readonly #options: ShaperOptions;
	readonly #after: (delayMs: number, call: () => void) => () => void;
	readonly #route = new NetlinkConnection({ protocol: NETLINK_ROUTE });
	readonly #events = new NetlinkEvents({
		protocol: NETLINK_ROUTE,
		groups: [RTNLGRP_TC, RTNLGRP_LINK, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE],
	});
	/** By class. */
	readonly #wanted = { up: new Map<number, number>(), down: new Map<number, number>() };
	#changed = new Set<number>();
	readonly #devices = new Map<string, { readonly direction: 'up' | 'down'; device: ShapedDevice }>();
	/** Were uplinks, and are still there. */
	readonly #former = new Map<string, ShapedDevice>();
	#abilities: Abilities = { htb: false, leaf: 'bfifo' };
	#mustLook = false;
	#running: Promise<void> | undefined;
	#cancelSweep: (() => void) | undefined;
	#sweepWaitMs = 0;
	#retryMs = RETRY_MS;
	#problem: string | undefined;
	#stopped = false;

	constructor(options: ShaperOptions) {
		this.#options = options;
		this.#after = options.after ?? afterUnreferenced;
	}

	/** Looks what the kernel has. What fails costs the queues, not the start. @throws OctroiError `netlink_closed` */
	async start(): Promise<void> {
		this.#route.start();
		this.#events.start(
			(message) => this.#hear(message),
			() => this.#lookAnew(),
		);
		const { log } = this.#options;
		try {
			const loopback = (await this.#links()).find(({ name }) => name === 'lo');
			this.#abilities = await probeAbilities(this.#route, loopback?.interfaceIndex ?? 1);
			log.info({ ...this.#abilities }, 'queues of the kernel');
		} catch (error) {
			log.warn({ error }, 'could not find out which queues the kernel has: doing without');
		}
		this.#mustLook = true;
	}

	/** Lets go; the queues stay. May be called twice. */
	stop(): void {
		this.#stopped = true;
		this.#cancelSweep?.();
		this.#events.stop();
		this.#route.stop();
	}

	/** What a class shall be from now on; undefined: it is not needed. Never fails: the limits hold in any case. */
	want(classId: number, rates: ClassRates | undefined): void {
		for (const direction of ['up', 'down'] as const) {
			const rate = rates?.[direction];
			if (this.#wanted[direction].get(classId) === rate) continue;
			this.#changed.add(classId);
			if (rate === undefined) this.#wanted[direction].delete(classId);
			else this.#wanted[direction].set(classId, rate);
		}
		if (this.#changed.size > 0) this.#run();
	}

	/** All classes that shall be; what else there is of ours goes. */
	wantOnly(classes: ReadonlyMap<number, ClassRates>): void {
		for (const id of new Set([...this.#wanted.up.keys(), ...this.#wanted.down.keys()])) {
			if (!classes.has(id)) this.want(id, undefined);
		}
		for (const [id, rates] of classes) this.want(id, rates);
		this.#lookAnew();
	}

	/** Resolves when the kernel has what was wanted, as far as it can. */
	async settled(): Promise<void> {
		while (this.#running) await this.#running;
	}

	/** What holds the rates now. */
	devices(): DeviceShaping[] {
		return [...this.#devices.values()].map(({ direction, device }) => {
			const { state, name, classCount: classes, droppedPackets } = device;
			const foreign = state.kind === 'foreign' ? { foreign: state.qdisc } : {};
			const by = state.kind === 'foreign' || !this.#abilities.htb ? 'limit' : 'queue';
			return { device: name, direction, by, classes, droppedPackets, ...foreign };
		});
	}

	#hear(message: NetlinkMessage): void {
		const qdisc = decodeQdisc(message);
		if (qdisc?.parent === TC_H_ROOT) {
			for (const { device } of this.#devices.values()) {
				if (device.interfaceIndex !== qdisc.interfaceIndex) continue;
				const isNews = (message.type === RTM_DELQDISC) === (qdisc.handle === device.rootHandle);
				if (!isNews) continue;
				device.forget();
				this.#look();
			}
		} else if (decodeLinkEvent(message) || isDefaultRouteEvent(message)) this.#look();
	}

	#look(): void {
		this.#mustLook = true;
		this.#run();
	}

	#lookAnew(): void {
		for (const { device } of this.#devices.values()) device.forget();
		this.#look();
	}

	/** One after the other; what comes meanwhile is done together afterwards. */
	#run(): void {
		if (this.#running || this.#stopped) return;
		this.#running = this.#work()
			.catch((error) => {
				if (this.#stopped) return;
				const waitMs = this.#retryMs;
				this.#retryMs = Math.min(RETRY_MS_MAX, waitMs * 2);
				this.#options.log.warn({ error, waitMs }, 'could not set up queues; trying again');
				this.#after(waitMs, () => this.#lookAnew());
			})
			.finally(() => {
				this.#running = undefined;
			});
	}

	async #work(): Promise<void> {
		// Whoever wants something wants more at once: let it say all.
		await Promise.resolve();
		while (!this.#stopped && (this.#mustLook || this.#changed.size > 0)) {
			const changed = this.#changed;
			this.#changed = new Set();
			if (this.#mustLook) {
				this.#mustLook = false;
				await this.#findDevices();
			}
			if (this.#abilities.htb) await this.#reconcile(changed);
			this.#tell();
		}
		this.#retryMs = RETRY_MS;
		this.#planSweep();
	}

	/** A device that refuses keeps no other from its queues. */
	async #reconcile(changed: ReadonlySet<number>): Promise<void> {
		let failure: unknown;
		for (const { direction, device } of this.#devices.values()) {
			try {
				await device.reconcile(this.#wanted[direction], changed);
			} catch (error) {
				device.forget();
				failure = error;
			}
		}
		if (failure !== undefined) throw failure;
	}

	async #links() {
		return this.#route.list(dumpLinks(), decodeLink);
	}

	/** A device that comes back under another index is another one. */
	async #findDevices(): Promise<void> {
		const { metered, uplinks = readUplinks, log } = this.#options;
		const links = new Map((await this.#links()).map((link) => [link.name, link]));
		const directions = new Map<string, 'up' | 'down'>();
		for (const name of uplinks()) directions.set(name, 'up');
		for (const name of metered) directions.set(name, 'down');
		for (const [name, { direction, device }] of this.#devices) {
			const isSame = directions.get(name) === direction && links.get(name)?.interfaceIndex === device.interfaceIndex;
			if (isSame) continue;
			this.#devices.delete(name);
			device.retire();
			if (links.get(name)?.interfaceIndex === device.interfaceIndex) this.#former.set(name, device);
		}
		for (const [name, direction] of directions) {
			const link = links.get(name);
			if (link === undefined || !link.up || this.#devices.has(name)) continue;
			this.#former.delete(name);
			const headerBytes = link.mac === undefined ? 0 : ETHERNET_BYTES;
			const { interfaceIndex } = link;
			const { leaf } = this.#abilities;
			const device = new ShapedDevice({ route: this.#route, name, interfaceIndex, headerBytes, leaf, log });
			this.#devices.set(name, { direction, device });
		}
	}

	#planSweep(): void {
		if (this.#stopped) return;
		const due = this.#all().map((device) => device.dueSweep);
		if (due.every((when) => when === 'never')) return;
		const waitMs = due.includes('soon') ? SWEEP_MS : LOOK_MS;
		// One that is to come as soon is not put off by every change.
		if (this.#cancelSweep && this.#sweepWaitMs <= waitMs) return;
		this.#cancelSweep?.();
		this.#sweepWaitMs = waitMs;
		this.#cancelSweep = this.#after(waitMs, () => {
			this.#cancelSweep = undefined;
			if (this.#running) return;
			this.#running = this.#sweep()
				.catch((error) => {
					if (!this.#stopped) this.#options.log.warn({ error }, 'could not look at the queues');
				})
				.finally(() => {
					this.#running = undefined;
					if (this.#changed.size > 0 || this.#mustLook) this.#run();
					else this.#planSweep();
				});
		});
	}

	async #sweep(): Promise<void> {
		for (const device of this.#all()) await device.sweep();
		for (const [name, device] of this.#former) if (device.dueSweep === 'never') this.#former.delete(name);
	}

	#all(): ShapedDevice[] {
		return [...[...this.#devices.values()].map(({ device }) => device), ...this.#former.values()];
	}

	#tell(): void {
		const isWanted = this.#wanted.up.size + this.#wanted.down.size > 0;
		const sentence = isWanted ? describeProblem(this.#abilities.htb, this.devices()) : undefined;
		if (sentence === this.#problem) return;
		this.#problem = sentence;
		if (sentence === undefined) this.#options.log.info({}, 'rates are held by queues everywhere');
		else this.#options.log.warn({ problem: sentence }, 'rates are held by dropping packets');
		this.#options.onProblem(sentence);
	}
}

function afterUnreferenced(delayMs: number, call: () => void): () => void {
	const timer = setTimeout(call, delayMs).unref();
	return () => clearTimeout(timer);
}
