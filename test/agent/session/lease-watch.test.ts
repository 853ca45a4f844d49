import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import { LeaseWatch } from '../../../agent/session/lease-watch.ts';
import { LEASE_FILE_BYTES_MAX, type Lease } from '../../../agent/session/leases.ts';

const line = (last: number) => `1791000000 02:00:5e:10:00:01 10.1.0.${last} phone *\n`;

function watched(path: string, onProblem?: (sentence: string | undefined) => void) {
	const warnings: object[] = [];
	const log = { ...silentLog, warn: (fields: object) => void warnings.push(fields) } as never;
	const watch = new LeaseWatch({ path, log, lookIntervalMs: 5, ...(onProblem && { onProblem }) });
	const told: (readonly Lease[])[] = [];
	let wake = () => {};
	const start = () =>
		watch.start((leases) => {
			told.push(leases);
			wake();
		});
	const toldOf = async (address: string) => {
		while (told.at(-1)?.[0]?.address !== address) await new Promise<void>((resolve) => (wake = resolve));
	};
	const toldTimes = async (count: number) => {
		while (told.length < count) await new Promise<void>((resolve) => (wake = resolve));
	};
	// The look must hold the process, as the agent's other parts do.
	const held = setInterval(() => {}, 1000);
	const end = () => {
		watch.stop();
		watch.stop();
		clearInterval(held);
	};
	return { start, told, toldOf, toldTimes, warnings, end };
}

test('a lease file may appear later, change, be replaced, vanish and come again', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'octroi-leases-'));
	const path = join(folder, 'dhcp.leases');
	const leases = watched(path);
	await leases.start();
	t.deepEqual(leases.told, [], 'it is not there yet');
	writeFileSync(path, line(2));
	await leases.toldOf('10.1.0.2');
	writeFileSync(path, line(33));
	await leases.toldOf('10.1.0.33');
	writeFileSync(`${path}.new`, line(4));
	renameSync(`${path}.new`, path);
	await leases.toldOf('10.1.0.4');
	rmSync(path);
	writeFileSync(path, line(5));
	await leases.toldOf('10.1.0.5');
	t.deepEqual(leases.warnings, []);
	leases.end();
	rmSync(folder, { recursive: true });
});

test('of a lease file that is too long, the beginning is read; a folder in its place is a warning', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'octroi-leases-'));
	const path = join(folder, 'dhcp.leases');
	writeFileSync(path, line(2).repeat(Math.ceil((LEASE_FILE_BYTES_MAX + 1000) / line(2).length)));
	const long = watched(path);
	await long.start();
	t.is(long.told[0]?.length, Math.floor(LEASE_FILE_BYTES_MAX / line(2).length));
	long.end();
	const wrong = watched(folder);
	await wrong.start();
	t.like(wrong.warnings[0], { path: folder });
	wrong.end();
	rmSync(folder, { recursive: true });
});

test('a file of another DHCP server is one warning, however often it changes, until it is right', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'octroi-leases-'));
	const path = join(folder, 'dhcp.leases');
	const lease = (last: number) => `lease 10.1.0.${last} {\n  hardware ethernet 02:00:5e:10:00:01;\n}\n`;
	writeFileSync(path, lease(2));
	const problems: (string | undefined)[] = [];
	const leases = watched(path, (sentence) => problems.push(sentence));
	await leases.start();
	const before = leases.told.length;
	writeFileSync(path, lease(2) + lease(3));
	await leases.toldTimes(before + 1);
	t.is(leases.warnings.length, 1);
	t.is(problems.length, 1);
	t.true(problems[0]?.startsWith(`the lease file ${path} is a file of ISC's DHCP server`));
	writeFileSync(path, line(5));
	await leases.toldOf('10.1.0.5');
	t.is(problems.length, 2);
	t.is(problems[1], undefined);
	leases.end();
	rmSync(folder, { recursive: true });
});
