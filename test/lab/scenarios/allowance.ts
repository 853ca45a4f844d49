import { setTimeout as delay } from 'node:timers/promises';
import { createAccount } from '../../../carrier/account/accounts.ts';
import { bindAccount } from '../../../carrier/account/admission.ts';
import {
	type AllowancePicture,
	allowancePicture,
	putAllowance,
	resetAllowance,
} from '../../../carrier/allowance/allowances.ts';
import { systemClock } from '../../../carrier/clock.ts';
import { SLICE_POLICY } from '../../../carrier/slice/slice-policy.ts';
import { ALL } from '../../../protocol/topics.ts';
import { runProgram } from '../namespace/program.ts';
import { CarrierSide } from '../roaming/carrier-side.ts';
import { RoomProcess } from '../roaming/room-process.ts';
import type { Scenario } from '../scenario.ts';
import { bytesAboveLimit, type LimitReading, readBetween } from '../speed-limit.ts';
import { HANG_MS, until } from '../until.ts';

const MEBIBYTE = 1 << 20;
const FAMILY = 'family';
const TOTAL_BYTES = 18 * MEBIBYTE;
const RESTRICT_BELOW_BYTES = 7 * MEBIBYTE;
const SLOW_BYTES_PER_SECOND = 250_000;
/** Heedless of loss. A router whose timers are late drops some of it behind the meter, and then the run says so. */
const FAST_BITS_PER_SECOND = 10_000_000;
const WEIGHTS = { ann: 3, bob: 1 };
/** The other way round, while both spend. */
const TURNED = { ann: 1, bob: 3 };
const SLICES = {
	...SLICE_POLICY,
	amountMin: MEBIBYTE / 4,
	amountMax: MEBIBYTE,
	validForSeconds: 10,
	deliveryMs: 5000,
	reportMs: 5000,
	silent: 'hold',
	revokeAfterMs: 2000,
} as const;
const POLICY = { plans: [], tariffs: [], slices: { bytes: MEBIBYTE, lowBytes: MEBIBYTE / 2 }, reportEverySeconds: 1 };
/** Ann is alone for so long; bob comes late. */
const ALONE_MS = 1500;
/** What was on its way when the threshold was crossed has passed: a command, and the queue's second. */
const SETTLE_MS = 2500;
const RATE_MS = 3000;
const POLL_MS = 250;
const STILL_MS = 500;
const TIMEOUT_MS = HANG_MS;
const PACKET_BYTES = 1500;
/** Every packet of the flows, by layer 3. */
const DATAGRAM_BYTES = 1428;
const LOST_MAX = 500;

/** Two members of one allowance on two access points, by real traffic through real routers. */
export const allowance: Scenario = {
	name: 'allowance',
	title:
		'a shared allowance spent by two members on two access points: limits that move while they are spent, slow below the threshold',
	figures: {
		above_limit_bytes: {
			title: 'delivered to a member − its limit at that moment, the largest of all looks',
			bound: { atMost: 0 },
		},
		looks: { title: 'looks at counters and limits', bound: { atLeast: 10 } },
		limit_moves: { title: 'times that the limit of a member was another one at the next look', bound: { atLeast: 5 } },
		turned_limit_bytes: {
			title: 'what the limit of the later member rises by when the weights are turned while both spend',
			bound: { atLeast: 1 },
		},
		late_member_bytes: { title: 'delivered to the member that came later', bound: { atLeast: MEBIBYTE } },
		above_total_bytes: { title: 'Σ delivered − allowance', bound: { atMost: 0 } },
		delivered_to_total: {
			title: 'Σ delivered ÷ allowance, when all have stopped',
			bound: { atLeast: 0.97, atMost: 1 },
			anywhere: 'both are amounts of bytes',
		},
		member_difference_bytes: {
			title:
				'what the platform charged the members − the independent count − what was lost behind the meter, over both cycles',
			bound: { equals: 0 },
		},
		restricted_rate: {
			title: 'below the threshold: rate at the witness ÷ the rate that was set, the faster member',
			bound: { atLeast: 0.5, atMost: 1.05 },
			kind: 'speed',
		},
		restricted_rate_slower: {
			title: 'the same, the slower member',
			bound: { atLeast: 0.5, atMost: 1.05 },
			kind: 'speed',
		},
		restricted_above_bytes: {
			title:
				'below the threshold: passed − what the rate that was set allows in that time, with a full bucket: largest',
			bound: { atMost: 0 },
		},
		free_rate: {
			title: 'after the reset: rate ÷ the rate of the restriction, the slower member',
			bound: { atLeast: 2 },
			kind: 'speed',
		},
		losses_after_meter: {
			title:
				'packets lost between meter and counters: of a flood, when its speed changes on a busy machine (a second of it)',
			bound: { atMost: LOST_MAX },
			kind: 'speed',
		},
		broken_invariants: { title: 'of octroi-carrier verify', bound: { equals: 0 } },
	},
	async run({ progress }) {
		await runProgram('ip', ['link', 'set', 'lo', 'up']);
		const carrier = await CarrierSide.start(SLICES);
		const members: Member[] = [];
		try {
			await carrier.addAccessPoints(['ap-ann', 'ap-bob']);
			await carrier.publish(POLICY);
			await share(carrier, WEIGHTS);
			for (const account of ['ann', 'bob'] as const) {
				const room = await RoomProcess.start(`ap-${account}`);
				members.push({ account, room });
				const { key, broker } = carrier;
				await room.tell({ command: 'agent', accessPoint: room.name, key, brokerSocket: broker.socket });
			}
			const isConnected = async () => (await readAll(members)).every((reading) => reading.isConnected);
			await until('both access points to be connected', TIMEOUT_MS, isConnected);
			const watch = new Watch(carrier, members);
			const cycle = await spend(carrier, members, watch, progress);
			const free_rate = await beginAnew(carrier, members, progress);
			const lost = await losses(members);
			const figures = { ...cycle, free_rate, ...watch.figures };
			return {
				...figures,
				losses_after_meter: lost,
				member_difference_bytes: (await difference(carrier, members)) - lost * DATAGRAM_BYTES,
				broken_invariants: await carrier.brokenInvariants(),
			};
		} finally {
			for (const { room } of members) await room.stop();
			await carrier.stop();
		}
	},
};

type Name = 'ann' | 'bob';
type Member = { readonly account: Name; readonly room: RoomProcess };

/** Looks at what was delivered, and then at what might have been: a limit never falls below what was handed out. */
class Watch {
	readonly #carrier: CarrierSide;
	readonly #members: readonly Member[];
	#above = Number.NEGATIVE_INFINITY;
	#looks = 0;
	#moves = 0;
	#limits = new Map<string, number>();

	constructor(carrier: CarrierSide, members: readonly Member[]) {
		this.#carrier = carrier;
		this.#members = members;
	}

	get figures() {
		return { above_limit_bytes: this.#above, looks: this.#looks, limit_moves: this.#moves };
	}

	async look(): Promise<AllowancePicture> {
		const delivered = await readAll(this.#members);
		const picture = await pictureOf(this.#carrier);
		this.#looks += 1;
		for (const [index, { account }] of this.#members.entries()) {
			const { limit } = shareOf(picture, account);
			this.#above = Math.max(this.#above, (delivered[index]?.deliveredBytes ?? Number.NaN) - limit);
			if (this.#limits.get(account) !== limit) this.#moves += 1;
			this.#limits.set(account, limit);
		}
		return picture;
	}
}

async function spend(carrier: CarrierSide, members: readonly Member[], watch: Watch, progress: (line: string) => void) {
	const [ann, bob] = members as [Member, Member];
	await begin(ann);
	for (let passed = 0; passed < ALONE_MS; passed += POLL_MS) {
		await watch.look();
		await delay(POLL_MS);
	}
	await begin(bob);
	await watch.look();
	const before = shareOf(await watch.look(), bob.account).limit;
	await share(carrier, TURNED);
	const turned_limit_bytes = shareOf(await pictureOf(carrier), bob.account).limit - before;
	progress(`the weights are turned: bob may have ${turned_limit_bytes} more`);
	await until('the threshold to be crossed', TIMEOUT_MS, async () => (await watch.look()).isRestricted, POLL_MS);
	progress(`restricted: ${(await pictureOf(carrier)).remaining} are left`);
	await delay(SETTLE_MS);
	const rates = await ratesOf(members);
	const ratios = rates.map(({ ratio }) => ratio);
	progress(`rates ÷ that of the restriction: ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}`);
	const isOver = async () => {
		const picture = await watch.look();
		const held = picture.shares.reduce((sum, share_) => sum + share_.held, 0);
		return picture.remaining - held < PACKET_BYTES && held < members.length * PACKET_BYTES;
	};
	await until('all of it to be spent', TIMEOUT_MS, isOver, POLL_MS);
	const shares = (await still(members)).map(({ deliveredBytes }) => deliveredBytes);
	const delivered = shares.reduce((sum, bytes) => sum + bytes, 0);
	progress(`delivered ${shares.join(' + ')} = ${delivered} of ${TOTAL_BYTES}`);
	return {
		turned_limit_bytes,
		late_member_bytes: shares[1] as number,
		above_total_bytes: delivered - TOTAL_BYTES,
		delivered_to_total: delivered / TOTAL_BYTES,
		restricted_rate: Math.max(...ratios),
		restricted_rate_slower: Math.min(...ratios),
		restricted_above_bytes: Math.max(...rates.map(({ above }) => above)),
	};
}

/** A new cycle: nobody is slow any more. */
async function beginAnew(carrier: CarrierSide, members: readonly Member[], progress: (line: string) => void) {
	const { database, sender } = carrier.platform;
	await database.transaction(async (tx) => await resetAllowance(tx, FAMILY, SLICES, systemClock().wallMs()));
	await sender.sendDue();
	const before = await readAll(members);
	const isGoing = async () =>
		(await readAll(members)).every(
			(now, index) => now.deliveredBytes > (before[index]?.deliveredBytes ?? 0) + MEBIBYTE / 8,
		);
	await until('both to go on', TIMEOUT_MS, isGoing, POLL_MS);
	const slower = Math.min(...(await ratesOf(members)).map(({ ratio }) => ratio));
	progress(`after the reset the slower has ${slower.toFixed(2)} of that rate`);
	for (const { room } of members) await room.tell({ command: 'halt' });
	for (const { room } of members) await room.tell({ command: 'detach' });
	const isBack = async () => (await carrier.balances(FAMILY)).slices === 0;
	await until('the slices to come back', TIMEOUT_MS, isBack, POLL_MS);
	return slower;
}

async function begin({ account, room }: Member): Promise<void> {
	await room.tell({ command: 'attach', account });
	await room.tell({ command: 'download', bitsPerSecond: FAST_BITS_PER_SECOND });
}

/** What each gets, measured where it arrives, as a part of the rate that the restriction sets. */
async function ratesOf(members: readonly Member[]): Promise<{ ratio: number; above: number }[]> {
	const timed = ({ room }: Member) => readBetween(async () => (await room.read()).deliveredBytes);
	const before = await Promise.all(members.map(timed));
	await delay(RATE_MS);
	const after = await Promise.all(members.map(timed));
	return after.map((last, index) => {
		const first = before[index] as LimitReading;
		const rate = ((last.bytes - first.bytes) * 1000) / (last.endedMs - first.endedMs);
		return { ratio: rate / SLOW_BYTES_PER_SECOND, above: bytesAboveLimit(first, last, SLOW_BYTES_PER_SECOND * 8) };
	});
}

/** What waits in a queue behind the meter has arrived. */
async function still(members: readonly Member[]) {
	for (let last = await readAll(members); ; ) {
		await delay(STILL_MS);
		const now = await readAll(members);
		if (now.every(({ deliveredBytes }, index) => deliveredBytes === last[index]?.deliveredBytes)) return now;
		last = now;
	}
}

async function losses(members: readonly Member[]): Promise<number> {
	const readings = await Promise.all(members.map(({ room }) => room.tell({ command: 'read', withLosses: true })));
	return readings.reduce((sum, reading) => sum + (reading?.lostPackets ?? Number.NaN), 0);
}

/** By what the transfers say of each member. */
async function difference(carrier: CarrierSide, members: readonly Member[]): Promise<number> {
	const counted = await readAll(members);
	let sum = 0;
	for (const [index, { account }] of members.entries()) {
		const [row] = await carrier.platform.database.query<{ amount: number }>(
			`SELECT coalesce(sum(amount), 0)::bigint AS amount FROM transfer
			WHERE account = $1 AND to_book = 'spent' AND about->>'member' = $2`,
			[FAMILY, account],
		);
		sum += (row?.amount ?? 0) - (counted[index]?.deliveredBytes ?? Number.NaN);
	}
	return sum;
}

async function share(carrier: CarrierSide, weights: Record<Name, number>): Promise<void> {
	const { database, sender } = carrier.platform;
	const now = systemClock().wallMs();
	await database.transaction(async (tx) => {
		for (const account of [FAMILY, 'ann', 'bob']) {
			await createAccount(tx, { account, title: account, now });
			await bindAccount(tx, { account, ap: ALL, by: 'lab' }, now);
		}
		const members = Object.entries(weights).map(([account, weight]) => ({ account, weight }));
		const restriction = { kind: 'throttle', bytesPerSecond: SLOW_BYTES_PER_SECOND } as const;
		const terms = {
			total: TOTAL_BYTES,
			restrictBelow: RESTRICT_BELOW_BYTES,
			restriction,
			resetEvery: 'never',
		} as const;
		await putAllowance(tx, { account: FAMILY, ...terms, members }, SLICES, now);
	});
	await sender.sendDue();
}

async function pictureOf(carrier: CarrierSide): Promise<AllowancePicture> {
	return await allowancePicture(carrier.platform.database, FAMILY);
}

function shareOf({ shares }: AllowancePicture, member: Name): AllowancePicture['shares'][number] {
	return shares.find(({ account }) => account === member) as AllowancePicture['shares'][number];
}

async function readAll(members: readonly Member[]) {
	return await Promise.all(members.map(async ({ room }) => await room.read()));
}
