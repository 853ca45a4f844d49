import { networkInterfaces } from 'node:os';
import { ownMeterOf } from '../core/free-meter.ts';
import type { BootMs, MacAddress, MeterId } from '../core/units.ts';
import { AddressBindings, keyOf, pairOf } from '../dataplane/address-bindings.ts';
import type { ForeignRuleWatch } from '../dataplane/foreign-rule-watch.ts';
import { type MarkField, markField, markKinds } from '../dataplane/mark.ts';
import { RefusalReader } from '../dataplane/refusal-reader.ts';
import { REFUSALS } from '../dataplane/refusal-reasons.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { classState } from '../meter/class-right.ts';
import type { Meter } from '../meter/meter.ts';
import { poolRefusal } from '../meter/pool-refusal.ts';
import { decodeConntrack, dumpConntrackByMark, NETLINK_NETFILTER, NetlinkConnection } from '../netlink/index.ts';
import type { Spoof } from '../sensor/spoof-watch.ts';
import type { Requester } from '../session/requester.ts';
import type { Stations } from '../session/stations.ts';
import type { StationRows } from '../snapshot/station-rows.ts';
import type { StationRow } from '../status/protocol.ts';
import type { Named, WhyAnswer } from '../status/why-command.ts';
import { whyCause } from './why-cause.ts';

export type WhyFactsOptions = {
	readonly mask: number;
	readonly ledger: Pick<Ledger, 'isBlocked'>;
	readonly meter: Meter;
	readonly stations: Stations;
	readonly rows: Pick<StationRows, 'row'>;
	/** The one function that answers "who is this?". */
	readonly identify: (remote: string) => Promise<Requester | undefined>;
	readonly foreignRules: Pick<ForeignRuleWatch, 'changed' | 'now' | 'stop'>;
	/** Who claims what in the last minutes, as the sensor hears it. */
	readonly spoofs: () => readonly Spoof[];
	readonly bootMs: () => BootMs;
	readonly queueMode: () => WhyAnswer['queue'];
};

/** What this router is at that address, for people; undefined: it is none of its own. */
function ownDevice(address: string): string | undefined {
	const found = Object.entries(networkInterfaces()).find(([, rows]) => rows?.some((row) => row.address === address));
	return found && `this router itself, at ${found[0]}`;
}

type StationFacts = NonNullable<WhyAnswer['station']>;

/** Answers "why is this device not online?" from the kernel's own counters and sets, read when somebody asks. */
export class WhyFacts {
	readonly #options: WhyFactsOptions;
	/** Of its own: a list of all flows must not keep the meter waiting. */
	readonly #netfilter = new NetlinkConnection({ protocol: NETLINK_NETFILTER });
	readonly #refusals = new RefusalReader(this.#netfilter);
	readonly #bindings = new AddressBindings(this.#netfilter);
	readonly #field: MarkField;
	#last: Promise<unknown> = Promise.resolve();

	constructor(options: WhyFactsOptions) {
		this.#options = options;
		this.#field = markField(options.mask);
	}

	/** @throws OctroiError `netlink_closed` */
	start(): void {
		this.#netfilter.start();
		this.#options.foreignRules.changed();
	}

	/** May be called twice. */
	stop(): void {
		this.#options.foreignRules.stop();
		this.#netfilter.stop();
	}

	/** One question after the other. @throws the `netlink_*` codes */
	answer(named: Named): Promise<WhyAnswer> {
		const answered = this.#last.then(() => this.#answer(named));
		this.#last = answered.catch(() => undefined);
		return answered;
	}

	async #answer(named: Named): Promise<WhyAnswer> {
		const mac = 'mac' in named ? named.mac : await this.#stationOf(named.address);
		const [look, counts] = await Promise.all([this.#options.foreignRules.now(), this.#refusals.counts()]);
		const station = mac === undefined ? undefined : await this.#station(mac, look.rules.length > 0);
		const facts = {
			...(station ? { station } : {}),
			queue: this.#options.queueMode(),
			counters: counts.refused,
			portal: counts.portal,
			foreignRules: look.rules,
			...(look.problem === undefined ? {} : { foreignProblem: look.problem }),
		};
		const leasedTo = (address: string) => this.#options.stations.leaseholder(address);
		return { ...whyCause(named, facts, { leasedTo, ownDevice, spoofs: this.#options.spoofs() }), ...facts };
	}

	/** Who was heard by the address last, has a lease for it, or a session that has it. */
	async #stationOf(address: string): Promise<MacAddress | undefined> {
		const { stations } = this.#options;
		const candidates = [...stations.list()].filter((station) => station.addresses.has(address));
		const heard = candidates.find(({ heard: entries }) => [...entries].some((entry) => entry.endsWith(` ${address}`)));
		const known = heard?.mac ?? stations.leaseholder(address) ?? candidates.at(-1)?.mac;
		return known ?? (await this.#bindings.holder(address));
	}

	/** Undefined: nobody knows it. */
	async #station(mac: MacAddress, looksForMarks: boolean): Promise<StationFacts | undefined> {
		const { stations, meter, rows, ledger } = this.#options;
		const known = stations.get(mac);
		const place = meter.find(mac);
		if (known === undefined && place === undefined) return undefined;
		const row: StationRow = rows.row(mac);
		const [heard, bound4, bound6, boundDevice] = await Promise.all([
			this.#heard([...(known?.heard ?? [])]),
			this.#bound('bound4', mac),
			this.#bound('bound6', mac),
			this.#boundDevice(mac),
		]);
		const bound = [...bound4, ...bound6];
		const refusal = place && poolRefusal(place.pool);
		const refused = await this.#refusals.recent(mac, [...new Set([...row.addresses, ...bound])]);
		const isMarked = looksForMarks || refused.some(({ reason }) => reason === 'mark');
		const strangeFlows =
			place && isMarked
				? await this.#strangeFlows(place.meter.meter, new Set([...row.addresses, ...bound]))
				: undefined;
		return {
			...row,
			isPresent: known?.present ?? false,
			leases: row.addresses.filter((address) => stations.leaseholder(address) === mac),
			heard,
			bound,
			...(boundDevice === undefined ? {} : { boundDevice }),
			...(place?.meter.receivedAtMs === undefined
				? {}
				: { servedAgoSeconds: Math.floor((this.#options.bootMs() - place.meter.receivedAtMs) / 1000) }),
			blocked: place !== undefined && ledger.isBlocked(place.pool.account) === true,
			...(refusal === undefined ? {} : { refusal }),
			refused: refused.map((one) => ({ ...one, says: REFUSALS[one.reason].says })),
			...(place ? { classes: { own: classState(place.pool.own), tethered: classState(place.pool.tethered) } } : {}),
			...(strangeFlows === undefined ? {} : { strangeFlows }),
		};
	}

	/** @param entries device and address of each */
	async #heard(entries: readonly string[]): Promise<StationFacts['heard']> {
		const heard: StationFacts['heard'][number][] = [];
		for (const entry of entries) {
			const [device = '', address = ''] = entry.split(' ');
			// A link-local address is nobody's: it says nothing of a session.
			if (/^fe[89ab]/i.test(address)) continue;
			const requester = await this.#options.identify(address);
			const account = requester?.account === undefined ? {} : { account: requester.account };
			heard.push({ address, device, ...account, isContested: requester?.isContested ?? false });
		}
		return heard;
	}

	async #bound(set: 'bound4' | 'bound6', mac: MacAddress): Promise<string[]> {
		const begin = keyOf(mac, Buffer.alloc(0)).subarray(0, 6);
		const keys = await this.#bindings.keys(set, (key) => key.subarray(0, 6).equals(begin));
		return keys.map((key) => pairOf(key)[1]);
	}

	async #boundDevice(mac: MacAddress): Promise<string | undefined> {
		const begin = keyOf(mac, Buffer.alloc(0)).subarray(0, 6);
		const [key] = await this.#bindings.keys('placed_at', (one) => one.subarray(0, 6).equals(begin));
		return key?.subarray(8).toString('latin1').replaceAll('\0', '');
	}

	/** Flows that the station's addresses began and that have a mark in our bits which is not its meter's. */
	async #strangeFlows(meter: MeterId, addresses: ReadonlySet<string>): Promise<number> {
		const { mask } = this.#options;
		const { kindOf } = markKinds(mask);
		let count = 0;
		await this.#netfilter.dump(dumpConntrackByMark({ mark: 0, mask: 0 }), (message) => {
			const { mark, source } = decodeConntrack(message);
			const kind = kindOf(mark);
			if (kind === undefined || kind === 'garden' || kind === 'question' || !addresses.has(source)) return;
			if (ownMeterOf(this.#field.meterOf(mark)) !== meter) count += 1;
		});
		return count;
	}
}
