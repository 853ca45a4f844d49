import type { Log } from '../../../agent/core/log.ts';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import type { AccountId, MacAddress, MeterId, Unit } from '../../../agent/core/units.ts';
import type { Ledger } from '../../../agent/ledger/ledger.ts';
import type { LossDirection, LostGrant } from '../../../agent/ledger/lost.ts';
import type { SettleRequest, SettleResult } from '../../../agent/ledger/settle.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import type { GateFault } from '../../fakes/fake-gate.ts';
import { FakeKernel } from '../../fakes/fake-kernel.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';
import { Life } from './life.ts';
import { Truth, Violation } from './truth.ts';

export const ACCOUNTS = ['ann', 'bob', 'eve', 'joe'] as AccountId[];
export const STATIONS = [1, 2, 3, 4, 5, 6].map((number) => `02:00:5e:00:00:0${number}` as MacAddress);
const LIMITS = { bytesMin: 6000, bytesMax: 60_000, seconds: 2 };
export const TRACE_LINES = 60;
/** Of anything that ends by a timer: a retry, twice. */
export const PATIENCE_MS = 4100;

/** What a simulation plays in: a kernel, an agent with everything that may fail around it, and the independent books. */
export class SimulatedWorld {
	readonly random: SeededRandom;
	readonly clock = new FakeClock();
	readonly truth: Truth;
	readonly path: string;
	readonly powerLoss: LossDirection;
	readonly trace: string[] = [];
	kernel: FakeKernel;
	life: Life;
	violation: unknown;
	count = 0;
	/** Calls of commands that have not answered yet. */
	readonly running = new Set<Promise<unknown>>();
	faults: 'none' | 'gate' | 'disk' = 'none';
	isLosingEvents = false;
	/** Whether the agent may be killed wherever it waits or writes. */
	mayDie = true;
	figures = { packets: 0, forwarded: 0, settles: 0, followed: 0, lives: 0, powerCuts: 0 };

	constructor(seed: number, path: string) {
		this.random = new SeededRandom(seed);
		this.path = path;
		this.powerLoss = this.random.pick(['customer', 'venue']);
		this.kernel = this.newKernel();
		this.truth = this.newTruth();
		this.life = this.newLife();
	}

	protected newTruth(): Truth {
		return new Truth(this.kernel);
	}

	traffic(packets: number): void {
		const meters = [...this.kernel.meters.keys()];
		if (meters.length === 0) return;
		const large = this.random.chance(0.05);
		for (let count = 0; count < packets; count += 1) this.packet(this.random.pick(meters), large);
	}

	packet(meter: MeterId, large: boolean): boolean {
		const bytes = large ? 65_536 : this.random.pick([40, 576, 1400, 1500, this.random.between(40, 1500)]);
		this.figures.packets += 1;
		const way = this.kernel.send(meter, this.random.pick(['up', 'down']), bytes);
		if (way !== 'dropped') this.figures.forwarded += 1;
		return way !== 'dropped';
	}

	kill(where: string): void {
		if (!this.life.isAlive) return;
		this.note(`  KILLED ${where}`);
		this.running.clear();
		this.life.kill();
	}

	guard(check: () => void): void {
		try {
			check();
		} catch (error) {
			if (!this.violation) this.note('VIOLATION');
			this.violation ??= error;
		}
	}

	note(text: string): void {
		this.trace.push(`${this.clock.bootMs()} ${text}`);
		if (this.trace.length > 2 * TRACE_LINES) this.trace.splice(0, TRACE_LINES);
	}

	newEpoch(): string {
		this.count += 1;
		return `epoch-${this.count}`;
	}

	newKernel(): FakeKernel {
		return new FakeKernel(this.clock, this.newEpoch(), { matchesAtLimit: this.random.chance(0.5) });
	}

	newLife(): Life {
		const life: Life = new Life({
			kernel: this.kernel,
			clock: this.clock,
			path: this.path,
			limits: LIMITS,
			powerLoss: this.powerLoss,
			commitIntervalMs: 10_000,
			newSessionId: () => {
				this.count += 1;
				return `s${this.count}`;
			},
			gate: { meterMax: 40, boundary: () => this.boundary(), fault: (call) => this.gateFault(call) },
			log: this.log(),
			beforeWrite: (method) => this.beforeWrite(method),
			afterWrite: (...written) => this.afterWrite(...written),
		});
		const { watch } = this.kernel;
		const { depleted } = watch;
		watch.depleted = (part, pool) => {
			this.note(`  ${part} of ${pool} depleted${this.isLosingEvents ? ' (lost)' : ''}`);
			if (!this.isLosingEvents) depleted(part, pool);
		};
		watch.counted = (counter) => this.guard(() => this.truth.counted(counter));
		watch.forwarded = (...packet) => this.guard(() => this.truth.forwarded(...packet));
		return life;
	}

	/** Wherever the agent waits for the kernel, packets go on, others get their turn, and it may die. */
	async boundary(): Promise<void> {
		const random = this.random;
		for (let wait = random.between(0, 3); wait > 0; wait -= 1) await null;
		if (random.chance(0.4)) this.traffic(random.between(1, 6));
		if (random.chance(0.2)) this.clock.skip(random.between(1, 3));
		if (this.mayDie && random.chance(0.002)) this.kill('waiting for the kernel');
	}

	gateFault(call: string): GateFault {
		if (this.faults !== 'gate' || !this.random.chance(0.3)) return undefined;
		const fault = this.random.pick(['before', 'before', 'after'] as const);
		this.note(`  ${call} fails ${fault}`);
		this.delayed();
		return fault;
	}

	/** What could not be done is done later: until then, time that was ended may go on being charged. */
	delayed(): void {
		for (const id of ACCOUNTS) this.truth.account(id).roundingMs += PATIENCE_MS;
	}

	beforeWrite(method: string): void {
		if (this.faults === 'disk' && this.random.chance(0.5)) {
			this.note(`  ${method} fails`);
			this.delayed();
			throw new OctroiError('ledger_unwritable', 'the disk is full');
		}
		if (this.mayDie && this.random.chance(0.002)) {
			this.kill(`before ${method}`);
			throw new OctroiError('internal', 'killed');
		}
	}

	afterWrite(method: string, request: unknown, result: unknown, ledger: Ledger): void {
		this.guard(() => this.record(method, request, result, ledger));
		if (this.mayDie && this.random.chance(0.003)) {
			this.kill(`after ${method}`);
			throw new OctroiError('internal', 'killed');
		}
	}

	record(method: string, request: unknown, result: unknown, ledger: Ledger): void {
		if (method === 'openSession' && result === 'created') this.truth.opened(request as never);
		if (method === 'closeSession') this.truth.closed(ledger, (request as string[])[0] as string);
		if (method === 'settle') this.settled(request as SettleRequest, result as SettleResult);
		if (method === 'settleAll') {
			for (const [index, each] of (request as SettleRequest[]).entries()) {
				this.settled(each, (result as SettleResult[])[index] as SettleResult);
			}
		}
		if (method === 'resolveLost' || method === 'resolveLostAccount') {
			this.truth.lost(ledger, result as LostGrant[]);
		}
		if (method === 'topUp' && (result as { answer: string }).answer === 'created') {
			const { account, package: bought } = request as { account: AccountId; package: { unit: Unit; amount: number } };
			this.truth.account(account).bought[bought.unit] += bought.amount;
		}
		this.truth.check(ledger);
	}

	settled({ account, reserve }: SettleRequest, result: SettleResult): void {
		this.figures.settles += 1;
		const { expired } = this.truth.account(account);
		for (const [meter, record] of result.followed ?? []) {
			this.figures.followed += 1;
			this.truth.followed(meter, record);
		}
		expired.byte += result.expired.byte;
		expired.second += result.expired.second;
		this.note(
			`  ${account} settles ${result.usedBytes} B ${result.usedSeconds} s, wants ${reserve.byte}/${reserve.second}, has ${result.granted.byte}/${result.granted.second} of ${result.available.byte}/${result.available.second} more`,
		);
		if (result.overrunBytes > 0) throw new Violation(`${account} overran by ${result.overrunBytes} bytes`);
	}

	log(): Log {
		const note = (level: string) => (fields: object, message: string) => {
			const { error, ...rest } = fields as { error?: Error };
			this.note(`  ${level}: ${message} ${JSON.stringify(rest)} ${error?.message ?? ''}`);
			if (error && !(error instanceof OctroiError) && this.life.isAlive) this.violation ??= error;
		};
		const log = {
			debug: note('debug'),
			info: note('info'),
			warn: note('warn'),
			error: note('error'),
			fatal: note('fatal'),
		};
		return { ...log, child: () => log } as unknown as Log;
	}
}
