import type { CommandParts } from '../commands/command-parts.ts';
import { clockWarning } from '../core/clock-warning.ts';
import {
	type AgentHealth,
	type StatusPicture,
	type TableChanges,
	TRANSFERS_MAX,
	type TransferRow,
	type Uplink,
} from '../status/snapshot.ts';
import type { PictureSource, StreamReaders } from '../status/status-stream.ts';
import { AccountBalances } from './account-balances.ts';
import { ChangeTracker } from './change-tracker.ts';
import { SalesOfToday } from './sales-of-today.ts';
import { StationTable } from './station-table.ts';

export type SnapshotParts = CommandParts & {
	readonly startedAtMs: number;
	readonly startedBootMs: number;
	readonly uplink: () => Uplink | null;
};

/** Joins what the parts of the agent know into the picture that displays show. Only asked while somebody watches. */
export class SnapshotSource implements PictureSource {
	readonly #parts: SnapshotParts;
	readonly #balances: AccountBalances;
	readonly #stations: StationTable;
	readonly #sales: SalesOfToday;
	readonly #news: ChangeTracker;
	#transfers: readonly TransferRow[] = [];
	#sequence = 0;
	#cpu = { atMs: 0, usage: process.cpuUsage() };

	constructor(parts: SnapshotParts) {
		const { ledger, meter, stations, clock } = parts;
		this.#parts = parts;
		this.#balances = new AccountBalances(ledger.overview, meter.pools);
		this.#stations = new StationTable({ meter, stations, balances: this.#balances });
		this.#sales = new SalesOfToday(ledger.overview);
		this.#news = new ChangeTracker({ meter, stations });
		this.#cpu.atMs = clock.bootMs();
	}

	picture(readers: StreamReaders): { picture: StatusPicture; tables: TableChanges } {
		const { clock, warnings, trusted, line } = this.#parts;
		const { traffic } = this.#parts.meter.charger;
		const { touched, spending } = this.#news.take();
		const accounts = this.#balances.read(clock.bootMs(), spending);
		const stations = this.#stations.read(touched);
		warnings.set('clock', clockWarning(trusted));
		const { counts, upBytesPerSecond, downBytesPerSecond } = this.#stations.sums;
		const picture: StatusPicture = {
			agent: this.#health(readers),
			counts: { ...counts },
			traffic: {
				upBytes: traffic.up,
				downBytes: traffic.down,
				upBytesPerSecond,
				downBytesPerSecond,
			},
			sold: this.#sales.read(this.#parts.moment().wallMs),
			plans: line.catalogue.plans,
			warnings: warnings.list(),
			uplink: this.#parts.uplink(),
			carrier: line.link,
			pairing: this.#pairing(),
			stations,
			accounts,
			transfers: this.#recent(),
		};
		return { picture, tables: { ...this.#stations.takeChanges(), ...this.#balances.takeChanges() } };
	}

	rest(): void {
		this.#news.rest();
		this.#balances.forget();
		this.#stations.forget();
		this.#sales.forget();
		this.#transfers = [];
		this.#sequence = 0;
	}

	#pairing(): StatusPicture['pairing'] {
		const code = this.#parts.identity.pairing.onDisplay();
		return code === undefined ? null : { code };
	}

	#recent(): readonly TransferRow[] {
		const { overview } = this.#parts.ledger;
		const newest = overview.newest();
		if (newest === this.#sequence) return this.#transfers;
		const added = overview.transfersSince(this.#sequence, TRANSFERS_MAX);
		this.#sequence = newest;
		this.#transfers = [...added, ...this.#transfers].slice(0, TRANSFERS_MAX);
		return this.#transfers;
	}

	#health({ count, dropped }: StreamReaders): AgentHealth {
		const { version, processId, config, clock, meter, sampler, startedAtMs, startedBootMs } = this.#parts;
		const { lastLagMs, ...figures } = sampler.figures;
		const { count: samples, lastDurationMs, longestDurationMs, lastCpuMs } = figures;
		return {
			version,
			processId,
			startedAtMs,
			upSeconds: Math.floor((clock.bootMs() - startedBootMs) / 1000),
			devices: config.devices,
			epoch: meter.epoch,
			cpuPercent: this.#cpuPercent(),
			residentBytes: process.memoryUsage.rss(),
			lagMs: lastLagMs,
			sample: { count: samples, lastDurationMs, longestDurationMs, lastCpuMs },
			readers: count,
			readersDropped: dropped,
		};
	}

	#cpuPercent(): number {
		const atMs = this.#parts.clock.bootMs();
		const usage = process.cpuUsage();
		const before = this.#cpu;
		this.#cpu = { atMs, usage };
		const spentMs = (usage.user + usage.system - before.usage.user - before.usage.system) / 1000;
		return Math.round((spentMs / Math.max(1, atMs - before.atMs)) * 1000) / 10;
	}
}
