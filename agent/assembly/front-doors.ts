import { randomBytes, randomUUID } from 'node:crypto';
import type { AddedPlans } from '../commands/added-plans.ts';
import { agentHandlers } from '../commands/agent-commands.ts';
import type { CommandParts } from '../commands/command-parts.ts';
import type { Part } from '../core/part.ts';
import { portalService } from '../customer/portal-service.ts';
import { StationIdentification } from '../dataplane/station-identification.ts';
import { WhyFacts } from '../doctor/why-facts.ts';
import { metricsText } from '../metrics/metrics-text.ts';
import { makePortal } from '../portal/make-portal.ts';
import { readUplink } from '../shaping/uplink.ts';
import { metricValues } from '../snapshot/metric-values.ts';
import { SnapshotSource } from '../snapshot/snapshot-source.ts';
import { StationRows } from '../snapshot/station-rows.ts';
import { agentCommands } from '../status/commands.ts';
import { StatusServer } from '../status/status-server.ts';
import { StatusStream } from '../status/status-stream.ts';
import { newPermissionCode } from '../voucher/permission-code.ts';
import type { Books } from './books.ts';
import type { Customers } from './customers.ts';
import type { AgentGiven } from './given.ts';
import type { Metering } from './metering.ts';

export type Everything = AgentGiven &
	Omit<Books, 'parts'> &
	Omit<Metering, 'parts'> &
	Omit<Customers, 'parts'> & {
		readonly addedPlans: AddedPlans;
		readonly startedAtMs: number;
		readonly startedBootMs: number;
		readonly processId: number;
	};

/** By what customers, operators, displays and programs speak with the agent: the portal, two sockets, and the metrics. */
export function frontDoors(all: Everything): readonly Part[] {
	const { config, clock, ledger, meter, stations, moment, dataPlane, lanMonitor } = all;
	const whoIs = new StationIdentification({ config, meter, senders: dataPlane.gate.senders });
	const rows = new StationRows({ ledger, meter, stations, moment });
	const why = new WhyFacts({
		mask: config.mark.mask,
		ledger,
		meter,
		stations,
		rows,
		identify: whoIs.identify,
		foreignRules: all.foreignRules,
		queueMode: () => dataPlane.queueMode('flows'),
		spoofs: () => lanMonitor.spoofs(),
		bootMs: () => clock.bootMs(),
	});
	const parts: CommandParts = { ...all, why, newTransferId: randomUUID, newCode: newPermissionCode };
	return [whoIs, why, portalOf(all, { whoIs, rows }), ...socketsAndMetrics(all, parts)];
}

function portalOf(all: Everything, { whoIs, rows }: { whoIs: StationIdentification; rows: StationRows }): Part {
	const { config, clock, log, stations, warnings } = all;
	return makePortal({
		config,
		clock,
		random: randomBytes,
		identify: whoIs.identify,
		log: log.child({ part: 'portal' }),
		service: portalService({ ...all, random: randomBytes, rows, senders: all.dataPlane.gate.senders }),
		find: (remote) => stations.heardFrom(remote),
		standing: (mac) => stations.standing(mac),
		onProblem: (sentence) => warnings.set('portal', sentence),
	});
}

function socketsAndMetrics(all: Everything, parts: CommandParts): readonly Part[] {
	const { config, clock, log, shaper } = all;
	const stream = new StatusStream({
		source: new SnapshotSource({ ...all, ...parts, uplink: readUplink }),
		intervalMs: config.watch.intervalMs,
		clock,
		log: log.child({ part: 'stream' }),
	});
	const server = new StatusServer({
		commands: agentCommands(agentHandlers(parts)),
		stream,
		control: config.control,
		status: config.status,
		statusGroup: config.statusGroup,
		clock,
		log: log.child({ part: 'status' }),
	});
	const values = () => metricValues({ ...all, ...parts, readers: stream.readers, shaping: () => shaper.devices() });
	return [server, metricsServer(all, () => metricsText(values()))];
}

/** Loaded only when it is used: a router's memory is small. */
function metricsServer({ config, log }: Everything, text: () => string): Part {
	const { listen } = config.metrics;
	let stop: (() => unknown) | undefined;
	return {
		start: async () => {
			if (!listen) return;
			const { MetricsServer } = await import('../metrics/metrics-server.ts');
			const metrics = new MetricsServer({ ...listen, text, log: log.child({ part: 'metrics' }) });
			await metrics.start();
			stop = () => metrics.stop();
		},
		stop: () => stop?.(),
	};
}
