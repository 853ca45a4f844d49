import type { Config } from '../config/config.ts';
import { openFiles } from '../ledger/private-files.ts';
import { groupIdOf } from '../status/group-id.ts';
import type { Feature } from './feature.ts';

/** For the doctor: whether others may open the ledger, and who may look at the agent's status. */
export function probeLedger(config: Config | undefined): readonly Feature[] {
	if (config === undefined) return [];
	const open = openFiles(config.database);
	const isClosed = open.length === 0;
	const groupId = groupIdOf(config.statusGroup);
	return [
		{
			name: 'files of the ledger',
			ok: isClosed,
			grade: 'should',
			detail: isClosed
				? 'only their owner may open them'
				: `others may open ${open.map(({ path }) => path).join(', ')}`,
			fix: open.map(({ path, mode }) => `chmod ${mode.toString(8)} ${path}`).join('; '),
		},
		{
			name: 'group of the status socket',
			ok: groupId !== undefined,
			grade: 'should',
			detail:
				groupId === undefined
					? `there is no group ${config.statusGroup}: only the user of the agent may use displays`
					: config.statusGroup,
			fix: `groupadd --system ${config.statusGroup}, make users of displays its members, and start the agent again`,
		},
	];
}
