import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import type { AccountId, Unit } from '../../../agent/core/units.ts';
import { ACCOUNTS, PATIENCE_MS, SimulatedWorld, STATIONS, TRACE_LINES } from './simulated-world.ts';
import { STEPS, type StepName } from './simulation-steps.ts';
import { Violation } from './truth.ts';

/** A random history of a venue on one seed: the real meter, recovery, sampler and ledger on a fake kernel and clock. */
export class Simulation extends SimulatedWorld {
	/** What happens, and how often. */
	protected readonly steps: Readonly<Record<string, number>> = STEPS;

	/** @throws Violation, with the last steps */
	async run(steps: number): Promise<void> {
		try {
			await this.#born();
			for (const id of ACCOUNTS) {
				this.truth.account(id);
				this.life.books.createAccount({
					id,
					...(id === 'joe' ? { atEnd: 'throttle', throttleBytesPerSecond: 20_000 } : {}),
				});
			}
			this.begin();
			for (let step = 0; step < steps; step += 1) await this.#step(step);
			await this.#end();
		} catch (error) {
			throw new Violation(`${this.trace.slice(-TRACE_LINES).join('\n')}\n${(error as Error).stack}`);
		} finally {
			if (this.life.isAlive) this.life.kill();
		}
	}

	/** Once, before the first step. */
	protected begin(): void {}

	async #step(index: number): Promise<void> {
		const name = this.random.weighted(this.steps);
		this.note(`#${index} ${name}`);
		await this.do(name);
		if (this.random.chance(0.6)) await turnOfTheLoop();
		if (!this.life.isAlive) await this.#rebirth();
		this.guard(() => this.truth.check(this.life.books));
		if (index % 500 === 499) this.#verify();
		if (this.violation) throw this.violation;
	}

	protected async do(name: string): Promise<void> {
		const random = this.random;
		switch (name as StepName) {
			case 'traffic':
				return this.traffic(random.between(1, 12));
			case 'burst':
				return this.traffic(random.between(20, 120));
			case 'time':
				return this.clock.pass(random.pick([1, 10, 100, 500, 1000, 3000, 20_000]), () => this.#quiet());
			case 'lateness':
				return this.clock.skip(random.between(1, 3000));
			case 'attach':
				return this.command('attach', () => this.life.meter.attach(random.pick(STATIONS), random.pick(ACCOUNTS)));
			case 'detach':
				return this.command('detach', () => this.life.meter.detach(random.pick(STATIONS), 'detached'));
			case 'topUpBytes':
				return this.#topUp('byte', random.pick([1, 700, 1500, 3000, 10_000, 40_000, 200_000, 1_000_000]));
			case 'topUpSeconds':
				return this.#topUp('second', random.pick([1, 2, 5, 30, 100, 1000]));
			case 'block':
				return this.command('block', () => this.life.meter.setBlocked(random.pick(ACCOUNTS), true));
			case 'unblock':
				return this.command('unblock', () => this.life.meter.setBlocked(random.pick(ACCOUNTS), false));
			case 'kill':
				return this.kill('by hand');
			case 'powerCut':
				return this.#powerCut();
			case 'removeTable':
				return this.#removeTable();
			case 'removeCounters':
				return this.#removeCounters();
			case 'resetCounters':
				return this.#resetCounters();
			case 'faults':
				this.faults = random.pick(['none', 'gate', 'disk']);
				return this.note(`  faults: ${this.faults}`);
			case 'loseEvents':
				return this.#loseEvents();
			case 'jumpWall':
				return this.clock.jumpWall(random.pick([-1, 1]) * random.pick([1000, 3_000_000, 400 * 86_400_000]));
			case 'progress':
				return this.#checkProgress();
		}
	}

	// Commands

	/** Runs a command beside everything else. What it may fail with depends on the faults that were there. */
	protected async command(name: string, work: () => Promise<unknown>): Promise<void> {
		const { meter } = this.life;
		const allowed = new Set(['not_found', 'not_allowed']);
		const running: Promise<unknown> = work()
			.then(
				() => this.note(`  ${name} done`),
				(error: unknown) => {
					const code = error instanceof OctroiError ? error.code : 'defect';
					this.note(`  ${name} failed: ${(error as Error).message}`);
					if (meter !== this.life.meter || !this.life.isAlive) return;
					const isFault = code.startsWith('netlink_') || code === 'ledger_unwritable';
					if (!allowed.has(code) && !isFault) this.violation ??= error;
					if ((error as Error).message.startsWith('all ')) this.violation ??= error;
				},
			)
			.finally(() => this.running.delete(running));
		this.running.add(running);
		if (this.random.chance(0.6)) await turnOfTheLoop();
	}

	async #topUp(unit: Unit, amount: number): Promise<void> {
		const random = this.random;
		const account = random.pick(ACCOUNTS);
		this.count += 1;
		const transferId = `t${this.count}`;
		const end = random.chance(0.3)
			? ({ atEnd: 'throttle', throttleBytesPerSecond: random.pick([1000, 50_000]) } as const)
			: ({ atEnd: 'block' } as const);
		const validForSeconds = random.chance(0.3) ? { validForSeconds: random.pick([1, 10, 60, 3600]) } : {};
		this.note(`  ${account} buys ${amount} ${unit}s ${JSON.stringify({ ...end, ...validForSeconds })}`);
		const terms = { unit, amount, planName: 'plan', ...end, ...validForSeconds };
		return this.command('topUp', () => this.life.meter.topUp({ transferId, account, terms }));
	}

	// Faults

	async #powerCut(): Promise<void> {
		this.kill('by a power cut');
		this.figures.powerCuts += 1;
		this.kernel.removeTable();
		const kernel = this.newKernel();
		this.kernel = kernel;
		this.truth.kernel = kernel;
	}

	async #removeTable(): Promise<void> {
		if (!this.life.isAlive) return;
		this.kernel.removeTable();
		for (let wait = this.random.between(0, 8); wait > 0; wait -= 1) await null;
		if (this.random.chance(0.3)) await turnOfTheLoop();
		this.kernel.loadTable(this.newEpoch());
		if (this.life.isAlive) this.life.tableReplaced(this.life.gate.load());
	}

	/** Somebody removes the counters of one station, whether the agent lives or not. */
	#removeCounters(): void {
		const counted = [...this.kernel.meters].filter(([, { counter }]) => counter && counter.up + counter.down > 0);
		if (counted.length === 0) return;
		const [meter] = this.random.pick(counted);
		this.note(`  counters of ${meter} vanish`);
		this.kernel.removeCounters(meter);
		if (this.random.chance(0.3)) this.kill('because counters vanished');
	}

	/**
	 * Somebody sets counters back that the ledger knows. Of one that passes its old value before anybody looks, nobody can
	 * tell; so these are large, and looked at before much can pass.
	 */
	#resetCounters(): void {
		const pairs = this.life.meter.pools
			.all()
			.flatMap((pool) => [...pool.meters.values()].map((state) => ({ pool, state })));
		const known = pairs.filter(({ state }) => {
			const counter = this.kernel.meters.get(state.meter)?.counter;
			const isSettled = counter?.up === state.settledUp && counter.down === state.settledDown;
			return isSettled && Math.max(state.settledUp, state.settledDown) > 400_000;
		});
		if (known.length === 0) return;
		const { pool, state } = this.random.pick(known);
		this.note(`  counters of ${state.meter} are set back`);
		this.kernel.resetCounters(state.meter);
		if (this.random.chance(0.3)) this.kill('because counters were set back');
		else this.life.meter.inspect(pool);
	}

	async #loseEvents(): Promise<void> {
		this.isLosingEvents = true;
		await this.traffic(this.random.between(1, 60));
		await turnOfTheLoop();
		this.isLosingEvents = false;
		if (this.life.isAlive) this.life.meter.events.resynchronise();
	}

	async #rebirth(): Promise<void> {
		if (this.random.chance(0.5)) this.clock.skip(this.random.between(1, 20_000));
		this.traffic(this.random.between(0, 30));
		for (let attempt = 1; ; attempt += 1) {
			// A supervisor starts it again until it stays; in the end, what was in the way is gone.
			if (attempt > 3) {
				this.faults = 'none';
				this.mayDie = false;
			}
			this.life = this.newLife();
			if (await this.#born()) break;
			if (attempt > 5) throw new Violation('the agent does not start any more');
		}
		this.mayDie = true;
	}

	async #born(): Promise<boolean> {
		this.figures.lives += 1;
		const life = this.life;
		for (const id of ACCOUNTS) this.truth.rounded(id);
		this.truth.adopted(life.books);
		let isStarted = false;
		life.start().then(
			() => {
				isStarted = true;
			},
			(error: unknown) => {
				this.note(`  start failed: ${(error as Error).stack}`);
				this.kill('because it could not start');
			},
		);
		await turnOfTheLoop();
		return isStarted && life.isAlive;
	}

	// Checks

	/** Whoever has bytes or time left gets something through; whoever has nothing gets nothing. */
	async #checkProgress(): Promise<void> {
		if (!this.life.isAlive) return;
		this.faults = 'none';
		this.mayDie = false;
		await this.#quiet();
		await this.clock.pass(PATIENCE_MS, () => this.#quiet());
		await this.#quiet();
		for (const pool of this.life.meter.pools.all()) {
			if (this.violation) break;
			await this.#checkPoolProgress(pool.account);
		}
		this.mayDie = true;
	}

	async #checkPoolProgress(id: AccountId): Promise<void> {
		const kernel = this.kernel;
		const meters = () => [...(this.life.meter.pools.of(id)?.meters.keys() ?? [])];
		const expected = this.expected(id, meters().length);
		this.note(`  ${id} expects ${expected}`);
		let passed = 0;
		for (let attempt = 0; attempt < 4 && passed === 0; attempt += 1) {
			for (const meter of meters()) if (kernel.send(meter, 'down', 1500) !== 'dropped') passed += 1;
			await this.#quiet();
			if (expected === 'nothing' && attempt > 0) break;
			if (passed === 0) await this.clock.pass(PATIENCE_MS, () => this.#quiet());
			if (expected !== this.expected(id, meters().length)) return;
		}
		if (expected === 'something' && passed === 0) {
			const pool = this.life.meter.pools.of(id);
			const state = JSON.stringify({ ...pool, meters: [...(pool?.meters.values() ?? [])] });
			const books = JSON.stringify([this.life.books.account(id), this.life.books.packages(id)]);
			this.violation ??= new Violation(`${id} is stuck: ${state} ${books}`);
		}
		if (expected === 'nothing' && passed > 0) this.violation ??= new Violation(`${id} got ${passed} packets free`);
	}

	protected expected(id: AccountId, stations: number): 'something' | 'nothing' | 'anything' {
		const { books, trusted } = this.life;
		const now = trusted.wallMs();
		const account = books.account(id);
		if (!account || account.blocked) return 'nothing';
		const left = { byte: -this.truth.unpaidBytes(books, id), second: 0, micro: 0 };
		let mayExpire = false;
		for (const { unit, remaining, expiresAtWallMs } of books.packages(id)) {
			if (expiresAtWallMs !== undefined) mayExpire = true;
			if (expiresAtWallMs === undefined || now === null || expiresAtWallMs > now) left[unit] += remaining;
		}
		if (mayExpire) return left.byte > 1500 || left.second >= 60 + stations ? 'something' : 'anything';
		if (left.byte > 1500 || left.second >= 60 + stations) return 'something';
		if (left.second > 0) return 'anything';
		const { throttleBytesPerSecond } = books.endOf(id, now);
		// At the lowest rate, other packets may take all that there is.
		if (throttleBytesPerSecond !== undefined) return throttleBytesPerSecond >= 20_000 ? 'something' : 'anything';
		return left.byte === 0 ? 'nothing' : 'anything';
	}

	async #end(): Promise<void> {
		if (!this.life.isAlive) await this.#rebirth();
		this.note('the end');
		this.faults = 'none';
		this.mayDie = false;
		await this.#quiet();
		await this.clock.pass(PATIENCE_MS, () => this.#quiet());
		const { meter, sampler, books } = this.life;
		for (const mac of STATIONS) if (meter.find(mac)) await meter.detach(mac, 'the end');
		await this.#quiet();
		await this.clock.pass(PATIENCE_MS, () => this.#quiet());
		this.guard(() => this.truth.check(books));
		this.guard(() => this.truth.checkEnd(books));
		await sampler.stop();
		await this.#quiet();
		const left = {
			pools: meter.pools.size,
			timers: this.life.timers,
			kernelPools: this.kernel.pools.size,
			kernelMeters: this.kernel.meters.size,
			stations: this.kernel.stations.size,
			running: this.running.size,
		};
		if (Object.values(left).some((count) => count > 0)) {
			this.violation ??= new Violation(`something was left behind: ${JSON.stringify(left)}`);
		}
		this.#verify();
		if (this.violation) throw this.violation;
	}

	#verify(): void {
		const { ok, broken } = this.life.books.verify();
		if (!ok) this.violation ??= new Violation(`the ledger is broken: ${broken}`);
	}

	/** Everything that waits for an answer has it: nothing in here waits for anything but microtasks. */
	async #quiet(): Promise<void> {
		await turnOfTheLoop();
		this.guard(() => this.life.isAlive && this.truth.check(this.life.books));
	}
}
