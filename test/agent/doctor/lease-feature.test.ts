import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Config } from '../../../agent/config/config.ts';
import { probeLeases } from '../../../agent/doctor/lease-feature.ts';

test('the doctor names a lease file that is missing, or not of a DHCP server that is known', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'octroi-leases-'));
	const leases = join(folder, 'dhcp.leases');
	const config = { leases } as Config;
	t.like(probeLeases(config), [{ ok: false, detail: `${leases} is not there (yet)` }]);
	writeFileSync(leases, '1791000000 02:00:5e:10:00:01 10.1.0.17 phone *\n');
	t.like(probeLeases(config), [{ ok: true, detail: `${leases} has 1 leases of IPv4` }]);
	writeFileSync(leases, 'lease 10.1.0.17 {\n}\n');
	const [feature] = probeLeases(config);
	t.false(feature?.ok);
	t.regex(feature?.detail ?? '', /is a file of ISC's DHCP server/);
	t.regex(feature?.fix ?? '', /set `leases`/);
	t.like(probeLeases({ leases: folder } as Config), [{ ok: false, detail: `${folder} cannot be read: EISDIR` }]);
	t.deepEqual(probeLeases(undefined), []);
	rmSync(folder, { recursive: true });
});
