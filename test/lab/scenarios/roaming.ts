import { setTimeout as delay } from 'node:timers/promises';
import { runProgram } from '../namespace/program.ts';
import { CarrierSide } from '../roaming/carrier-side.ts';
import { RoomProcess } from '../roaming/room-process.ts';
import type { Scenario } from '../scenario.ts';
import { until } from '../until.ts';

const MEBIBYTE = 1 << 20;
type Progress = (line: string) => void;
type Size = { accessPoints: number; balanceBytes: number; secondBytes: number; vanishedMs: number };
const LONG: Size = { accessPoints: 5, balanceBytes: 30 * MEBIBYTE, secondBytes: 10 * MEBIBYTE, vanishedMs: 6000 };
const SHORT: Size = { accessPoints: 2, balanceBytes: 8 * MEBIBYTE, secondBytes: 4 * MEBIBYTE, vanishedMs: 2000 };
const BITS_PER_SECOND = 10_000_000;
const VALID_SECONDS = 15;
/** From the end of a slice at its access point until the platform has the rest: a look each second, a batch, a transaction. */
const REPORT_SECONDS = 5;
const SLICES = {
	amountMin: MEBIBYTE / 4,
	amountMax: 2 * MEBIBYTE,
	validForSeconds: VALID_SECONDS,
	deliveryMs: 5000,
	reportMs: 10_000,
	silent: 'hold',
	revokeAfterMs: 2000,
} as const;
const POLICY = { plans: [], tariffs: [], slices: { bytes: 2 * MEBIBYTE, lowBytes: MEBIBYTE }, reportEverySeconds: 1 };
const VANISH_AFTER_MS = 2500;
const SETTLE_TIMEOUT_MS = 120_000;
const POLL_MS = 250;
/** Less than this nobody can use. */
const PACKET_BYTES = 1500;
const QUIET_POLLS = 24;

/** One balance on five access points at once, by real traffic through real routers. */
export const roaming: Scenario = {
	name: 'roaming',
	title:
		'one balance spent on 5 access points at once, one vanishes and returns: Σ delivered ≤ balance, nothing stranded',
	figures: {
		delivered_beyond_balance_bytes: {
			title: 'Σ delivered − balance, by counters outside of the routers',
			bound: { atMost: 0 },
		},
		delivered_to_balance: {
			title: 'Σ delivered ÷ balance, when all have stopped',
			bound: { atLeast: 0.99, atMost: 1 },
		},
		vanished_delivered_bytes: {
			title: 'delivered by the access point that vanished, while it was away',
			bound: { atLeast: 1 },
		},
		spent_difference_bytes: { title: "the platform's count − the independent count", bound: { equals: 0 } },
		access_points_without_share: { title: 'access points that got nothing', bound: { equals: 0 } },
		stranded_seconds: {
			title: 'from the last traffic until all remaining credit is free again',
			bound: { atMost: VALID_SECONDS + REPORT_SECONDS },
		},
		later_to_remaining: {
			title: 'what one access point then spends of that remaining credit',
			bound: { atLeast: 0.97, atMost: 1 },
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
			return {
				...(await spendTogether(carrier, rooms, size, progress)),
				...(await leaveSomething(carrier, rooms, size, progress)),
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
	for (const room of rooms) await room.tell({ command: 'download', bitsPerSecond: BITS_PER_SECOND });
	await delay(VANISH_AFTER_MS);
	const vanishing = rooms.at(-1) as RoomProcess;
	const atVanishing = (await vanishing.read()).deliveredBytes;
	await vanishing.tell({ command: 'uplink', isUp: false });
	progress(`${vanishing.name} vanishes`);
	await delay(size.vanishedMs);
	const vanished = (await vanishing.read()).deliveredBytes - atVanishing;
	await vanishing.tell({ command: 'uplink', isUp: true });
	progress(`${vanishing.name} is back; while away it delivered ${vanished} bytes`);
	const after = await quiet(rooms, carrier);
	for (const room of rooms) await room.tell({ command: 'halt' });
	for (const room of rooms) await room.tell({ command: 'detach' });
	const shares = after.map(({ deliveredBytes }, index) => deliveredBytes - (before[index]?.deliveredBytes ?? 0));
	const delivered = shares.reduce((sum, share) => sum + share, 0);
	progress(`delivered ${shares.join(' + ')} = ${delivered} of ${size.balanceBytes}`);
	await until(
		'all usage to be reported',
		SETTLE_TIMEOUT_MS,
		async () => (await carrier.balances('alice')).slices === 0,
		POLL_MS,
	);
	return {
		delivered_beyond_balance_bytes: delivered - size.balanceBytes,
		delivered_to_balance: delivered / size.balanceBytes,
		vanished_delivered_bytes: vanished,
		spent_difference_bytes: (await carrier.balances('alice')).spent - delivered,
		access_points_without_share: shares.filter((share) => share === 0).length,
	};
}

/** All take a slice, and leave it: the rest must come back in time, and one of them must be able to spend it. */
async function leaveSomething(carrier: CarrierSide, rooms: readonly RoomProcess[], size: Size, progress: Progress) {
	await carrier.credit('alice', size.secondBytes, 'second');
	for (const room of rooms) await room.tell({ command: 'attach', account: 'alice' });
	for (const room of rooms) await room.tell({ command: 'download', bitsPerSecond: 400_000 });
	await delay(1000);
	for (const room of rooms) await room.tell({ command: 'halt' });
	for (const room of rooms) await room.tell({ command: 'detach' });
	const end = performance.now();
	const held = (await carrier.balances('alice')).slices;
	progress(`${held} bytes are out on access points that nobody uses`);
	await until(
		'the slices to come back',
		SETTLE_TIMEOUT_MS,
		async () => (await carrier.balances('alice')).slices === 0,
		POLL_MS,
	);
	const stranded = (performance.now() - end) / 1000;
	const { available } = await carrier.balances('alice');
	const [one] = rooms as [RoomProcess];
	const before = (await one.read()).deliveredBytes;
	await one.tell({ command: 'attach', account: 'alice' });
	await one.tell({ command: 'download', bitsPerSecond: BITS_PER_SECOND });
	const [after] = await quiet([one], carrier);
	await one.tell({ command: 'halt' });
	const later = (after?.deliveredBytes ?? 0) - before;
	progress(`${available} were left, back after ${stranded.toFixed(1)} s; one access point spent ${later} of them`);
	return { stranded_seconds: Math.round(stranded * 10) / 10, later_to_remaining: later / available };
}

/** Resolves when nothing is delivered any more anywhere, and nothing more can be given. */
async function quiet(rooms: readonly RoomProcess[], carrier: CarrierSide) {
	let last = await readAll(rooms);
	for (let still = 0; still < QUIET_POLLS; ) {
		await delay(POLL_MS);
		const now = await readAll(rooms);
		const isStill = now.every(({ deliveredBytes }, index) => deliveredBytes === last[index]?.deliveredBytes);
		still = isStill && (await carrier.balances('alice')).available < PACKET_BYTES ? still + 1 : 0;
		last = now;
	}
	return last;
}

async function readAll(rooms: readonly RoomProcess[]) {
	return await Promise.all(rooms.map(async (room) => await room.read()));
}
