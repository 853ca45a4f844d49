import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import type { AccountId, MacAddress, MeterId } from '../../../agent/core/units.ts';
import type { PackageTerms } from '../../../agent/ledger/package.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import type { GateFault } from '../../fakes/fake-gate.ts';
import { type Direction, FakeKernel } from '../../fakes/fake-kernel.ts';
import { Life, type LifeOptions } from './life.ts';

export const ANN = 'ann' as AccountId;
export const FIRST = '02:00:5e:00:00:01' as MacAddress;
export const SECOND = '02:00:5e:00:00:02' as MacAddress;

/** A venue by hand: one agent on a fake kernel and clock, with a real ledger, and switches for what may fail. */
export class Venue {
	readonly clock = new FakeClock();
	kernel = new FakeKernel(this.clock, 'epoch-1');
	life: Life;
	/** Every call to the kernel fails so. */
	gateFault: GateFault;
	isDiskFull = false;
	/** Transactions of the ledger that wrote something or might have. */
	writes: string[] = [];
	readonly #path: string;
	readonly #options: Partial<LifeOptions>;
	#sessions = 0;
	#transfers = 0;

	private constructor(path: string, options: Partial<LifeOptions>) {
		this.#path = path;
		this.#options = options;
		this.life = this.#newLife();
	}

	static async open(t: ExecutionContext, options: Partial<LifeOptions> = {}): Promise<Venue> {
		const folder = mkdtempSync(join(tmpdir(), 'octroi-meter-'));
		const venue = new Venue(join(folder, 'ledger.db'), options);
		t.teardown(() => {
			if (venue.life.isAlive) venue.life.kill();
			rmSync(folder, { recursive: true, force: true });
		});
		await venue.life.start();
		venue.life.books.createAccount({ id: ANN });
		return venue;
	}

	get meter() {
		return this.life.meter;
	}

	account(id = ANN) {
		const account = this.life.books.account(id);
		if (!account) throw new RangeError(`no account ${id}`);
		return account;
	}

	async buy(terms: Partial<PackageTerms> & Pick<PackageTerms, 'unit' | 'amount'>, account = ANN): Promise<void> {
		this.#transfers += 1;
		const transferId = `t${this.#transfers}`;
		await this.meter.topUp({ transferId, account, terms: { planName: 'plan', atEnd: 'block', ...terms } });
		await this.quiet();
	}

	async attach(mac: MacAddress, account = ANN): Promise<MeterId> {
		const { meter } = await this.meter.attach(mac, account);
		return meter;
	}

	/** Sends packets one by one, and lets the agent hear of each. @returns the bytes that were forwarded */
	async send(meter: MeterId, bytes: number, { times = 1, direction = 'down' as Direction } = {}): Promise<number> {
		let forwarded = 0;
		for (let count = 0; count < times; count += 1) {
			if (this.kernel.send(meter, direction, bytes) !== 'dropped') forwarded += bytes;
			await this.quiet();
		}
		return forwarded;
	}

	/** Everything that can be done without time passing is done. */
	quiet(): Promise<void> {
		return turnOfTheLoop();
	}

	async pass(ms: number): Promise<void> {
		await this.clock.pass(ms, () => this.quiet());
		await this.quiet();
	}

	kill(): void {
		this.life.kill();
	}

	async restart(): Promise<void> {
		this.life = this.#newLife();
		await this.life.start();
		await this.quiet();
	}

	powerCut(): void {
		this.kill();
		this.kernel = new FakeKernel(this.clock, 'epoch-2');
	}

	#newLife(): Life {
		return new Life({
			kernel: this.kernel,
			clock: this.clock,
			path: this.#path,
			limits: { bytesMin: 20_000, bytesMax: 100_000, seconds: 2 },
			powerLoss: 'customer',
			newSessionId: () => {
				this.#sessions += 1;
				return `s${this.#sessions}`;
			},
			gate: { meterMax: 100, fault: () => this.gateFault },
			beforeWrite: (method) => {
				this.writes.push(method);
				if (this.isDiskFull) throw new OctroiError('ledger_unwritable', 'the disk is full');
			},
			...this.#options,
		});
	}
}
