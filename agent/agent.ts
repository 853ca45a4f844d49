import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Identity } from './accounts/accounts.ts';
import { giftFormOf, ratesOf } from './accounts/code-settings.ts';
import { RenewalTimer } from './accounts/renewal-timer.ts';
import { spenderOf } from './accounts/spender-of.ts';
import { AddedPlans } from './commands/added-plans.ts';
import { agentHandlers } from './commands/agent-commands.ts';
import type { HandlerParts } from './commands/command-parts.ts';
import type { Config } from './config/config.ts';
import type { Clock } from './core/clock.ts';
import type { Log } from './core/log.ts';
import { AgentWarnings } from './core/warnings.ts';
import { portalService } from './customer/portal-service.ts';
import { Announcement } from './dataplane/announcement.ts';
import { DataPlane } from './dataplane/data-plane.ts';
import { dataPlaneSettings } from './dataplane/data-plane-settings.ts';
import { ForeignRuleWatch } from './dataplane/foreign-rule-watch.ts';
import { NeighbourWatch } from './dataplane/neighbour-watch.ts';
import { StationIdentification } from './dataplane/station-identification.ts';
import { TableLock } from './dataplane/table-lock.ts';
import { Hearing } from './detection/lan-monitor.ts';
import { classPoliciesOf, makeTethering } from './detection/make-tethering.ts';
import { WhyFacts } from './doctor/why-facts.ts';
import { makeClock } from './host/make-clock.ts';
import { openLedger } from './ledger/ledger.ts';
import type { GateState } from './meter/gate.ts';
import { Meter } from './meter/meter.ts';
import { Recovery } from './meter/recovery.ts';
import { Sampler } from './meter/sampler.ts';
import { metricsText } from './metrics/metrics-text.ts';
import { makePortal } from './portal/make-portal.ts';
import { LeaseWatch } from './session/lease-watch.ts';
import { Stations } from './session/stations.ts';
import { Shaper } from './shaping/shaper.ts';
import { readUplink } from './shaping/uplink.ts';
import { commitHistogram, metricValues } from './snapshot/metric-values.ts';
import { StatusPictureSource } from './snapshot/snapshot-source.ts';
import { StationRows } from './snapshot/station-rows.ts';
import { agentCommands } from './status/commands.ts';
import { StatusServer } from './status/status-server.ts';
import { StatusStream } from './status/status-stream.ts';
import { CarrierLine } from './sync/carrier-connection.ts';
import { newPermissionCode } from './voucher/permission-code.ts';

export type AgentParts = {
	readonly config: Config;
	readonly version: string;
	readonly clock: Clock;
	readonly log: Log;
	/** Aborted: the agent lets go and returns. The kernel goes on with what it was granted. */
	readonly stop: AbortSignal;
};

/**
 * The composition root: makes the parts, starts them in the order in which they depend on each other, waits, and stops them
 * in reverse.
 *
 * @throws OctroiError what a part that cannot start throws: `agent_running`, `ledger_*`, `flow_offload_active`,
 * `ruleset_refused`, `feature_missing`, `permission_denied`, `netlink_*`; and `ledger_broken`, whenever an invariant of the
 * books does not hold: the kernel goes on within what it was granted, and the next start proves the books
 */
export async function runAgent({ config, version, clock, log, stop }: AgentParts): Promise<void> {
	const [startedAtMs, startedBootMs] = [clock.wallMs(), clock.bootMs()];
	const commits = commitHistogram();
	const releases: (() => unknown)[] = [];
	/** Remembers how to let go of what was acquired. */
	const acquired = (release: () => unknown) => releases.push(release);
	try {
		const lock = new TableLock();
		await lock.take();
		acquired(() => lock.release());

		const { trusted, moment } = makeClock(config, { clock, log: log.child({ part: 'clock' }) });
		const line = new CarrierLine({
			...{ config, version, clock, trusted, moment },
			log: log.child({ part: 'carrier' }),
			onWarning: (sentence) => warnings.set('carrier', sentence),
		});
		const warnings = new AgentWarnings((what, sentence) => line.warned(what, sentence));
		mkdirSync(dirname(config.database), { recursive: true, mode: 0o700 });
		const broken = new AbortController();
		const ledger = openLedger(config.database, {
			clock,
			log: log.child({ part: 'ledger' }),
			onBroken: (error) => {
				log.fatal({ error }, 'an invariant of the ledger does not hold: stopping');
				broken.abort(error);
			},
			onCommit: (milliseconds) => commits.observe(milliseconds / 1000),
		});
		acquired(() => ledger.close());
		trusted.start(ledger.clock);
		acquired(() => trusted.stop());
		const addedPlans = new AddedPlans({ config, ledger, catalogue: line.catalogue, warnings });

		const stations = new Stations({ clock, log: log.child({ part: 'stations' }) });
		const shaper = new Shaper({
			metered: config.devices.metered,
			log: log.child({ part: 'shaping' }),
			onProblem: (sentence) => warnings.set('shaping', sentence),
		});
		acquired(() => shaper.stop());
		await shaper.start();
		const foreignRules = new ForeignRuleWatch({
			...{ mask: config.mark.mask, clock, warnings },
			log: log.child({ part: 'foreign rules' }),
		});
		const dataPlane = new DataPlane({
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
		acquired(() => dataPlane.stop());
		const { gate } = dataPlane;
		const meter = new Meter({
			gate,
			ledger,
			clock,
			moment,
			limits: config.grant,
			...classPoliciesOf(config),
			log: log.child({ part: 'meter' }),
			newSessionId: randomUUID,
			onCountersLost: (pool) => void recovery.repair(pool),
			onRight: (pool) => line.renewed(pool, ledger),
		});
		acquired(async () => {
			meter.stop();
			await meter.idle();
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
		let recovered: Promise<unknown> = Promise.resolve();
		const tableReplaced = (state: GateState) => {
			recovered = recovered
				.then(() => recovery.replace(state))
				.catch((error) => log.error({ error }, 'could not go on after the table was removed'));
		};
		const hearing = new Hearing({ config, clock, log: log.child({ part: 'hearing' }), warnings, stations });
		const tethering = makeTethering(config, {
			...{ classifier: hearing.classifier, dataPlane, ledger, clock, warnings, line },
			log: log.child({ part: 'tethering' }),
		});
		const adopted = dataPlane.start({ ...meter.events, tableReplaced }).then((state) => recovery.adopt(state));
		// A table that is replaced meanwhile comes after it.
		recovered = adopted;
		await adopted;
		log.info({ epoch: meter.epoch, pools: meter.pools.size }, 'the kernel meters');
		if (tethering) {
			await tethering.start();
			acquired(() => tethering.stop());
		}
		const announcement = new Announcement(config, { dataPlane, clock, warnings, log });
		await announcement.start();
		acquired(() => announcement.stop());

		const sampler = new Sampler({
			gate,
			meter,
			clock,
			intervalMs: config.sample.intervalMs,
			commitIntervalMs: config.sample.commitIntervalMs,
			log: log.child({ part: 'sampler' }),
		});
		sampler.start();
		acquired(() => sampler.stop());

		const renewals = new RenewalTimer({ clock, ledger, moment, log: log.child({ part: 'renewals' }) });
		renewals.start();
		acquired(() => renewals.stop());

		const onProblem = (sentence?: string) => warnings.set('leases', sentence);
		const leases = new LeaseWatch({ path: config.leases, log: log.child({ part: 'leases' }), onProblem });
		await leases.start(async (found) => {
			stations.leased(found);
			await gate.leased(found).catch((error) => log.warn({ error }, 'could not bind addresses to leases'));
		});
		gate.senders.refreshLeases = () => leases.refresh();
		acquired(() => leases.stop());
		const neighbours = new NeighbourWatch({ ...config.devices, log: log.child({ part: 'neighbours' }) });
		await neighbours.start((sighting) => stations.seen(sighting));
		acquired(() => neighbours.stop());

		hearing.start({ hasQueue: dataPlane.queueMode('flows') !== 'none' });
		acquired(() => hearing.stop());

		const identity = new Identity({
			ledger,
			spender: spenderOf(meter),
			database: config.database,
			...{ clock, moment, random: randomBytes },
			standing: (mac) => stations.standing(mac),
			log: log.child({ part: 'identity' }),
			rates: ratesOf(config),
			giftForm: giftFormOf(config),
			giftValidForSeconds: config.codes.giftValidForSeconds,
		});
		identity.start();
		acquired(() => identity.stop());

		await line.start({ ledger, meter });
		acquired(() => line.stop());

		const whoIs = new StationIdentification({ config, meter, senders: gate.senders });
		whoIs.start();
		acquired(() => whoIs.stop());
		const rows = new StationRows({ ledger, meter, stations, moment });
		const why = new WhyFacts({
			...{ mask: config.mark.mask, ledger, meter, stations, rows, identify: whoIs.identify, foreignRules },
			queueMode: () => dataPlane.queueMode('flows'),
			spoofs: () => hearing.spoofs(),
			bootMs: () => clock.bootMs(),
		});
		why.start();
		acquired(() => why.stop());
		const portal = makePortal({
			...{ config, clock, random: randomBytes, identify: whoIs.identify },
			log: log.child({ part: 'portal' }),
			service: portalService({
				...{ config, clock, trusted, ledger, meter, identity, line, moment, random: randomBytes, log, rows },
				senders: gate.senders,
			}),
			find: (remote) => stations.heardFrom(remote),
			standing: (mac) => stations.standing(mac),
			onProblem: (sentence) => warnings.set('portal', sentence),
		});
		await portal.start();
		acquired(() => portal.stop());

		const parts: HandlerParts = {
			...{ config, version, clock, trusted, ledger, meter, sampler, stations },
			...{ warnings, identity, line, addedPlans, hearing, announcement, why, moment },
			...(tethering ? { tethering } : {}),
			newTransferId: randomUUID,
			newCode: newPermissionCode,
			processId: process.pid,
		};
		const readers = () => ({ count: stream.readerCount, dropped: stream.dropped });
		const stream: StatusStream = new StatusStream({
			source: new StatusPictureSource({ ...parts, startedAtMs, startedBootMs, uplink: readUplink, readers }),
			intervalMs: config.watch.intervalMs,
			clock,
			log: log.child({ part: 'stream' }),
		});
		const server = new StatusServer({
			commands: agentCommands(agentHandlers(parts)),
			stream,
			...{ control: config.control, status: config.status, statusGroup: config.statusGroup, clock },
			log: log.child({ part: 'status' }),
		});
		await server.start();
		acquired(() => server.stop());
		if (config.metrics.listen) {
			// Loaded only when it is used: a router's memory is small.
			const { MetricsServer } = await import('./metrics/metrics-server.ts');
			const metrics = new MetricsServer({
				...config.metrics.listen,
				text: () =>
					metricsText(metricValues({ ...parts, startedAtMs, commits, readers, shaping: () => shaper.devices() })),
				log: log.child({ part: 'metrics' }),
			});
			await metrics.start();
			acquired(() => metrics.stop());
		}
		log.info({ control: config.control, status: config.status }, 'ready');
		await aborted(AbortSignal.any([stop, broken.signal]));
		if (broken.signal.aborted) throw broken.signal.reason;
	} finally {
		for (const release of releases.toReversed()) await release();
	}
}

function aborted(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return Promise.resolve();
	return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
