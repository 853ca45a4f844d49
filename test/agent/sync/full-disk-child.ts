import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import Database from 'better-sqlite3';
import { carrierWorld, soon } from './carrier-world.ts';

/** Runs in a mount namespace of its own: an access point and its carrier, with the ledger on a file system that is filled to the last byte. */
const DISK_BYTES = 2 * 1024 * 1024;
const teardowns: (() => unknown)[] = [];

execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', tmpdir()]);
const { platform, ap } = await carrierWorld({ teardown: (work) => void teardowns.unshift(work) });
ap.buy('ann', 10_000);
ap.open('s1', 'ann');
ap.use('s1', 100, 23);
fill();
// A report falls due, and fails again every second.
await ap.pass(70_000);
const block = { kind: 'command', body: { command: 'block', account: 'ann' } } as const;
const refused = await platform.ask({ audience: 'cafe-7', id: 'c-1' }, block);
const full = { ...ap.sync.figures, records: platform.records.length, warning: ap.warnings.at(-1), refused };
rmSync(ballast(), { force: true });
const done = await platform.ask({ audience: 'cafe-7', id: 'c-1' }, block);
await ap.pass(61_000);
await soon(() => ap.sync.figures.acknowledged > 0 && ap.sync.figures.backlog.sessions === 0);
await soon(() => [...platform.events.values()].some(({ details }) => details.what === 'unwritable'));
console.log(
	JSON.stringify({
		full,
		done,
		bytes: platform.bytesOf('ann'),
		warning: ap.warnings.at(-1) ?? null,
		events: [...platform.events.values()].filter(({ kind }) => kind === 'fault'),
	}),
);
for (const work of teardowns) await work();

function ballast(): string {
	return `${tmpdir()}/ballast`;
}

/** The write-ahead log keeps its room: it is emptied first, or what is small would still find a place. */
function fill(): void {
	const raw = new Database(ap.path);
	raw.pragma('wal_checkpoint(TRUNCATE)');
	raw.close();
	let size = DISK_BYTES;
	while (size > 0) {
		try {
			writeFileSync(ballast(), Buffer.alloc(size), { flag: 'a' });
		} catch {
			// Takes what there is in ever smaller pieces.
		}
		size >>= 1;
	}
}
