import type { Log } from '../core/log.ts';
import {
	decodeHtbClass,
	decodeQdisc,
	deleteClass,
	deleteRoot,
	dumpClasses,
	getRoot,
	type HtbClassFigures,
	type NetlinkConnection,
	type NetlinkRequest,
	newHtbRoot,
	type Qdisc,
	refusalOf,
	setHtbClass,
	setLeafQueue,
} from '../netlink/index.ts';
import { CLASS_MAJOR, classRate } from './class-rate.ts';
import { type LeafKind, leafOf, UNSHAPED_LEAF } from './leaf.ts';

const ROOT_HANDLE = (CLASS_MAJOR << 16) >>> 0;
/** The class of all that has none, on a device that had a queue before us. No pool has this number. */
const UNSHAPED_MINOR = 0xffff;
/**
 * A device without a queue takes packets of several processors at once; with a root they take turns, and must not be dropped for
 * it. Nothing stands there for long: such a device never makes anybody wait.
 */
const DIRECT_PACKETS_MAX = 10_000;
/** 400 Gbit/s: no bound. */
const UNSHAPED_BYTES_PER_SECOND = 50_000_000_000;
/** After so many sweeps without a class the device gets its own queue back: not at once, as the change costs what waits in it. */
const IDLE_SWEEPS_MAX = 6;

export type DeviceOptions = {
	readonly route: NetlinkConnection;
	readonly name: string;
	readonly interfaceIndex: number;
	/** Bytes that the kernel counts for each packet beyond layer 3. */
	readonly headerBytes: number;
	readonly leaf: LeafKind;
	readonly log: Log;
};

/** Who queues on a device. */
export type DeviceState =
	/** The kernel's own default, or not known yet. */
	| { readonly kind: 'default' }
	| { readonly kind: 'ours' }
	/** Somebody else's root (SQM): left alone. */
	| { readonly kind: 'foreign'; readonly qdisc: string };

/** The queues of one device: made when the first is wanted, adopted from an agent before us, removed when they are empty. */
export class ShapedDevice {
	readonly #options: DeviceOptions;
	/** Undefined: to be read before anything else. */
	#state: DeviceState | undefined;
	#rootHandle = 0;
	/** What the kernel holds: the rate of each class, as the class has it. */
	readonly #classes = new Map<number, number>();
	/** Unwanted, but packets that were counted may still stand in them. */
	readonly #leaving = new Set<number>();
	#idleSweeps = 0;
	#drops = { known: 0, total: 0 };

	constructor(options: DeviceOptions) {
		this.#options = options;
	}

	get name(): string {
		return this.#options.name;
	}

	get interfaceIndex(): number {
		return this.#options.interfaceIndex;
	}

	get state(): DeviceState {
		return this.#state ?? { kind: 'default' };
	}

	/** Of the root as it was read last; 0: the kernel's own default. */
	get rootHandle(): number {
		return this.#rootHandle;
	}

	get classCount(): number {
		return this.#classes.size;
	}

	/** Packets that were dropped behind the counters, as of the last look. */
	get droppedPackets(): number {
		return this.#drops.total;
	}

	/** Somebody may have changed the root: it is read before the next change. */
	forget(): void {
		this.#state = undefined;
	}

	/** Whether {@link sweep} has something to do, and whether soon. */
	get dueSweep(): 'soon' | 'sometime' | 'never' {
		if (this.#state?.kind !== 'ours') return 'never';
		return this.#leaving.size > 0 ? 'soon' : 'sometime';
	}

	/** Nothing is sent here any more: its classes go when they are empty, and then the device gets its own queue back. */
	retire(): void {
		for (const id of this.#classes.keys()) this.#leaving.add(id);
		this.#idleSweeps = IDLE_SWEEPS_MAX;
	}

	/**
	 * Makes the classes what is wanted.
	 *
	 * @param wanted bytes a second of every class
	 * @param changed the classes that may differ from it
	 * @throws the `netlink_*` codes; then everything is read anew the next time
	 */
	async reconcile(wanted: ReadonlyMap<number, number>, changed: Iterable<number>): Promise<void> {
		const isKnown = this.#state?.kind === 'ours';
		if (this.#state === undefined) await this.#readState();
		if (this.#state?.kind === 'foreign' || (this.#state?.kind === 'default' && wanted.size === 0)) return;
		if (this.#state?.kind === 'default') await this.#makeRoot();
		if (this.#state?.kind !== 'ours') return;
		const requests: NetlinkRequest[] = [];
		for (const id of isKnown ? changed : new Set([...this.#classes.keys(), ...wanted.keys()])) {
			const rate = wanted.get(id);
			if (rate === undefined) {
				if (this.#classes.has(id)) this.#leaving.add(id);
				continue;
			}
			this.#leaving.delete(id);
			requests.push(...this.#classRequests(id, rate));
		}
		await this.#all(requests);
	}

	/**
	 * Removes classes that nobody wants any more and that are empty: what stands in them was counted, and is to arrive.
	 *
	 * @throws the `netlink_*` codes
	 */
	async sweep(): Promise<void> {
		if (this.#state?.kind !== 'ours') return;
		if (this.#leaving.size > 0) {
			const found = await this.#dump();
			const empty = found.filter(({ handle, figures }) => this.#leaving.has(handle) && figures.backlogPackets === 0);
			const { interfaceIndex } = this.#options;
			await this.#all(empty.map(({ handle }) => deleteClass({ interfaceIndex, handle })));
			for (const { handle } of empty) {
				this.#leaving.delete(handle);
				this.#classes.delete(handle);
			}
		}
		const root = await this.#root();
		this.#noteDrops(root);
		if (this.#classes.size === 0) this.#idleSweeps += 1;
		else if (this.#leaving.size < this.#classes.size) this.#idleSweeps = 0;
		if (
			this.#classes.size > 0 ||
			this.#idleSweeps < IDLE_SWEEPS_MAX ||
			root === undefined ||
			root.figures.backlogPackets > 0
		)
			return;
		await this.#options.route.request(deleteRoot({ interfaceIndex: this.interfaceIndex, handle: ROOT_HANDLE }));
		this.#state = undefined;
	}

	async #readState(): Promise<void> {
		this.#classes.clear();
		this.#leaving.clear();
		this.#idleSweeps = 0;
		const root = await this.#root();
		this.#rootHandle = root?.handle ?? 0;
		if (root === undefined || root.handle === 0) {
			this.#state = { kind: 'default' };
		} else if (root.kind !== 'htb' || root.handle !== ROOT_HANDLE) {
			this.#state = { kind: 'foreign', qdisc: root.kind };
		} else {
			this.#noteDrops(root);
			for (const { handle, bytesPerSecond } of await this.#dump()) this.#classes.set(handle, bytesPerSecond);
			this.#state = { kind: 'ours' };
			this.#options.log.debug({ device: this.name, classes: this.#classes.size }, 'adopting the queues of a device');
		}
	}

	async #makeRoot(): Promise<void> {
		const { route, interfaceIndex, headerBytes, leaf, log, name } = this.#options;
		const before = await this.#root();
		// Without a queue of its own a device sends at once, and so does what is not shaped on it from now on.
		const hadQueue = before !== undefined && before.kind !== 'noqueue' && leaf === 'fq_codel';
		const defaultMinor = hadQueue ? UNSHAPED_MINOR : 0;
		// Before it is there: the event that tells of it may be faster than the answer.
		this.#rootHandle = ROOT_HANDLE;
		try {
			const overheadBytes = 0 - headerBytes;
			const direct = before?.kind === 'noqueue' ? { directPacketsMax: DIRECT_PACKETS_MAX } : {};
			await route.request(newHtbRoot({ interfaceIndex, handle: ROOT_HANDLE, defaultMinor, overheadBytes, ...direct }));
		} catch (error) {
			if (refusalOf(error)[0]?.errno !== 'EEXIST') throw error;
			return this.#readState();
		}
		this.#state = { kind: 'ours' };
		this.#drops.known = 0;
		log.info({ device: name, queue: leaf }, 'queueing on a device');
		if (!hadQueue) return;
		const handle = ROOT_HANDLE + UNSHAPED_MINOR;
		const rate = { bytesPerSecond: UNSHAPED_BYTES_PER_SECOND, burstBytes: 1 << 20, quantumBytes: 60_000 };
		await this.#all([
			setHtbClass({ interfaceIndex, handle, parent: ROOT_HANDLE, ...rate }),
			setLeafQueue({ interfaceIndex, parent: handle }, UNSHAPED_LEAF),
		]);
	}

	#classRequests(id: number, bytesPerSecond: number): NetlinkRequest[] {
		const { interfaceIndex, leaf } = this.#options;
		const rate = classRate(bytesPerSecond);
		const now = this.#classes.get(id);
		if (now === rate.bytesPerSecond) return [];
		this.#classes.set(id, rate.bytesPerSecond);
		const change = setHtbClass({ interfaceIndex, handle: id, parent: ROOT_HANDLE, ...rate });
		const existing = now === undefined ? 'refuse' : 'update';
		return [change, setLeafQueue({ interfaceIndex, parent: id }, leafOf(leaf, bytesPerSecond), { existing })];
	}

	async #all(requests: readonly NetlinkRequest[]): Promise<void> {
		if (requests.length === 0) return;
		const [refused] = await this.#options.route.each(requests);
		if (refused === undefined) return;
		const { what } = requests[refused.index] ?? { what: '' };
		this.forget();
		this.#options.log.warn(
			{ device: this.name, what, errno: refused.errno, text: refused.text },
			'a queue was refused',
		);
	}

	async #dump(): Promise<HtbClassFigures[]> {
		const { route, interfaceIndex } = this.#options;
		const found = await route.list(dumpClasses({ interfaceIndex, handle: ROOT_HANDLE }), decodeHtbClass);
		return found.filter(({ handle }) => handle !== ROOT_HANDLE + UNSHAPED_MINOR && handle >>> 16 === CLASS_MAJOR);
	}

	/** Undefined: the device has gone, or is down and has none. */
	async #root(): Promise<Qdisc | undefined> {
		try {
			const [message] = await this.#options.route.get(getRoot(this.interfaceIndex));
			return message && decodeQdisc(message);
		} catch (error) {
			const errno = refusalOf(error)[0]?.errno;
			if (errno === 'ENOENT' || errno === 'ENODEV' || errno === 'EINVAL') return undefined;
			throw error;
		}
	}

	#noteDrops(root: Qdisc | undefined): void {
		if (root === undefined) return;
		this.#drops.total += Math.max(0, root.figures.drops - this.#drops.known);
		this.#drops.known = root.figures.drops;
	}
}
