import { readFileSync } from 'node:fs';

/** The system's list of groups (group(5)): `name:password:id:members`. */
const GROUP_FILE = '/etc/group';

/** The number of a group; undefined if the system has none of this name. */
export function groupIdOf(name: string, file = GROUP_FILE): number | undefined {
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch {
		// A system without the file has no groups that anybody could be given.
		return undefined;
	}
	for (const line of text.split('\n')) {
		const [group, , id = ''] = line.split(':');
		if (group === name && /^\d{1,9}$/.test(id)) return Number(id);
	}
	return undefined;
}
