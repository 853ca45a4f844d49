import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server } from 'node:net';
import { Aedes } from 'aedes';
import type { ExecutionContext } from 'ava';
import { type Log, silentLog } from '../../../agent/core/log.ts';
import { TrustedClock } from '../../../agent/core/trusted-clock.ts';
import type { AccountId, BootMs, MacAddress, MeterId } from '../../../agent/core/units.ts';
import { type Ledger, openLedger } from '../../../agent/ledger/ledger.ts';
import type { Moment } from '../../../agent/ledger/moment.ts';
import type { Accounts } from '../../../agent/sync/accounts.ts';
import { Catalogue, type Wares } from '../../../agent/sync/catalogue.ts';
import { type CarrierSettings, Sync } from '../../../agent/sync/sync.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakePlatform, PLATFORM_KEY } from '../../fakes/fake-platform.ts';
import { HANG_MS } from '../../lab/until.ts';
import { temporaryFolder } from '../ledger/temporary-ledger.ts';

/** A real broker in this process, on a free port of loopback, that can be told to misbehave. */
export class Broker {
	aedes: Aedes;
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	port = 0;

	private constructor(aedes: Aedes) {
		this.aedes = aedes;
		this.#server = createServer((socket) => {
			this.#sockets.add(socket);
			socket.on('close', () => this.#sockets.delete(socket));
			socket.on('error', () => undefined);
			this.aedes.handle(socket);
		});
	}

	static async start(): Promise<Broker> {
		const broker = new Broker(await Aedes.createBroker());
		await new Promise<void>((resolve) => broker.#server.listen(0, '127.0.0.1', () => resolve()));
		broker.port = (broker.#server.address() as AddressInfo).port;
		return broker;
	}

	get url(): string {
		return `mqtt://127.0.0.1:${this.port}`;
	}

	/** Cuts every connection, without a word. */
	cut(): void {
		for (const socket of this.#sockets) socket.destroy();
	}

	async stop(): Promise<void> {
		this.cut();
		await new Promise<void>((resolve) => this.#server.close(() => resolve()));
		await new Promise<void>((resolve) => this.aedes.close(() => resolve()));
	}
}

const MAC = '02:00:5e:10:00:01' as MacAddress;

/** An access point without a kernel: a real ledger, the real line to the carrier, and a clock by hand. */
export class AccessPoint {
	readonly clock: FakeClock;
	readonly trusted: TrustedClock;
	ledger: Ledger;
	readonly catalogue: Catalogue;
	readonly path: string;
	readonly settings: CarrierSettings;
	/** What was done to accounts, in order. */
	readonly done: string[] = [];
	readonly warnings: (string | undefined)[] = [];
	/** What the log was told: its texts. */
	readonly logged: string[] = [];
	readonly attached = new Map<MacAddress, AccountId>();
	/** The device of the way out. */
	uplink: string | undefined = 'eth0';
	/** What was used and is not charged yet: charged at once when that is asked for. */
	unsettled: (() => void) | undefined;
	sync: Sync;
	#meters = 0;
	readonly #used = new Map<string, { meter: MeterId; up: number; down: number; account: AccountId }>();

	constructor(
		path: string,
		settings: Partial<CarrierSettings> & { url: string },
		options: { wares?: Wares; clock?: FakeClock } = {},
	) {
		this.path = path;
		this.clock = options.clock ?? new FakeClock();
		this.trusted = new TrustedClock({ clock: this.clock, log: silentLog, isSynchronised: () => true });
		this.catalogue = new Catalogue(options.wares ?? { plans: [], tariffs: [] });
		this.settings = {
			accessPoint: 'cafe-7',
			mqttVersion: '3.1.1',
			keepAliveSeconds: 60,
			reportSeconds: 60,
			keys: [{ kid: PLATFORM_KEY.kid, x: PLATFORM_KEY.x }],
			...settings,
		};
		this.ledger = this.#open();
		this.sync = this.#line();
	}

	#open(): Ledger {
		// Whoever blocks the database in a test is not waited for.
		return openLedger(this.path, { clock: this.clock, log: silentLog, busyTimeoutMs: 1 });
	}

	#line(): Sync {
		return new Sync({
			settings: this.settings,
			version: '0.1.0',
			ledger: this.ledger,
			accounts: this.#accounts(),
			catalogue: this.catalogue,
			clock: this.clock,
			log: this.#log(),
			random: () => 0.5,
			trustedWallMs: () => this.trusted.wallMs(),
			moment: () => this.moment(),
			sessions: () => this.attached.size,
			uplink: () => this.uplink,
			onWarning: (sentence) => {
				if (this.warnings.at(-1) !== sentence) this.warnings.push(sentence);
			},
		});
	}

	#log(): Log {
		const note = (_details: unknown, text?: string) => void this.logged.push(text ?? '');
		return { debug() {}, info: note, warn: note, error: note, fatal: note, child: () => this.#log() };
	}

	/** The process dies and is started again. */
	async restart(): Promise<void> {
		await this.sync.stop();
		this.ledger.close();
		this.ledger = this.#open();
		this.sync = this.#line();
		await this.sync.start();
	}

	moment(): Moment {
		const { clock } = this;
		const boot = { id: clock.bootId, ms: clock.bootMs() as BootMs };
		return { wallMs: clock.wallMs(), bootMs: clock.bootMs(), boot, trustedWallMs: this.trusted.wallMs() };
	}

	#accounts(): Accounts {
		return {
			settle: () => this.unsettled?.(),
			credit: async (account, work) => {
				this.done.push(`credit ${account}`);
				return work();
			},
			withdraw: async (account, work) => {
				this.done.push(`withdraw ${account}`);
				return work();
			},
			changed: (account) => void this.done.push(`changed ${account}`),
			detach: async (mac) => {
				this.done.push(`detach ${mac}`);
				this.attached.delete(mac);
			},
			stations: (account) => [...this.attached].filter(([, of]) => of === account).map(([mac]) => mac),
			spending: () => [...new Set(this.attached.values())].map((account) => ({ account, unsettledBytes: 0 })),
		};
	}

	/** Lets time pass; what is due at a moment happens before the next one. */
	async pass(byMs: number): Promise<void> {
		await this.clock.pass(byMs, () => new Promise<void>((resolve) => setImmediate(resolve)));
	}

	buy(account: string, amount: number, id = `t-${account}`): void {
		this.ledger.createAccount({ id: account as AccountId });
		const terms = { unit: 'byte', amount, planName: 'bytes', atEnd: 'block' } as const;
		this.ledger.topUp({ transferId: id, account: account as AccountId, package: terms, at: this.moment() });
	}

	open(session: string, account: string): void {
		// Closed sessions give their numbers back.
		this.#meters = (this.#meters % 1000) + 1;
		const meter = this.#meters as MeterId;
		this.#used.set(session, { meter, up: 0, down: 0, account: account as AccountId });
		const opened = { session, mac: MAC, account: account as AccountId, meter, epoch: 'e1', at: this.moment() };
		if (this.ledger.openSession(opened) !== 'created') throw new Error(`session ${session} was not opened`);
	}

	/** A session uses so much, charged in one transaction. */
	use(session: string, up: number, down: number): void {
		const found = this.#used.get(session);
		if (!found) throw new Error(`no session ${session}`);
		found.up += up;
		found.down += down;
		const { meter, account } = found;
		const readings = [{ meter, up: found.up, down: found.down }];
		this.ledger.settle({
			epoch: 'e1',
			account,
			at: this.moment(),
			readings,
			free: false,
			reserve: { byte: 0, second: 0 },
		});
	}

	/** Many sessions of different accounts, in one transaction. */
	useAll(uses: readonly { session: string; up: number; down: number }[]): void {
		const requests = uses.map(({ session, up, down }) => {
			const found = this.#used.get(session);
			if (!found) throw new Error(`no session ${session}`);
			found.up += up;
			found.down += down;
			const readings = [{ meter: found.meter, up: found.up, down: found.down }];
			const reserve = { byte: 0, second: 0 };
			return { epoch: 'e1', account: found.account, at: this.moment(), readings, free: false as const, reserve };
		});
		this.ledger.settleAll(requests);
	}

	close(session: string): void {
		this.ledger.closeSession(session, 'left', this.moment());
		this.#used.delete(session);
	}
}

export type World = { readonly broker: Broker; readonly platform: FakePlatform; readonly ap: AccessPoint };

/** A broker, a platform and an access point that is connected to them. */
export async function carrierWorld(
	t: Pick<ExecutionContext, 'teardown'>,
	options: { settings?: Partial<CarrierSettings>; wares?: Wares; clock?: FakeClock } = {},
): Promise<World> {
	const broker = await Broker.start();
	t.teardown(() => broker.stop());
	const platform = await FakePlatform.connect(broker.url);
	t.teardown(() => platform.close());
	const ap = new AccessPoint(`${temporaryFolder(t)}/ledger.db`, { url: broker.url, ...options.settings }, options);
	t.teardown(() => ap.ledger.close());
	await ap.sync.start();
	t.teardown(() => ap.sync.stop());
	await platform.until(() => platform.states.length > 0);
	return { broker, platform, ap };
}

/** Resolves when it is so: looked at after every turn of the event loop. @throws Error after {@link HANG_MS} */
export async function soon(isSo: () => boolean): Promise<void> {
	for (const end = performance.now() + HANG_MS; !isSo(); ) {
		if (performance.now() > end) throw new Error(`waited in vain until ${isSo}`);
		await new Promise<void>((resolve) => setImmediate(resolve));
	}
}
