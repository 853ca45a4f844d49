import { randomUUID } from 'node:crypto';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Warnings } from '../core/warnings.ts';
import { FrameTurns } from '../sensor/frame-turns.ts';
import { loadPcap, type Pcap } from '../sensor/pcap-binding.ts';
import { Sensor } from '../sensor/sensor.ts';
import { type Spoof, spoofText } from '../sensor/spoof-watch.ts';
import { StationCapture } from '../sensor/station-capture.ts';
import type { Stations } from '../session/stations.ts';
import { FlowClassifier } from '../tether/flow-classifier.ts';
import { loadSignatures } from '../tether/signatures.ts';

/** As many as the table has room for; about 2 KiB each, and only of stations that have sent something. */
const STATIONS_MAX = 8192;
/** An attack that was stopped is news for this long. */
const SPOOF_WARNING_MS = 600_000;
/** What explains that somebody is not online now. */
const SPOOF_RECENT_MS = 120_000;
/** Of these, the newest. */
const SPOOFS_MAX = 64;

export type LanMonitorParts = {
	readonly config: Pick<Config, 'devices' | 'sensor' | 'tethered'>;
	readonly clock: Clock;
	readonly log: Log;
	readonly warnings: Warnings;
	readonly stations: Pick<Stations, 'leaseholder'>;
	/** Somebody claims an address that another station has. */
	readonly onClaim?: (address: string) => void;
	/** How libpcap is loaded. */
	readonly load?: () => Pcap;
};

/** What the agent hears beside what it forwards: the classifier of flows, the passive sensor, and captures for support. */
export class LanMonitor {
	readonly classifier: FlowClassifier;
	readonly capture: StationCapture;
	readonly #parts: LanMonitorParts;
	readonly #turns: FrameTurns;
	#pcap: Pcap | undefined;
	#sensor: Sensor | undefined;
	#heard: readonly { readonly spoof: Spoof; readonly atMs: number }[] = [];
	readonly #forget = new Map<string, () => void>();

	constructor(parts: LanMonitorParts) {
		const { clock, config, log } = parts;
		this.#parts = parts;
		this.#turns = new FrameTurns(clock);
		const path = config.tethered.detect ? config.sensor.signatures : undefined;
		const signatures = loadSignatures({ path, log });
		this.classifier = new FlowClassifier({ clock, signatures, stationsMax: STATIONS_MAX });
		this.capture = new StationCapture({
			devices: config.devices.metered,
			open: () => this.#load().open,
			turns: this.#turns,
			clock,
			log,
			newId: randomUUID,
		});
	}

	/** @param hasQueue first packets are seen there, and need not be seen here. Without libpcap the agent says so, and goes on. */
	start({ hasQueue }: { hasQueue: boolean }): void {
		const { config, clock, log, warnings, stations } = this.#parts;
		if (!config.sensor.enabled) return;
		const hears = !config.tethered.detect ? 'neighbours' : hasQueue ? 'names' : 'flows';
		try {
			const { open, version } = this.#load();
			this.#sensor = new Sensor({
				devices: config.devices.metered,
				open,
				turns: this.#turns,
				clock,
				log,
				classifier: this.classifier,
				hears,
				leaseholder: (address) => stations.leaseholder(address),
				onSpoof: (spoof) => this.#warn(spoof),
				onRepeated: this.#parts.onClaim,
				onProblem: (problem) => warnings.set('sensor', problem && `the sensor: ${problem}`),
			});
			this.#sensor.start();
			log.info({ version, devices: config.devices.metered, hears }, 'the sensor listens');
		} catch (error) {
			log.warn({ error }, 'the agent goes on without its sensor');
			warnings.set('sensor', `the sensor does not run: ${(error as Error).message}`);
		}
	}

	/** Since the start. All zero without a sensor. */
	get figures() {
		const figures = this.#sensor?.figures ?? { frames: 0, floods: 0, shed: 0 };
		return { ...figures, spoofs: this.#sensor?.spoofs ?? { gateway: 0, neighbour: 0, router: 0, dhcp: 0 } };
	}

	stop(): void {
		for (const forget of this.#forget.values()) forget();
		this.capture.stop();
		this.#sensor?.stop();
	}

	/** Loaded when it is needed first: 1 MiB. @throws OctroiError `feature_missing` */
	#load(): Pcap {
		this.#pcap ??= (this.#parts.load ?? loadPcap)();
		return this.#pcap;
	}

	/** What was heard in the last minutes, the newest last; an attack that goes on is told once a minute. */
	spoofs(): readonly Spoof[] {
		const since = this.#parts.clock.bootMs() - SPOOF_RECENT_MS;
		return this.#heard.filter(({ atMs }) => atMs > since).map(({ spoof }) => spoof);
	}

	/** One warning of each kind: the newest. */
	#warn(spoof: Spoof): void {
		const { clock, warnings } = this.#parts;
		const { target } = spoof;
		this.#heard = [...this.#heard.slice(1 - SPOOFS_MAX), { spoof, atMs: clock.bootMs() }];
		const what = target === 'router' || target === 'dhcp' ? `another ${target}` : 'spoof';
		warnings.set(what, spoofText(spoof));
		if (target === 'neighbour') this.#parts.onClaim?.(spoof.address);
		this.#forget.get(what)?.();
		this.#forget.set(
			what,
			clock.after(SPOOF_WARNING_MS, () => warnings.set(what, undefined)),
		);
	}
}
