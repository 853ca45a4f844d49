import { readFileSync } from 'node:fs';

/** Where a lab mounts something: if that leaked out of its namespaces, it would be there. Others mount elsewhere meanwhile. */
const PLACES = ['/run', '/proc'];

/** Mounts of the machine at the places of the lab: proc(5), /proc/PID/mountinfo, whose fifth field is the place. */
export function labMounts(): string[] {
	const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
	return lines.filter((line) => {
		const place = line.split(' ')[4] ?? '';
		return PLACES.some((folder) => place === folder || place.startsWith(`${folder}/`));
	});
}
