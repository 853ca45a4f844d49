import type { Log } from '../core/log.ts';
import { macAddressOf } from '../core/mac-address.ts';
import type { MacAddress } from '../core/units.ts';
import {
	NF_REPEAT,
	NFQA_CFG_F_FAIL_OPEN,
	NFQA_CFG_F_GSO,
	PacketQueue,
	type QueuedPacket,
	type QueueOptions,
} from '../netlink/index.ts';
import { freeBitOf, tetheredBitOf } from './mark.ts';

/** Whose flow it is: the station's own, or of a device behind it. Owned here, answered by whoever knows how to tell. */
export type FlowJudge = {
	/** @param packet the first one of the flow, from its IP header on, cut at {@link COPY_BYTES}. Its bytes are hostile, and
	 * only valid during the call */
	classify(station: MacAddress, packet: Buffer): 'own' | 'tethered';
};

/** Holds the headers and all options of IPv6 and TCP (40 + 60), and the beginning of what they carry. */
const COPY_BYTES = 160;
/**
 * Packets that wait: 20 ms of work at 40 µs each. What comes beyond passes as `own` (fail-open), metered as ever. Not more, for
 * a reader that stands still holds them.
 */
const LENGTH_MAX = 512;
/** So many verdicts are given at once, while packets keep coming. */
const BURST_MAX = 64;
/** Addresses whose text is kept: as many as the table has stations; forged ones may be more, and cost only time. */
const STATIONS_MAX = 8192;
/** An Ethernet address. */
const MAC_BYTES = 6;

export type FlowQueueOptions = {
	readonly queue: number;
	/** Our bits of the mark. */
	readonly mask: number;
	readonly judge: FlowJudge;
	readonly log: Log;
	/** What was judged of a station in this burst; called after its verdicts are given. */
	readonly onJudged?: (station: MacAddress) => void;
	/** A socket of a test. */
	readonly open?: QueueOptions['open'];
};

/** What the queue has done since the agent started. */
export type QueueFigures = {
	/** Flows that were judged. */
	own: number;
	tethered: number;
	/** How often the kernel found the reader's buffer full, or sent what did not parse. */
	losses: number;
	/** Verdicts that could not be given. */
	unsent: number;
};

type Verdict = { id: number; mark: number };

/** Reads first packets of flows from the queue, has them judged, and gives verdicts: many at once. */
export class FlowQueue {
	readonly #options: FlowQueueOptions;
	readonly #queue: PacketQueue;
	readonly figures: QueueFigures = { own: 0, tethered: 0, losses: 0, unsent: 0 };
	#verdicts: Verdict[] = [];
	#count = 0;
	#isDue = false;
	readonly #stations = new Map<number, MacAddress>();
	readonly #judged = new Set<MacAddress>();
	readonly #ownBit: number;
	readonly #tetheredBit: number;

	constructor(options: FlowQueueOptions) {
		this.#options = options;
		const parameters = {
			copyBytes: COPY_BYTES,
			lengthMax: LENGTH_MAX,
			flags: NFQA_CFG_F_FAIL_OPEN | NFQA_CFG_F_GSO,
		};
		const { queue, open } = options;
		this.#queue = new PacketQueue({ queue, parameters, ...(open ? { open } : {}) });
		this.#ownBit = freeBitOf(options.mask);
		this.#tetheredBit = tetheredBitOf(options.mask);
	}

	/** @throws OctroiError `netlink_refused` (EBUSY: another program reads this queue), `netlink_closed` */
	async start(): Promise<void> {
		await this.#queue.start({
			packet: (packet) => this.#take(packet),
			lost: (error) => {
				this.figures.losses += 1;
				// A full buffer is a matter of figures; what cannot be read is one of the log.
				if (error) this.#options.log.error({ error }, 'could not read a packet of the queue');
			},
		});
	}

	/** New flows pass the queue by from now on. May be called twice. */
	stop(): void {
		this.#flush();
		this.#queue.stop();
	}

	#take({ id, mark, hardwareAddress, payload }: QueuedPacket): void {
		const bit = this.#isTethered(hardwareAddress, payload) ? this.#tetheredBit : this.#ownBit;
		this.#give(id, (mark | bit) >>> 0);
	}

	#give(id: number, mark: number): void {
		const last = this.#verdicts.at(-1);
		// One verdict is for all packets up to its own: a run of one kind needs only that of its last.
		if (last?.mark === mark) last.id = id;
		else this.#verdicts.push({ id, mark });
		this.#count += 1;
		if (this.#count >= BURST_MAX) this.#flush();
		else if (!this.#isDue) {
			this.#isDue = true;
			setImmediate(() => {
				this.#isDue = false;
				this.#flush();
			});
		}
	}

	#isTethered(hardwareAddress: Buffer, payload: Buffer): boolean {
		if (hardwareAddress.length !== MAC_BYTES) return false;
		const station = this.#station(hardwareAddress);
		const isTethered = this.#judge(station, payload) === 'tethered';
		this.#judged.add(station);
		this.figures[isTethered ? 'tethered' : 'own'] += 1;
		return isTethered;
	}

	/** A text is costly to make for each packet, and there are few stations. */
	#station(hardwareAddress: Buffer): MacAddress {
		const number = hardwareAddress.readUIntBE(0, MAC_BYTES);
		const known = this.#stations.get(number);
		if (known !== undefined) return known;
		if (this.#stations.size >= STATIONS_MAX) this.#stations.clear();
		const station = macAddressOf(hardwareAddress);
		this.#stations.set(number, station);
		return station;
	}

	/** A defect of whoever judges must not keep packets waiting. */
	#judge(station: MacAddress, payload: Buffer): 'own' | 'tethered' {
		try {
			return this.#options.judge.classify(station, payload);
		} catch (error) {
			this.#options.log.error({ station, error }, 'could not judge a flow; it passes as own');
			return 'own';
		}
	}

	#flush(): void {
		const verdicts = this.#verdicts.map((given) => ({ ...given, verdict: NF_REPEAT }));
		const count = this.#count;
		if (count === 0) return;
		this.#verdicts = [];
		this.#count = 0;
		this.#queue.judge(verdicts, (error) => {
			if (error) this.figures.unsent += count;
		});
		const { onJudged } = this.#options;
		if (onJudged) for (const station of this.#judged) onJudged(station);
		this.#judged.clear();
	}
}
