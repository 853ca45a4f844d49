import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { CutProxy } from '../cut-proxy.ts';
import type { PlatformProcess } from '../platform-process.ts';
import { RoomProcess } from '../roaming/room-process.ts';
import type { FigureRules } from '../scenario.ts';

const NAME = 'ap-kernel';
const ACCOUNT = 'kernel-guest';
const PLAN = 'huge';
const BITS_PER_SECOND = 4_000_000;

export const WITNESS_RULES: FigureRules = {
	kernel_bytes: {
		title: 'forwarded meanwhile by the kernel of an access point, counted in other namespaces',
		bound: { atLeast: 1_000_000 },
	},
	kernel_difference_bytes: { title: "the platform's usage − that count", bound: { equals: 0 } },
	kernel_split_difference_bytes: { title: 'the same by direction, absolute', bound: { equals: 0 } },
	kernel_batches: { title: 'batches that brought it, one after the other', bound: { atLeast: 3 } },
	kernel_link_cuts: { title: 'times that its link was cut', bound: { atLeast: 2 } },
};

/**
 * An access point with the real agent, on a real kernel, whose station moves real bytes while everything fails that fails for the
 * others. Its network has nothing in common with ours: its uplink is a socket, and the way from there to the broker loses packets.
 */
export class WitnessedAccessPoint {
	readonly proxy: CutProxy;
	readonly #room: RoomProcess;
	readonly #directory: string;

	private constructor(parts: { room: RoomProcess; proxy: CutProxy; directory: string }) {
		this.#room = parts.room;
		this.proxy = parts.proxy;
		this.#directory = parts.directory;
	}

	static async start(brokerPort: number, platform: PlatformProcess): Promise<WitnessedAccessPoint> {
		const directory = mkdtempSync(join(tmpdir(), 'octroi-uplink-'));
		const brokerSocket = join(directory, 'uplink.sock');
		const proxy = await CutProxy.start(brokerPort, brokerSocket);
		await platform.ask('POST', '/v1/access-points', { ap: NAME, title: NAME });
		const room = await RoomProcess.start(NAME);
		await room.tell({ command: 'agent', accessPoint: NAME, key: platform.key, brokerSocket });
		await room.tell({ command: 'admit', account: ACCOUNT, plan: PLAN });
		await room.tell({ command: 'upload', bitsPerSecond: BITS_PER_SECOND });
		await room.tell({ command: 'download', bitsPerSecond: BITS_PER_SECOND });
		return new WitnessedAccessPoint({ room, proxy, directory });
	}

	/** Its station leaves. Throws if the ledger has other bytes than were counted. */
	async finish(): Promise<void> {
		await this.#room.tell({ command: 'halt' });
		await this.#room.tell({ command: 'finish' });
	}

	/** What it has that the platform has not acknowledged. */
	async waits(): Promise<number> {
		return (await this.#room.read()).waits;
	}

	async compare(database: pg.Pool): Promise<Record<keyof typeof WITNESS_RULES, number>> {
		const { upBytes, downBytes } = await this.#room.read();
		const { rows } = await database.query<Record<'up' | 'down' | 'amount', string>>(
			`SELECT coalesce(sum(up_bytes), 0)::bigint AS up, coalesce(sum(down_bytes), 0)::bigint AS down,
				coalesce(sum(amount), 0)::bigint AS amount FROM usage_record WHERE ap = $1 AND unit = 'byte'`,
			[NAME],
		);
		const batches = await database.query('SELECT 1 FROM usage_batch WHERE ap = $1', [NAME]);
		const [{ up, down, amount }] = rows as [Record<'up' | 'down' | 'amount', string>];
		return {
			kernel_bytes: upBytes + downBytes,
			kernel_difference_bytes: Number(amount) - upBytes - downBytes,
			kernel_split_difference_bytes: Math.abs(Number(up) - upBytes) + Math.abs(Number(down) - downBytes),
			kernel_batches: batches.rows.length,
			kernel_link_cuts: this.proxy.cuts,
		};
	}

	async stop(): Promise<void> {
		await this.#room.stop();
		this.proxy.stop();
		rmSync(this.#directory, { recursive: true, force: true });
	}
}
