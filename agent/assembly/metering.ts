import { randomUUID } from 'node:crypto';
import { RenewalTimer } from '../accounts/renewal-timer.ts';
import type { Part } from '../core/part.ts';
import { Announcement } from '../dataplane/announcement.ts';
import { DataPlane } from '../dataplane/data-plane.ts';
import { dataPlaneSettings } from '../dataplane/data-plane-settings.ts';
import { ForeignRuleWatch } from '../dataplane/foreign-rule-watch.ts';
import { LanMonitor } from '../detection/lan-monitor.ts';
import { classPoliciesOf, makeTetherDetection } from '../detection/make-tether-detection.ts';
import type { TetherDetection } from '../detection/tether-detection.ts';
import { Meter } from '../meter/meter.ts';
import { Recovery } from '../meter/recovery.ts';
import { Sampler } from '../meter/sampler.ts';
import { Stations } from '../session/stations.ts';
import { Shaper } from '../shaping/shaper.ts';
import type { Books } from './books.ts';
import type { AgentGiven } from './given.ts';

/** The kernel's side, and what turns its counters into charges. */
export type Metering = {
	readonly stations: Stations;
	readonly shaper: Shaper;
	readonly dataPlane: DataPlane;
	readonly foreignRules: ForeignRuleWatch;
	readonly meter: Meter;
	readonly lanMonitor: LanMonitor;
	/** Absent: flows are not judged. */
	readonly tethering?: TetherDetection;
	readonly announcement: Announcement;
	readonly sampler: Sampler;
	readonly parts: readonly Part[];
};

export function makeMetering(given: AgentGiven, books: Books): Metering {
	const { config, clock, log } = given;
	const { ledger, moment, warnings, line } = books;
	const stations = new Stations({ clock, log: log.child({ part: 'stations' }) });
	const shaper = new Shaper({
		metered: config.devices.metered,
		log: log.child({ part: 'shaping' }),
		onProblem: (sentence) => warnings.set('shaping', sentence),
	});
	const foreignRules = new ForeignRuleWatch({
		mask: config.mark.mask,
		clock,
		warnings,
		log: log.child({ part: 'foreign rules' }),
	});
	const dataPlane = makeDataPlane(given, books, { shaper, stations, foreignRules });
	const { gate } = dataPlane;
	const { meter, recovery } = makeMeter(given, books, gate);
	const lanMonitor = new LanMonitor({
		config,
		clock,
		log: log.child({ part: 'hearing' }),
		warnings,
		stations,
		onClaim: (address) => gate.senders.decisions?.judge.recall(address),
	});
	const tethering = makeTetherDetection(config, {
		classifier: lanMonitor.classifier,
		dataPlane,
		ledger,
		clock,
		warnings,
		line,
		log: log.child({ part: 'tethering' }),
	});
	const announcement = new Announcement(config, { dataPlane, clock, warnings, log });
	const sampler = new Sampler({
		gate,
		meter,
		clock,
		intervalMs: config.sample.intervalMs,
		commitIntervalMs: config.sample.commitIntervalMs,
		log: log.child({ part: 'sampler' }),
	});
	const renewals = new RenewalTimer({ clock, ledger, moment, log: log.child({ part: 'renewals' }) });
	return {
		stations,
		shaper,
		dataPlane,
		foreignRules,
		meter,
		lanMonitor,
		...(tethering ? { tethering } : {}),
		announcement,
		sampler,
		parts: [
			// What they hold is let go of also when their start fails.
			{ stop: () => shaper.stop() },
			{ start: () => shaper.start() },
			{ stop: () => dataPlane.stop() },
			{ stop: () => stopMeter(meter) },
			{ start: () => adopt({ dataPlane, meter, recovery }, log) },
			...(tethering ? [tethering] : []),
			announcement,
			sampler,
			renewals,
		],
	};
}

function makeMeter({ config, clock, log }: AgentGiven, { ledger, moment, line }: Books, gate: DataPlane['gate']) {
	const meter = new Meter({
		gate,
		ledger,
		clock,
		moment,
		limits: config.grant,
		...classPoliciesOf(config),
		log: log.child({ part: 'meter' }),
		newSessionId: randomUUID,
		onRight: (pool) => line.renewed(pool, ledger),
	});
	const recovery = new Recovery({
		gate,
		meter,
		ledger,
		clock,
		moment,
		powerLoss: config.powerLoss,
		log: log.child({ part: 'recovery' }),
	});
	return { meter, recovery };
}

function makeDataPlane(
	{ config, clock, log }: AgentGiven,
	{ warnings }: Books,
	{ shaper, stations, foreignRules }: Pick<Metering, 'shaper' | 'stations' | 'foreignRules'>,
): DataPlane {
	return new DataPlane({
		...dataPlaneSettings(config),
		shaping: shaper,
		onForeignRules: () => foreignRules.changed(),
		onQueue: (problem) => warnings.set('queue', problem),
		clock,
		addressesOf: (mac) => stations.addressesOf(mac),
		log: log.child({ part: 'dataplane' }),
		onOffload: (error) => {
			warnings.set('offload', error && `${error.message}; ${error.fix}`);
			if (error) log.error({ error }, 'flow offload takes packets past the meter');
			else log.info({}, 'no flow offload any more');
		},
	});
}

type Adopting = Pick<Metering, 'dataPlane' | 'meter'> & { readonly recovery: Recovery };

/** Loads the rules and goes on from what the kernel has counted. A table that is replaced meanwhile comes after it. */
async function adopt({ dataPlane, meter, recovery }: Adopting, log: AgentGiven['log']): Promise<void> {
	let last: Promise<unknown> = Promise.resolve();
	const adopted = dataPlane
		.start({
			...meter.events,
			tableReplaced: (state) => {
				last = last
					.then(() => recovery.replace(state))
					.catch((error) => log.error({ error }, 'could not go on after the table was removed'));
			},
		})
		.then((state) => recovery.adopt(state));
	last = adopted;
	await adopted;
	log.info({ epoch: meter.epoch, pools: meter.pools.size }, 'the kernel meters');
}

async function stopMeter(meter: Meter): Promise<void> {
	meter.stop();
	await meter.idle();
}
