import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccount } from '../../../carrier/account/accounts.ts';
import { bindAccount } from '../../../carrier/account/admission.ts';
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
import type { SliceState } from '../../../carrier/slice/slice-row.ts';
import { verify } from '../../../carrier/verify.ts';
import { ALL } from '../../../protocol/topics.ts';
import { type Mosquitto, startMosquitto } from '../../carrier/mosquitto.ts';
import { type PostgresServer, startPostgres } from '../../carrier/postgres-server.ts';

export type SliceHistory = {
	slice: string;
	ap: string;
	state: SliceState;
	amount: number;
	used: number;
	returned: number;
	givenAt: number;
	expiresAt: number;
	lastAt: number;
	silences: number;
};

/** A real broker, a real database and the platform, for scenarios. */
export class CarrierSide {
	readonly broker: Mosquitto;
	/** As an access point's configuration has it: `NAME:KEY`. */
	readonly key: string;
	readonly #server: PostgresServer;
	readonly #directory: string;
	#platform: Platform;
	#slices: SlicePolicy;

	private constructor(parts: {
		broker: Mosquitto;
		platform: Platform;
		key: string;
		server: PostgresServer;
		directory: string;
		slices: SlicePolicy;
	}) {
		this.broker = parts.broker;
		this.#platform = parts.platform;
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
		const platform = await platformOf({ broker, server, directory, slices });
		return new CarrierSide({ broker, platform, key: `${kid}:${x}`, server, directory, slices });
	}

	get platform(): Platform {
		return this.#platform;
	}

	/** The operator decides otherwise on slices: the platform is started anew. */
	async decide(slices: SlicePolicy): Promise<void> {
		await this.#platform.stop();
		this.#slices = slices;
		const broker = this.broker;
		const server = this.#server;
		const directory = this.#directory;
		this.#platform = await platformOf({ broker, server, directory, slices });
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
			await bindAccount(tx, { account, ap: ALL, by: 'lab' }, now);
			await topUp(tx, { shop: 'lab', transaction, account, credit: { unit: 'byte', amount } }, this.#slices, now);
		});
		await this.platform.sender.sendDue();
	}

	async balances(account: string): Promise<Balances> {
		return await balancesOf(this.platform.database, account, 'byte');
	}

	/** From each slice's grant until the platform knew what became of all of it; those that are out yet are not among them. */
	async slices(): Promise<SliceHistory[]> {
		return await this.platform.database.query<SliceHistory>(
			`SELECT s.slice, s.ap, s.state, s.amount, s.used, s.returned, s.given_at AS "givenAt", s.expires_at AS "expiresAt",
				(SELECT max(t.at) FROM transfer t WHERE t.account = s.account AND t.about->>'slice' = s.slice) AS "lastAt",
				(SELECT count(*) FROM event e WHERE e.kind = 'slice.silent' AND e.details->>'slice' = s.slice) AS "silences"
			FROM slice s ORDER BY s.given_at`,
		);
	}

	/** What has moved by transfers of a kind. */
	async moved(kind: string): Promise<number> {
		const sql = 'SELECT coalesce(sum(amount), 0)::bigint AS amount FROM transfer WHERE kind = $1';
		const [row] = await this.platform.database.query<{ amount: number }>(sql, [kind]);
		return row?.amount ?? 0;
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

async function platformOf(parts: {
	broker: Mosquitto;
	server: PostgresServer;
	directory: string;
	slices: SlicePolicy;
}): Promise<Platform> {
	return await startPlatform({
		database: { url: parts.server.url('postgres') },
		broker: { url: parts.broker.url, protocol: '5', isShared: true },
		keys: parts.directory,
		slices: parts.slices,
		clock: systemClock(),
		log: silentLog,
	});
}
