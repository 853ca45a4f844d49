import { closeSync, openSync, readSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { readLeaseFile } from '../session/lease-file.ts';
import { LEASE_FILE_BYTES_MAX } from '../session/leases.ts';
import type { Feature } from './feature.ts';

/** For the doctor: whether the lease file is there and of a DHCP server that is known. */
export function probeLeases(config: Config | undefined): readonly Feature[] {
	if (config === undefined) return [];
	const [ok, detail] = judge(config.leases);
	return [
		{
			name: 'lease file',
			ok,
			grade: 'should',
			detail: `${config.leases} ${detail}`,
			fix: 'set `leases` to the file that the DHCP server of the metered devices writes',
		},
	];
}

function judge(path: string): [boolean, string] {
	try {
		const { leases, problem } = readLeaseFile(beginningOf(path));
		return problem === undefined ? [true, `has ${leases.length} leases of IPv4`] : [false, problem];
	} catch (error) {
		const { code = '' } = error as NodeJS.ErrnoException;
		// A DHCP server makes it with the first lease.
		if (code === 'ENOENT') return [false, 'is not there (yet)'];
		return [false, `cannot be read: ${code}`];
	}
}

function beginningOf(path: string): string {
	const file = openSync(path, 'r');
	try {
		const bytes = Buffer.alloc(LEASE_FILE_BYTES_MAX);
		return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, 0));
	} finally {
		closeSync(file);
	}
}
