import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { MacAddress } from '../core/units.ts';
import type { FlowClassifier } from '../tether/flow-classifier.ts';
import { readFlowFacts } from '../tether/flow-facts.ts';
import { type AddressClaim, readArpClaim, readNeighbourClaim } from './address-claim.ts';
import { readDhcpRequest } from './dhcp-request.ts';
import { readDhcpServer } from './dhcp-server.ts';
import {
	ETHERTYPE_ARP,
	ETHERTYPE_IPV4,
	ETHERTYPE_IPV6,
	type EthernetFrame,
	readEthernetFrame,
} from './ethernet-frame.ts';
import type { OpenReader } from './frame-reader.ts';
import { FrameSource } from './frame-source.ts';
import type { FrameTurns } from './frame-turns.ts';
import { ownAddressesReader } from './own-addresses.ts';
import { type OwnAddresses, type Spoof, SpoofWatch } from './spoof-watch.ts';
import { StationRates } from './station-rates.ts';

/**
 * `neighbours`: only who is who. `names`: also what stations look up, for the classifier. `flows`: also first packets, where no
 * queue shows them.
 */
export type Hears = 'neighbours' | 'names' | 'flows';

export type SensorOptions = {
	readonly devices: readonly string[];
	readonly open: OpenReader;
	readonly turns: FrameTurns;
	readonly clock: Clock;
	readonly log: Log;
	readonly classifier: Pick<FlowClassifier, 'observe'>;
	readonly hears: Hears;
	/** Who has a DHCP lease for an address. */
	readonly leaseholder: (address: string) => MacAddress | undefined;
	readonly onSpoof: (spoof: Spoof) => void;
	/** An address of another station is claimed again by who was told before. */
	readonly onRepeated?: ((address: string) => void) | undefined;
	/** Why it does not hear all, in words; undefined: it does again. */
	readonly onProblem: (problem: string | undefined) => void;
};

/**
 * Who is who: address resolution, neighbour discovery, router advertisements, DHCP. Hop-by-hop options hide from it. What this
 * router sends itself is sorted out by its hardware address: libpcap's `inbound` loses what a bridge hands from port to port.
 */
export const NEIGHBOURS =
	'arp or (udp dst port 67) or (ip and udp src port 67) or (icmp6 and ip6[7] = 255 and ip6[40] >= 134 and ip6[40] <= 136)';
const QUESTIONS = 'udp dst port 53';
/** Opening SYNs; libpcap has no word for those of IPv6. */
const OPENINGS = '(tcp[13] & 0x17 = 2) or (ip6[6] = 6 and ip6[53] & 0x17 = 2)';

/** The longest DHCP requests are below it; of the rest only headers are looked at. */
export const SNAP_BYTES = 640;
/**
 * Kernel memory of one reader. libpcap makes blocks of 256 KiB of it: one that is being read, one that is being filled, and two
 * in reserve. With a single one, what comes until it has been read is lost.
 */
export const BUFFER_BYTES = 1024 * 1024;

/** From a DHCP server's answer until its file of leases has been written and read. */
const LEASE_SETTLES_MS = 1000;

/**
 * Hears on the metered devices what is never forwarded (names of systems, claims of addresses), and what the queue would show
 * where there is none. It only listens; what it cannot keep up with is passed over and counted.
 */
export class Sensor {
	readonly #options: SensorOptions;
	readonly #sources: FrameSource[];
	readonly #rates: StationRates;
	#problem: string | undefined;
	/** Of claims that wait; each is told once a minute at most, so they are few. */
	readonly #suspicions = new Set<() => void>();
	readonly spoofs: Record<Spoof['target'], number> = { gateway: 0, neighbour: 0, router: 0, dhcp: 0 };

	constructor(options: SensorOptions) {
		this.#options = options;
		this.#rates = new StationRates(options.clock);
		this.#sources = options.devices.flatMap((device) => this.#sourcesOf(device));
	}

	start(): void {
		for (const source of this.#sources) this.#options.turns.add(source, this.#report);
	}

	stop(): void {
		for (const source of this.#sources) this.#options.turns.remove(source, this.#report);
		for (const cancel of this.#suspicions) cancel();
		this.#suspicions.clear();
	}

	/** Since the start: frames looked at, times that a flood was passed over, observations of one station beyond its rate. */
	get figures(): { frames: number; floods: number; shed: number } {
		let frames = 0;
		let floods = 0;
		for (const { figures } of this.#sources) {
			frames += figures.frames;
			floods += figures.floods;
		}
		return { frames, floods, shed: this.#rates.shed };
	}

	/** Two readers: who floods with one kind of frame cannot hide the other kind. */
	#sourcesOf(device: string): FrameSource[] {
		const { open, log, clock, leaseholder, onRepeated, hears } = this.#options;
		const own = ownAddressesReader(device, () => clock.bootMs());
		const watch = new SpoofWatch({ own, leaseholder, onRepeated });
		const common = { open, log, device, snapBytes: SNAP_BYTES, bufferBytes: BUFFER_BYTES, isInboundOnly: true };
		const sources = [
			new FrameSource({
				...common,
				filter: NEIGHBOURS,
				// From one station to another, through a bridge: only so it is seen at all.
				isPromiscuous: true,
				onFrame: ({ bytes }) => this.#hear(bytes, own, (frame) => this.#neighbour(frame, watch)),
			}),
		];
		if (hears === 'neighbours') return sources;
		const flows = new FrameSource({
			...common,
			filter: hears === 'flows' ? `(${QUESTIONS}) or ${OPENINGS}` : QUESTIONS,
			isPromiscuous: false,
			onFrame: ({ bytes }) => this.#hear(bytes, own, (frame) => this.#flow(frame)),
		});
		return [...sources, flows];
	}

	readonly #report = (): void => {
		const nowMs = this.#options.clock.bootMs();
		const silent = this.#sources.find(({ problem }) => problem !== undefined);
		const problem = silent
			? `nothing is heard on ${silent.device}: ${silent.problem}`
			: this.#sources.some((source) => source.isFlooded(nowMs))
				? 'a flood of frames: not all are looked at, and spoofing may go unseen'
				: undefined;
		if (problem === this.#problem) return;
		this.#problem = problem;
		this.#options.onProblem(problem);
	};

	#hear(bytes: Buffer, own: () => OwnAddresses, use: (frame: EthernetFrame) => void): void {
		const frame = readEthernetFrame(bytes);
		if (frame === undefined || own().macs.has(frame.source)) return;
		if (this.#rates.admits(frame.source)) use(frame);
	}

	#neighbour(frame: EthernetFrame, watch: SpoofWatch): void {
		if (frame.type === ETHERTYPE_IPV4) {
			const server = readDhcpServer(frame);
			if (server !== undefined) this.#judge(server, watch);
			const request = readDhcpRequest(udpPayload(frame.payload));
			// A relay speaks for others; a station for itself.
			if (request?.client !== frame.source) return;
			this.#options.classifier.observe(frame.source, { kind: 'dhcp', fingerprint: request.fingerprint });
			return;
		}
		const claim = frame.type === ETHERTYPE_ARP ? readArpClaim(frame) : readNeighbourClaim(frame);
		if (claim !== undefined) this.#judge(claim, watch);
	}

	#judge(claim: AddressClaim, watch: SpoofWatch): void {
		const spoof = watch.heard(claim, this.#options.clock.bootMs());
		if (spoof?.target === 'neighbour') this.#tellUnlessLeased(spoof);
		else if (spoof !== undefined) this.#tell(spoof);
	}

	/** The DHCP server may just have given the address to the claimant, and its file of leases is read a moment later. */
	#tellUnlessLeased(spoof: Spoof): void {
		const { clock, leaseholder } = this.#options;
		const cancel = clock.after(LEASE_SETTLES_MS, () => {
			this.#suspicions.delete(cancel);
			if (leaseholder(spoof.address) !== spoof.claimed) this.#tell(spoof);
		});
		this.#suspicions.add(cancel);
	}

	#tell(spoof: Spoof): void {
		this.spoofs[spoof.target]++;
		this.#options.log.warn({ ...spoof }, MESSAGES[spoof.target]);
		this.#options.onSpoof(spoof);
	}

	#flow({ type, source, payload }: EthernetFrame): void {
		if (type !== ETHERTYPE_IPV4 && type !== ETHERTYPE_IPV6) return;
		if (this.#options.hears === 'flows') this.#options.classifier.observe(source, { kind: 'flow', packet: payload });
		else {
			const name = readFlowFacts(payload)?.question;
			if (name !== undefined) this.#options.classifier.observe(source, { kind: 'name', name });
		}
	}
}

const MESSAGES: Record<Spoof['target'], string> = {
	gateway: 'a station claims the address of another',
	neighbour: 'a station claims the address of another',
	router: 'a station sends router advertisements',
	dhcp: 'a station answers as a DHCP server',
};

const UDP_HEADER_BYTES = 8;

function udpPayload(packet: Buffer): Buffer {
	return packet.subarray(((packet[0] ?? 0) & 0xf) * 4 + UDP_HEADER_BYTES);
}
