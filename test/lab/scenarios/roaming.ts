import { setTimeout as delay } from 'node:timers/promises';
import { SLICE_POLICY } from '../../../carrier/slice/slice-policy.ts';
import { runProgram } from '../namespace/program.ts';
import { CarrierSide, type SliceHistory } from '../roaming/carrier-side.ts';
import { RoomProcess } from '../roaming/room-process.ts';
import type { Scenario } from '../scenario.ts';
import { HANG_MS, until } from '../until.ts';

const MEBIBYTE = 1 << 20;
type Progress = (line: string) => void;
type Size = { accessPoints: number; balanceBytes: number; secondBytes: number };
const LONG: Size = { accessPoints: 5, balanceBytes: 30 * MEBIBYTE, secondBytes: 10 * MEBIBYTE };
const SHORT: Size = { accessPoints: 2, balanceBytes: 8 * MEBIBYTE, secondBytes: 4 * MEBIBYTE };
const BITS_PER_SECOND = 10_000_000;
const VALID_SECONDS = 6;
const REPORT_MS = 1000;
const SLICES = {
	...SLICE_POLICY,
	amountMin: MEBIBYTE / 4,
	amountMax: 2 * MEBIBYTE,
	validForSeconds: VALID_SECONDS,
	deliveryMs: 5000,
	reportMs: REPORT_MS,
	silent: 'hold',
	revokeAfterMs: 2000,
} as const;
const POLICY = { plans: [], tariffs: [], slices: { bytes: 2 * MEBIBYTE, lowBytes: MEBIBYTE }, reportEverySeconds: 1 };
/** What the one that vanishes has delivered by then, by amount and not by time: so much that it still has most of its first slice. */
const VANISH_AFTER_BYTES = MEBIBYTE / 2;
/** What it goes on to deliver when it is gone. */
const ALONE_BYTES = MEBIBYTE / 4;
const SETTLE_TIMEOUT_MS = HANG_MS;
const POLL_MS = 250;
/** Less than this nobody can use. */
const PACKET_BYTES = 1500;
const OUT: ReadonlySet<SliceHistory['state']> = new Set(['given', 'revoking', 'silent']);
/** Nothing moves any more: at once where there is nothing left, else after whoever was refused has asked again. */
const QUIET_POLLS = 6;
const QUIET_POLLS_MAX = 24;

/** One balance on five access points at once, by real traffic through real routers. */
export const roaming: Scenario = {
	name: 'roaming',
	title:
		'one balance spent on 5 access points at once, one is silent for longer than its slice: Σ delivered ≤ balance, nothing stranded',
	figures: {
		delivered_beyond_balance_bytes: {
			title: 'Σ delivered − balance, by counters outside of the routers',
			bound: { atMost: 0 },
		},
		delivered_to_balance: {
			title: 'Σ delivered ÷ balance, when all have stopped',
			bound: { atLeast: 0.99, atMost: 1 },
			anywhere: 'both are amounts of bytes',
		},
		vanished_delivered_bytes: {
			title: 'delivered by the access point that vanished, while it was away',
			bound: { atLeast: 1 },
		},
		vanished_slices: { title: 'slices that the platform took for silent', bound: { atLeast: 1 } },
		silent_twice: { title: 'times that one was taken for silent once more', bound: { equals: 0 } },
		silent_others: { title: 'slices of access points that were there, taken for silent', bound: { equals: 0 } },
		held_beside_bytes: {
			title:
				'meanwhile: what is out beside the slices of that access point, when nothing moves any more (crumbs below a packet)',
			bound: { atLeast: 0, atMost: LONG.accessPoints * PACKET_BYTES },
		},
		freed_bytes: { title: 'of the silent slices, free again when their access point was back', bound: { atLeast: 1 } },
		spent_difference_bytes: { title: "the platform's count − the independent count", bound: { equals: 0 } },
		access_points_without_share: { title: 'access points that got nothing', bound: { equals: 0 } },
		stranded_seconds: {
			title: "from a slice's grant until all of it is accounted for, the longest; not those of the one that was away",
			bound: { atMost: VALID_SECONDS },
			kind: 'speed',
		},
		later_to_remaining: {
			title: 'what one access point then spends of what was left on all',
			bound: { atLeast: 0.97, atMost: 1 },
			longOnly: true,
		},
		released_bytes: {
			title: 'with `release`: free again while the access point is away',
			bound: { atLeast: 1 },
			longOnly: true,
		},
		released_difference_bytes: {
			title: "with `release`: the platform's count − the independent count, after it has returned",
			bound: { equals: 0 },
			longOnly: true,
		},
		house_pays_bytes: {
			title: 'with `release`: paid by the house, where enough is left',
			bound: { equals: 0 },
			longOnly: true,
		},
		broken_invariants: { title: 'of octroi-carrier verify', bound: { equals: 0 } },
	},
	async run({ isShort, progress }) {
		const size = isShort ? SHORT : LONG;
		await runProgram('ip', ['link', 'set', 'lo', 'up']);
		const carrier = await CarrierSide.start(SLICES);
		const rooms: RoomProcess[] = [];
		try {
			const names = Array.from({ length: size.accessPoints }, (_, index) => `ap-${index + 1}`);
			await carrier.addAccessPoints(names);
			await carrier.publish(POLICY);
			// One after the other: five labs at once want more than two processors.
			for (const name of names) {
				const room = await RoomProcess.start(name);
				rooms.push(room);
				await room.tell({ command: 'agent', accessPoint: name, key: carrier.key, brokerSocket: carrier.broker.socket });
			}
			await until('all access points to be connected', SETTLE_TIMEOUT_MS, async () =>
				(await readAll(rooms)).every(({ isConnected }) => isConnected),
			);
			progress(`${rooms.length} access points are connected`);
			const spent = await spendTogether(carrier, rooms, size, progress);
			await leaveSomething(carrier, rooms, size, progress);
			const { awaySlices, ...together } = spent;
			const stranded_seconds = longest((await carrier.slices()).filter(({ slice }) => !awaySlices.has(slice)));
			const later = isShort ? {} : await spendTheRest(carrier, rooms, progress);
			return {
				...together,
				...later,
				stranded_seconds,
				...(isShort ? {} : await release(carrier, rooms, size, progress)),
				broken_invariants: await carrier.brokenInvariants(),
			};
		} finally {
			for (const room of rooms) await room.stop();
			await carrier.stop();
		}
	},
};

async function spendTogether(carrier: CarrierSide, rooms: readonly RoomProcess[], size: Size, progress: Progress) {
	await carrier.credit('alice', size.balanceBytes, 'first');
	const before = await readAll(rooms);
	for (const room of rooms) await room.tell({ command: 'attach', account: 'alice' });
	const vanishing = rooms.at(-1) as RoomProcess;
	await beginHeld(vanishing);
	for (const room of rooms)
		if (room !== vanishing) await room.tell({ command: 'download', bitsPerSecond: BITS_PER_SECOND });
	const vanished = await vanish(carrier, vanishing, progress);
	const silent = (await carrier.slices()).filter(({ state }) => state === 'silent');
	// One that was on its way to it when it vanished is out for longer: it may have arrived.
	const out = (await carrier.slices()).filter(({ ap, state }) => ap === vanishing.name && OUT.has(state));
	const outstanding = out.reduce((sum, { amount, used, returned }) => sum + amount - used - returned, 0);
	await quiet(rooms, carrier, outstanding);
	const { available, slices } = await carrier.balances('alice');
	progress(`of the balance ${outstanding} bytes are held, ${available} are left, ${slices} are out`);
	await vanishing.tell({ command: 'uplink', isUp: true });
	const names = new Set(silent.map(({ slice }) => slice));
	const isSettled = async () =>
		(await carrier.slices()).filter(({ slice }) => names.has(slice)).every(({ state }) => state === 'closed');
	await until('the silent slices to be accounted for', SETTLE_TIMEOUT_MS, isSettled, POLL_MS);
	const after = await quiet(rooms, carrier);
	const histories = await carrier.slices();
	for (const room of rooms) await room.tell({ command: 'halt' });
	for (const room of rooms) if (room !== vanishing) await room.tell({ command: 'detach' });
	const shares = after.map(({ deliveredBytes }, index) => deliveredBytes - (before[index]?.deliveredBytes ?? 0));
	const delivered = shares.reduce((sum, share) => sum + share, 0);
	progress(`delivered ${shares.join(' + ')} = ${delivered} of ${size.balanceBytes}`);
	await until('all usage to be reported', SETTLE_TIMEOUT_MS, async () => await isAllBack(carrier), POLL_MS);
	return {
		awaySlices: new Set(out.map(({ slice }) => slice)),
		delivered_beyond_balance_bytes: delivered - size.balanceBytes,
		delivered_to_balance: delivered / size.balanceBytes,
		vanished_delivered_bytes: vanished,
		vanished_slices: silent.length,
		silent_twice: histories.filter(({ silences }) => silences > 1).length,
		silent_others: histories.filter(({ ap, silences }) => ap !== vanishing.name && silences > 0).length,
		held_beside_bytes: slices - outstanding,
		freed_bytes: histories.filter(({ slice }) => names.has(slice)).reduce((sum, { returned }) => sum + returned, 0),
		spent_difference_bytes: (await carrier.balances('alice')).spent - delivered,
		access_points_without_share: shares.filter((share) => share === 0).length,
	};
}

/** A download that waits when it has moved so much, with something left of its slice. */
async function beginHeld(room: RoomProcess): Promise<void> {
	const before = (await room.read()).deliveredBytes;
	await room.tell({ command: 'download', bitsPerSecond: BITS_PER_SECOND, holdAtBytes: VANISH_AFTER_BYTES });
	const isHeld = async () => (await room.read()).deliveredBytes - before >= VANISH_AFTER_BYTES;
	await until(`${room.name} to have a part`, SETTLE_TIMEOUT_MS, isHeld, POLL_MS);
}

/** It is gone with its slices, goes on delivering for a while, and stays away until the platform has given it up. Answers the bytes. */
async function vanish(carrier: CarrierSide, room: RoomProcess, progress: Progress): Promise<number> {
	const before = (await room.read()).deliveredBytes;
	await room.tell({ command: 'uplink', isUp: false });
	progress(`${room.name} vanishes`);
	await room.tell({ command: 'hold', atBytes: VANISH_AFTER_BYTES + ALONE_BYTES });
	const isAlone = async () => (await room.read()).deliveredBytes - before >= ALONE_BYTES;
	await until(`${room.name} to deliver by itself`, SETTLE_TIMEOUT_MS, isAlone, POLL_MS);
	await room.tell({ command: 'halt' });
	// Or it would ask for more as soon as it is back, and hold it.
	await room.tell({ command: 'detach' });
	const bytes = (await room.read()).deliveredBytes - before;
	const isGivenUp = async () => {
		const own = (await carrier.slices()).filter(({ ap }) => ap === room.name);
		// What was on its way to it has not arrived, and may be out for longer.
		return own.some(({ silences }) => silences > 0) && own.every(({ state, expiresAt }) => !isOut(state, expiresAt));
	};
	await until(`the slices of ${room.name} to be silent`, SETTLE_TIMEOUT_MS, isGivenUp, POLL_MS);
	progress(`${room.name} is silent; while away it delivered ${bytes} bytes`);
	return bytes;
}

function isOut(state: SliceHistory['state'], expiresAt: number): boolean {
	return (state === 'given' || state === 'revoking') && expiresAt - Date.now() < 2 * VALID_SECONDS * 1000;
}

/** All take a slice, and leave it: the rest must come back in time. */
async function leaveSomething(carrier: CarrierSide, rooms: readonly RoomProcess[], size: Size, progress: Progress) {
	await carrier.credit('alice', size.secondBytes, 'second');
	for (const room of rooms) await room.tell({ command: 'attach', account: 'alice' });
	for (const room of rooms) await room.tell({ command: 'download', bitsPerSecond: 400_000 });
	await delay(1000);
	for (const room of rooms) await room.tell({ command: 'halt' });
	for (const room of rooms) await room.tell({ command: 'detach' });
	const held = (await carrier.balances('alice')).slices;
	progress(`${held} bytes are out on access points that nobody uses`);
	await until('the slices to come back', SETTLE_TIMEOUT_MS, async () => await isAllBack(carrier), POLL_MS);
}

/** What all have left, one can spend. */
async function spendTheRest(carrier: CarrierSide, rooms: readonly RoomProcess[], progress: Progress) {
	const { available } = await carrier.balances('alice');
	const [one] = rooms as [RoomProcess];
	const before = (await one.read()).deliveredBytes;
	await one.tell({ command: 'attach', account: 'alice' });
	await one.tell({ command: 'download', bitsPerSecond: BITS_PER_SECOND });
	const [after] = await quiet([one], carrier);
	await one.tell({ command: 'halt' });
	await one.tell({ command: 'detach' });
	const later = (after?.deliveredBytes ?? 0) - before;
	progress(`${available} were left; one access point spent ${later} of them`);
	return { later_to_remaining: later / available };
}

/** The operator lets nothing be held: what a silent access point has is free at once, and its use is charged when it returns. */
async function release(carrier: CarrierSide, rooms: readonly RoomProcess[], size: Size, progress: Progress) {
	await until('all usage to be reported', SETTLE_TIMEOUT_MS, async () => await isAllBack(carrier), POLL_MS);
	await carrier.decide({ ...SLICES, silent: 'release' });
	await carrier.credit('alice', size.balanceBytes, 'third');
	const vanishing = rooms.at(-1) as RoomProcess;
	const [one] = rooms as [RoomProcess];
	const counted = async () => (await readAll(rooms)).reduce((sum, { deliveredBytes }) => sum + deliveredBytes, 0);
	const [before, { spent }] = [await counted(), await carrier.balances('alice')];
	await vanishing.tell({ command: 'attach', account: 'alice' });
	await beginHeld(vanishing);
	await vanish(carrier, vanishing, progress);
	const released = await carrier.moved('slice-released');
	await one.tell({ command: 'attach', account: 'alice' });
	await one.tell({ command: 'download', bitsPerSecond: BITS_PER_SECOND });
	await delay(1000);
	await one.tell({ command: 'halt' });
	await one.tell({ command: 'detach' });
	await vanishing.tell({ command: 'uplink', isUp: true });
	await until('all access points to be connected', SETTLE_TIMEOUT_MS, async () =>
		(await readAll(rooms)).every(({ isConnected }) => isConnected),
	);
	await until('all usage to be reported', SETTLE_TIMEOUT_MS, async () => await isAllBack(carrier), POLL_MS);
	const delivered = (await counted()) - before;
	const difference = async () => (await carrier.balances('alice')).spent - spent - delivered;
	await until('late usage to be charged', SETTLE_TIMEOUT_MS, async () => (await difference()) >= 0, POLL_MS);
	progress(`${released} bytes were released; delivered ${delivered}`);
	return {
		released_bytes: released,
		released_difference_bytes: await difference(),
		house_pays_bytes: await carrier.moved('house-pays'),
	};
}

async function isAllBack(carrier: CarrierSide): Promise<boolean> {
	return (await carrier.balances('alice')).slices === 0;
}

/** Seconds from a grant to the last transfer of its slice. */
function longest(histories: readonly SliceHistory[]): number {
	const seconds = histories
		.filter(({ silences, state }) => silences === 0 && state === 'closed')
		.map(({ givenAt, lastAt }) => (lastAt - givenAt) / 1000);
	return Math.max(...seconds);
}

/** Resolves when nothing is delivered any more anywhere, and nothing more can be given. */
async function quiet(rooms: readonly RoomProcess[], carrier: CarrierSide, heldBytes = 0) {
	let last = await readAll(rooms);
	for (let still = 0; still < QUIET_POLLS_MAX; ) {
		await delay(POLL_MS);
		const now = await readAll(rooms);
		const { available, slices } = await carrier.balances('alice');
		const isStill = now.every(({ deliveredBytes }, index) => deliveredBytes === last[index]?.deliveredBytes);
		still = isStill && available < PACKET_BYTES ? still + 1 : 0;
		last = now;
		if (still >= QUIET_POLLS && slices - heldBytes < rooms.length * PACKET_BYTES) break;
	}
	return last;
}

async function readAll(rooms: readonly RoomProcess[]) {
	return await Promise.all(rooms.map(async (room) => await room.read()));
}
