import type { Clock } from '../../../agent/core/clock.ts';
import { type Log, silentLog } from '../../../agent/core/log.ts';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import { TrustedClock } from '../../../agent/core/trusted-clock.ts';
import type { WallMs } from '../../../agent/core/units.ts';
import { type Ledger, openLedger } from '../../../agent/ledger/ledger.ts';
import type { LossDirection } from '../../../agent/ledger/lost.ts';
import type { Moment } from '../../../agent/ledger/moment.ts';
import type { ClassPolicy } from '../../../agent/ledger/package.ts';
import type { GateState } from '../../../agent/meter/gate.ts';
import { Meter } from '../../../agent/meter/meter.ts';
import { Recovery } from '../../../agent/meter/recovery.ts';
import { Sampler } from '../../../agent/meter/sampler.ts';
import type { WindowLimits } from '../../../agent/meter/window.ts';
import type { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeGate, type FakeGateOptions } from '../../fakes/fake-gate.ts';
import type { FakeKernel } from '../../fakes/fake-kernel.ts';

/** Methods of the ledger that write. */
const WRITES = new Set([
	'createAccount',
	'blockAccount',
	'topUp',
	'openSession',
	'closeSession',
	'settle',
	'settleAll',
	'resolveLost',
	'resolveLostAccount',
	'buy',
	'joinGroup',
	'leaveGroup',
	'permit',
	'take',
	'issueRenewals',
	'endRenewal',
	'codes.createBatch',
	'codes.redeem',
	'codes.give',
	'codes.returnGift',
	'codes.returnExpired',
]);

export type LifeOptions = {
	readonly kernel: FakeKernel;
	readonly clock: FakeClock;
	readonly path: string;
	readonly limits: WindowLimits;
	readonly powerLoss: LossDirection;
	readonly commitIntervalMs?: number;
	/** Flows are told apart. */
	readonly own?: ClassPolicy;
	readonly newSessionId: () => string;
	readonly gate?: FakeGateOptions;
	readonly log?: Log;
	/** Asked before each write: what it throws is thrown. */
	readonly beforeWrite?: (method: string) => void;
	/** Told after each write that was committed: what it throws is thrown to the agent, as if it had died then. */
	readonly afterWrite?: (method: string, request: unknown, result: unknown, ledger: Ledger) => void;
};

/** One run of the agent's money part, on a kernel and a database that outlive it. */
export class Life {
	readonly meter: Meter;
	readonly recovery: Recovery;
	readonly sampler: Sampler;
	readonly gate: FakeGate;
	/** As the agent sees it: with its faults. */
	readonly ledger: Ledger;
	/** For looking into it from outside. */
	readonly books: Ledger;
	readonly trusted: TrustedClock;
	isAlive = true;
	/** Never more than this life has itself. */
	timers = 0;
	#recovered: Promise<void> = Promise.resolve();
	/** What went wrong in the background. */
	readonly #log: Log;

	constructor(options: LifeOptions) {
		const { kernel, clock, limits, powerLoss } = options;
		this.#log = options.log ?? silentLog;
		const log = this.#log;
		const own = this.#clock(clock);
		this.books = openLedger(options.path, { clock: own, log: silentLog, newSessionId: options.newSessionId });
		this.ledger = this.#faulty(this.books, options);
		this.trusted = new TrustedClock({ clock: own, log: silentLog, isSynchronised: () => true });
		const trustedWallMs = (): WallMs | null => this.trusted.wallMs();
		const moment = (): Moment => ({ wallMs: own.wallMs(), bootMs: own.bootMs(), trustedWallMs: trustedWallMs() });
		const boundary = options.gate?.boundary ?? (() => Promise.resolve());
		this.gate = new FakeGate(kernel, { ...options.gate, boundary: () => this.#boundary(boundary) });
		const { gate, ledger } = this;
		this.meter = new Meter({
			gate,
			ledger,
			clock: own,
			moment: () => ({ ...moment(), boot: { id: own.bootId, ms: own.bootMs() } }),
			limits,
			...(options.own ? { own: options.own } : {}),
			log,
			newSessionId: options.newSessionId,
		});
		const { meter } = this;
		this.recovery = new Recovery({ gate, meter, ledger, clock: own, moment, powerLoss, log });
		const commitIntervalMs = options.commitIntervalMs ?? 300_000;
		this.sampler = new Sampler({ gate, meter, clock: own, intervalMs: 1000, commitIntervalMs, log });
		gate.connect({
			lowWater: (pool) => this.isAlive && meter.events.lowWater(pool),
			depleted: (pool) => this.isAlive && meter.events.depleted(pool),
		});
	}

	/** As the agent does: adopts what there is, then samples. */
	async start(): Promise<void> {
		this.#recovered = this.recovery.adopt(this.gate.load());
		await this.#recovered;
		this.sampler.start();
	}

	/** The data plane has loaded its table anew. */
	tableReplaced(state: GateState): void {
		this.#recovered = this.#recovered
			.then(() => this.recovery.replace(state))
			.catch((error) => this.#log.error({ error }, 'could not go on after the table was removed'));
	}

	/** SIGKILL: nothing of it runs any more, not even what was waiting for an answer. */
	kill(): void {
		this.isAlive = false;
		this.books.close();
	}

	/** SIGTERM. */
	async stop(): Promise<void> {
		await this.sampler.stop();
		this.meter.stop();
		await this.meter.idle();
		this.books.close();
	}

	async #boundary(wait: () => Promise<void>): Promise<void> {
		if (this.isAlive) await wait();
		// A dead process gets no answer.
		if (!this.isAlive) await new Promise<void>(() => {});
	}

	#clock(clock: FakeClock): Clock {
		return {
			bootId: clock.bootId,
			bootMs: () => clock.bootMs(),
			wallMs: () => clock.wallMs(),
			after: (delayMs, call) => {
				if (!this.isAlive) return () => {};
				this.timers += 1;
				let isDone = false;
				const done = () => {
					if (!isDone) this.timers -= 1;
					isDone = true;
				};
				const cancel = clock.after(delayMs, () => {
					done();
					if (this.isAlive) call();
				});
				return () => {
					done();
					cancel();
				};
			},
		};
	}

	#faulty<Part extends object>(part: Part, options: LifeOptions, prefix = ''): Part {
		const { beforeWrite, afterWrite } = options;
		return new Proxy(part, {
			get: (target, name) => {
				const method = Reflect.get(target, name) as (...values: unknown[]) => unknown;
				if (typeof method === 'object') return this.#faulty(method, options, `${String(name)}.`);
				const called = `${prefix}${String(name)}`;
				return (...values: unknown[]) => {
					if (!this.isAlive) throw new OctroiError('internal', 'a dead agent called its ledger');
					if (!WRITES.has(called)) return method.apply(target, values);
					beforeWrite?.(called);
					const result = method.apply(target, values);
					afterWrite?.(called, called === 'closeSession' ? values : values[0], result, this.books);
					return result;
				};
			},
		});
	}
}
