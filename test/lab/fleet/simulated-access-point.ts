import { systemClock } from '../../../agent/core/clock.ts';
import { silentLog } from '../../../agent/core/log.ts';
import { TrustedClock } from '../../../agent/core/trusted-clock.ts';
import type { AccountId, MacAddress, MeterId } from '../../../agent/core/units.ts';
import { type Ledger, openLedger } from '../../../agent/ledger/ledger.ts';
import type { Moment } from '../../../agent/ledger/moment.ts';
import type { Accounts } from '../../../agent/sync/accounts.ts';
import { Catalogue } from '../../../agent/sync/catalogue.ts';
import { Sync } from '../../../agent/sync/sync.ts';

const CLOCK = systemClock();
const METER = 1 as MeterId;
const EPOCH = 'fleet';
/** More than anything will use. */
const BOUGHT_BYTES = 2 ** 45;

/** Nobody is attached: what the carrier could ask for finds nothing to do. */
const NO_STATIONS: Accounts = {
	credit: async (_account, work) => work(),
	withdraw: async (_account, work) => work(),
	changed: () => undefined,
	settle: () => undefined,
	detach: async () => undefined,
	stations: () => [],
	spending: () => [],
};

/** An access point without a kernel: a real ledger and the real line to the carrier. Its stations are figures. */
export class SimulatedAccessPoint {
	readonly #ledger: Ledger;
	readonly #sync: Sync;
	readonly #trusted: TrustedClock;
	readonly #account: AccountId;
	#up = 0;
	#down = 0;

	constructor({
		name,
		directory,
		url,
		key,
	}: { name: string; directory: string; url: string; key: { kid: string; x: string } }) {
		this.#account = `guest-${name}` as AccountId;
		this.#ledger = openLedger(`${directory}/${name}.db`, { clock: CLOCK, log: silentLog });
		this.#trusted = new TrustedClock({ clock: CLOCK, log: silentLog, isSynchronised: () => true });
		this.#sync = new Sync({
			settings: { url, accessPoint: name, keys: [key], mqttVersion: '3.1.1', keepAliveSeconds: 60, reportSeconds: 1 },
			version: '0.1.0',
			ledger: this.#ledger,
			accounts: NO_STATIONS,
			catalogue: new Catalogue({ plans: [], tariffs: [] }),
			clock: CLOCK,
			log: silentLog,
			random: Math.random,
			trustedWallMs: () => this.#trusted.wallMs(),
			moment: () => this.#moment(),
			uplink: () => undefined,
			sessions: () => 1,
			onWarning: () => undefined,
		});
	}

	async start(): Promise<void> {
		await this.#sync.start();
		const at = this.#moment();
		this.#ledger.createAccount({ id: this.#account });
		const terms = { unit: 'byte', amount: BOUGHT_BYTES, planName: 'bytes', atEnd: 'block' } as const;
		this.#ledger.topUp({ transferId: 'bought', account: this.#account, package: terms, at });
		const mac = '02:00:5e:10:00:01' as MacAddress;
		this.#ledger.openSession({ session: 'only', mac, account: this.#account, meter: METER, epoch: EPOCH, at });
	}

	/** Its station uses so much, charged in one transaction. */
	use(up: number, down: number): void {
		this.#up += up;
		this.#down += down;
		const readings = [{ meter: METER, up: this.#up, down: this.#down }];
		const at = this.#moment();
		this.#ledger.settle({
			epoch: EPOCH,
			account: this.#account,
			at,
			readings,
			free: false,
			reserve: { byte: 0, second: 0 },
		});
	}

	get usedBytes(): number {
		return this.#up + this.#down;
	}

	get isConnected(): boolean {
		return this.#sync.figures.connected;
	}

	/** Reports that the platform has not acknowledged. */
	get waiting(): number {
		const { batches, sessions, events } = this.#sync.figures.backlog;
		return batches + sessions + events;
	}

	async stop(): Promise<void> {
		await this.#sync.stop();
		this.#ledger.close();
	}

	#moment(): Moment {
		const boot = { id: CLOCK.bootId, ms: CLOCK.bootMs() };
		return { wallMs: CLOCK.wallMs(), bootMs: CLOCK.bootMs(), boot, trustedWallMs: this.#trusted.wallMs() };
	}
}
