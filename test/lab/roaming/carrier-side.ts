import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccount } from '../../../carrier/account/accounts.ts';
import { type Balances, balancesOf } from '../../../carrier/account/transfers.ts';
import { systemClock } from '../../../carrier/clock.ts';
import { addAccessPoint } from '../../../carrier/fleet/access-points.ts';
import { KeyRing } from '../../../carrier/key/key-ring.ts';
import { silentLog } from '../../../carrier/log.ts';
import { type Platform, startPlatform } from '../../../carrier/platform.ts';
import type { PolicyDraft } from '../../../carrier/policy/policies.ts';
import { publishPolicy } from '../../../carrier/policy/policies.ts';
import { topUp } from '../../../carrier/sale/top-up.ts';
import type { SlicePolicy } from '../../../carrier/slice/slice-policy.ts';
import { verify } from '../../../carrier/verify.ts';
import { type Mosquitto, startMosquitto } from '../../carrier/mosquitto.ts';
import { type PostgresServer, startPostgres } from '../../carrier/postgres-server.ts';

/** A real broker, a real database and the platform, for scenarios. */
export class CarrierSide {
	readonly broker: Mosquitto;
	readonly platform: Platform;
	/** As an access point's configuration has it: `NAME:KEY`. */
	readonly key: string;
	readonly #server: PostgresServer;
	readonly #directory: string;
	readonly #slices: SlicePolicy;

	private constructor(parts: {
		broker: Mosquitto;
		platform: Platform;
		key: string;
		server: PostgresServer;
		directory: string;
		slices: SlicePolicy;
	}) {
		this.broker = parts.broker;
		this.platform = parts.platform;
		this.key = parts.key;
		this.#server = parts.server;
		this.#directory = parts.directory;
		this.#slices = parts.slices;
	}

	static async start(slices: SlicePolicy): Promise<CarrierSide> {
		const directory = mkdtempSync(join(tmpdir(), 'octroi-carrier-side-'));
		const { kid, x } = new KeyRing(directory).create('first');
		const broker = await startMosquitto();
		const server = await startPostgres({ durable: true });
		const platform = await startPlatform({
			database: { url: server.url('postgres') },
			broker: { url: broker.url, protocol: '5', isShared: true },
			keys: directory,
			slices,
			clock: systemClock(),
			log: silentLog,
		});
		return new CarrierSide({ broker, platform, key: `${kid}:${x}`, server, directory, slices });
	}

	async addAccessPoints(names: readonly string[]): Promise<void> {
		for (const name of names) await addAccessPoint(this.platform.database, name, name, systemClock().wallMs());
	}

	async publish(draft: PolicyDraft): Promise<void> {
		const { database, keys, sender } = this.platform;
		const order = { audience: 'all', draft, keys: keys.forPolicies(), by: 'lab' };
		await sender.sendPolicy(
			await database.transaction(async (tx) => await publishPolicy(tx, order, systemClock().wallMs())),
		);
	}

	async credit(account: string, amount: number, transaction: string): Promise<void> {
		const now = systemClock().wallMs();
		await this.platform.database.transaction(async (tx) => {
			await createAccount(tx, { account, title: account, now });
			await topUp(tx, { shop: 'lab', transaction, account, credit: { unit: 'byte', amount } }, this.#slices, now);
		});
		await this.platform.sender.sendDue();
	}

	async balances(account: string): Promise<Balances> {
		return await balancesOf(this.platform.database, account, 'byte');
	}

	/** How many of the store's invariants are broken. */
	async brokenInvariants(): Promise<number> {
		return (await verify(this.platform.database)).filter(({ broken }) => broken.length > 0).length;
	}

	async stop(): Promise<void> {
		await this.platform.stop();
		await this.broker.stop();
		await this.#server.stop();
		rmSync(this.#directory, { recursive: true, force: true });
	}
}
