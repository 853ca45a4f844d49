import { StationRows } from '../snapshot/station-rows.ts';
import type { CommandHandlers } from '../status/commands.ts';
import { parseNamed } from '../status/why-command.ts';
import { accountCommands } from './account-commands.ts';
import type { CommandParts } from './command-parts.ts';
import { namedPlan } from './named-plan.ts';
import { productCommands } from './product-commands.ts';
import { stationCommands } from './station-commands.ts';
import { statusCommand } from './status-command.ts';
import { codeCommands } from './voucher-commands.ts';

/** What each command of the status protocol does. */
export function agentHandlers(parts: CommandParts): CommandHandlers {
	const { ledger, meter, stations, line, moment } = parts;
	const rows = new StationRows({ ledger, meter, stations, moment });
	const plan = (name: string) => namedPlan(line.catalogue, name);
	return {
		ping: () => ({ pong: true }),
		status: statusCommand(parts),
		...stationCommands(parts, rows),
		why: ({ device }) => parts.why.answer(parseNamed(device)),
		...accountCommands(parts, plan),
		capture({ capture, ...request }) {
			const { data, isDone, ...part } =
				capture === undefined ? parts.lanMonitor.capture.start(request) : parts.lanMonitor.capture.read(capture);
			return { ...part, data: data.toString('base64'), done: isDone };
		},
		...productCommands(parts),
		...parts.addedPlans.handlers,
		'carrier.status': () => line.status,
		'ledger.verify': () => ledger.verify(),
		...codeCommands({ ...parts, plan, stationRow: (mac) => rows.row(mac) }),
	};
}
