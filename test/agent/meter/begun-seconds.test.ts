import test from 'ava';
import type { AccountId, MacAddress } from '../../../agent/core/units.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { temporaryLedger } from '../ledger/temporary-ledger.ts';
import { ANN, FIRST, SECOND, Venue } from './venue.ts';

/** Most of a second: that was free each time. */
const TURN_MS = 870;
const STEP_MS = 30;
const ROUNDS = 12;
const PAID_SECONDS = 5;
const EVE = 'eve' as AccountId;

/** A way to interrupt time again and again. It lets time pass by `served`, which counts how long something passed. */
type Way = (venue: Venue, served: () => Promise<void>, round: number) => Promise<void>;

const rounding = test.macro({
	async exec(t, way: Way, { stations = 1 }: { stations?: number } = {}) {
		const venue = await Venue.open(t);
		await venue.buy({ unit: 'second', amount: PAID_SECONDS });
		let servedMs = 0;
		const served = async () => {
			for (let left = TURN_MS; left > 0; left -= STEP_MS) {
				const now = [...venue.kernel.meters.values()].filter(({ timed }) => timed).length;
				await venue.pass(STEP_MS);
				servedMs += now * STEP_MS;
			}
		};
		for (let round = 0; round < ROUNDS; round++) await way(venue, served, round);
		t.true(servedMs >= PAID_SECONDS * 1000 - 1000, `${servedMs} ms were served: nobody loses what was paid`);
		// A step that has begun is counted whole.
		const atMost = PAID_SECONDS * 1000 + stations * STEP_MS * ROUNDS;
		t.true(servedMs <= atMost, `${servedMs} ms were served, ${PAID_SECONDS} s were paid`);
		const { second: used } = venue.account().used;
		// Each of two must get a whole second.
		t.true(used <= PAID_SECONDS && used > PAID_SECONDS - stations, `${used} s were charged`);
	},
	title: (title) => `what was begun of a second belongs to the account: ${title}`,
});

test('one device leaves and comes back', rounding, async (venue, served) => {
	await venue.attach(FIRST);
	await served();
	await venue.meter.detach(FIRST, 'test');
});
test('two devices take turns', rounding, async (venue, served, round) => {
	const mac = [FIRST, SECOND][round % 2] as MacAddress;
	await venue.attach(mac);
	await served();
	await venue.meter.detach(mac, 'test');
});
test(
	'two devices at once, of which one comes and goes',
	rounding,
	async (venue, served, round) => {
		if (round === 0) await venue.attach(FIRST);
		await venue.attach(SECOND);
		await served();
		await venue.meter.detach(SECOND, 'test');
	},
	{ stations: 2 },
);
test('the account is blocked and let go on', rounding, async (venue, served, round) => {
	if (round === 0) await venue.attach(FIRST);
	await venue.meter.setBlocked(ANN, false);
	await served();
	await venue.meter.setBlocked(ANN, true);
});
test('something else is bought', rounding, async (venue, served, round) => {
	if (round === 0) await venue.attach(FIRST);
	await served();
	await venue.buy({ unit: 'byte', amount: 1 });
});
test('the agent is killed and started', rounding, async (venue, served, round) => {
	if (round === 0) await venue.attach(FIRST);
	await served();
	venue.kill();
	await venue.restart();
});
test('it leaves, and the agent is killed and started', rounding, async (venue, served) => {
	await venue.attach(FIRST);
	await served();
	await venue.meter.detach(FIRST, 'test');
	venue.kill();
	await venue.restart();
});
test('it leaves, and the power is cut', rounding, async (venue, served) => {
	await venue.attach(FIRST);
	await served();
	await venue.meter.detach(FIRST, 'test');
	venue.powerCut();
	await venue.restart();
});

test('what is given takes along what was begun: a new account for each second has no second for nothing', async (t) => {
	const venue = await Venue.open(t);
	const { books } = venue.life;
	await venue.buy({ unit: 'second', amount: PAID_SECONDS });
	let giver = ANN;
	let servedMs = 0;
	for (let round = 0; round < ROUNDS; round++) {
		const meter = await venue.attach(FIRST, giver);
		for (let left = TURN_MS; left > 0; left -= STEP_MS) {
			if (venue.kernel.meters.get(meter)?.timed) servedMs += STEP_MS;
			await venue.pass(STEP_MS);
		}
		await venue.meter.detach(FIRST, 'test');
		const taker = `taker-${round}` as AccountId;
		books.createAccount({ id: taker });
		const from = giver;
		await venue.meter.withdraw(from, () =>
			books.merge({ from, into: taker, at: { wallMs: venue.clock.wallMs(), bootMs: venue.clock.bootMs() } }),
		);
		giver = taker;
	}
	t.true(servedMs <= PAID_SECONDS * 1000 + STEP_MS * ROUNDS, `${servedMs} ms were served`);
	t.true(servedMs >= PAID_SECONDS * 1000 - 1000);
});

test('a gift and a permission take along what was begun, and a gift that comes back brings it back', (t) => {
	const { ledger } = temporaryLedger(t);
	const at = { wallMs: new FakeClock().wallMs(), bootMs: new FakeClock().bootMs() };
	const terms = { planName: 'minute', unit: 'second', amount: 60, atEnd: 'block' } as const;
	ledger.createAccount({ id: ANN });
	ledger.createAccount({ id: EVE });
	ledger.topUp({ transferId: 'buy', account: ANN, package: terms, at });
	const begin = (ms: number) => {
		const knownMs = ledger.funds(ANN, at).begunMs;
		const none = { readings: [], free: false as const, reserve: { byte: 0, second: 0 } };
		ledger.settle({ epoch: 'e', account: ANN, at, ...none, begun: { ms, knownMs } });
	};
	const begun = () => [ledger.funds(ANN, at).begunMs, ledger.funds(EVE, at).begunMs];
	begin(900);
	t.deepEqual(begun(), [900, 0]);
	ledger.permit({ code: 'PERMIT-12', giver: ANN, taker: EVE, unit: 'second', amount: 1, at });
	ledger.take({ transferId: 'take', code: 'PERMIT-12', taker: EVE, at });
	t.deepEqual(begun(), [0, 900]);
	begin(300);
	const gift = { id: 'gift', account: ANN, unit: 'second', amount: 1, hash: Buffer.alloc(16, 1), at } as const;
	t.is(ledger.codes.give(gift).answer, 'given');
	t.deepEqual(begun(), [0, 900], 'the gift has it');
	t.is(ledger.codes.returnGift('gift', at), 'changed');
	t.deepEqual(begun(), [300, 900]);
	t.is(ledger.codes.give({ ...gift, id: 'bytes', unit: 'byte', hash: Buffer.alloc(16, 2) }).answer, 'too_little');
	t.deepEqual(begun(), [300, 900], 'what could not be given takes nothing along');
});
