import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Aedes } from 'aedes';
import { systemClock } from '../../../carrier/clock.ts';
import { addAccessPoint } from '../../../carrier/fleet/access-points.ts';
import { KeyRing } from '../../../carrier/key/key-ring.ts';
import { silentLog } from '../../../carrier/log.ts';
import { type Platform, startPlatform } from '../../../carrier/platform.ts';
import { type PolicyDraft, publishPolicy } from '../../../carrier/policy/policies.ts';
import { putPlan } from '../../../carrier/sale/plans.ts';
import { topUp } from '../../../carrier/sale/top-up.ts';
import { SLICE_POLICY } from '../../../carrier/slice/slice-policy.ts';
import { verify } from '../../../carrier/verify.ts';
import type { AgentOverrides } from '../agent-handle.ts';
import type { Namespace } from '../namespace/namespace.ts';
import { LAB_DIRECTORY } from '../namespace/private-namespaces.ts';

const ACCESS_POINT = 'demo';
const BROKER_PORT = 1883;
const FORWARDER = fileURLToPath(new URL('../roaming/forwarder.js', import.meta.url));

/** A broker and the platform in this process, with the embedded database; and the router's uplink to them, which can be cut. */
export class DemoCarrier {
	readonly #router: Namespace;
	readonly #broker: { aedes: Aedes; server: Server; socket: string };
	readonly #platform: Platform;
	readonly #key: string;
	#uplink: ChildProcess | undefined;

	private constructor(
		router: Namespace,
		parts: { broker: { aedes: Aedes; server: Server; socket: string }; platform: Platform; key: string },
	) {
		this.#router = router;
		this.#broker = parts.broker;
		this.#platform = parts.platform;
		this.#key = parts.key;
	}

	static async start(router: Namespace): Promise<DemoCarrier> {
		const socket = join(LAB_DIRECTORY, 'broker.sock');
		const aedes = await Aedes.createBroker();
		const server = createServer(aedes.handle).listen(socket);
		await once(server, 'listening');
		const keys = join(LAB_DIRECTORY, 'carrier-keys');
		const { kid, x } = new KeyRing(keys).create('demo');
		const platform = await startPlatform({
			database: { directory: undefined },
			broker: { url: `mqtt+unix://${socket}`, protocol: '3.1.1', isShared: false },
			keys,
			slices: SLICE_POLICY,
			clock: systemClock(),
			log: silentLog,
		});
		await addAccessPoint(platform.database, ACCESS_POINT, 'the router of the demo', systemClock().wallMs());
		const carrier = new DemoCarrier(router, { broker: { aedes, server, socket }, platform, key: `${kid}:${x}` });
		await carrier.raiseUplink();
		return carrier;
	}

	/** What the agent's configuration says of it. */
	get settings(): AgentOverrides {
		const url = `mqtt://127.0.0.1:${BROKER_PORT}`;
		return { carrier: { url, accessPoint: ACCESS_POINT, keys: [this.#key], reportSeconds: 1, keepAliveSeconds: 5 } };
	}

	async raiseUplink(): Promise<void> {
		const words = [FORWARDER, String(BROKER_PORT), this.#broker.socket];
		const child = this.#router.spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
		await once(child.stdout as NodeJS.ReadableStream, 'data');
		this.#uplink = child;
	}

	cutUplink(): void {
		this.#uplink?.kill('SIGKILL');
	}

	/** Answers its version. */
	async publish(draft: PolicyDraft): Promise<number> {
		const { database, keys, sender } = this.#platform;
		const order = { audience: 'all', draft, keys: keys.forPolicies(), by: 'demo' };
		const policy = await database.transaction(async (tx) => await publishPolicy(tx, order, systemClock().wallMs()));
		await sender.sendPolicy(policy);
		return policy.version;
	}

	async policyOutcome(version: number): Promise<string | undefined> {
		const [row] = await this.#platform.database.query<{ outcome: string }>(
			'SELECT outcome FROM policy_reply WHERE version = $1',
			[version],
		);
		return row?.outcome;
	}

	/** A shop's message, as often as the shop likes to send it. Answers the command's id. */
	async sell(account: string, plan: object & { name: string }, transaction: string): Promise<string> {
		const { database, sender } = this.#platform;
		const now = systemClock().wallMs();
		const { id } = await database.transaction(async (tx) => {
			await putPlan(tx, plan, now);
			return await topUp(
				tx,
				{ shop: 'kiosk', transaction, account, plan: plan.name, ap: ACCESS_POINT },
				SLICE_POLICY,
				now,
			);
		});
		await sender.sendDue();
		return id;
	}

	async outcomeOf(id: string): Promise<string | null | undefined> {
		const [row] = await this.#platform.database.query<{ outcome: string | null }>(
			'SELECT outcome FROM down_message WHERE id = $1',
			[id],
		);
		return row?.outcome;
	}

	/** What the platform has of each account, by its own records. */
	async usage(): Promise<Map<string, number>> {
		const rows = await this.#platform.database.query<{ account: string; amount: number }>(
			"SELECT account, sum(amount) AS amount FROM usage_record WHERE unit = 'byte' GROUP BY account",
		);
		return new Map(rows.map(({ account, amount }) => [account, amount]));
	}

	async brokenInvariants(): Promise<number> {
		return (await verify(this.#platform.database)).filter(({ broken }) => broken.length > 0).length;
	}

	async stop(): Promise<void> {
		this.cutUplink();
		await this.#platform.stop();
		this.#broker.server.close();
		this.#broker.aedes.close();
	}
}
