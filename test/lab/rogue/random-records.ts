import type { Random } from '../random.ts';
import { type Json, recordOf } from './protocol-client.ts';

const AMOUNTS = [0, 1, 1000, 1_000_000, 2 ** 32, 2 ** 40, 2 ** 50, 2 ** 53 - 1, 2 ** 53, -1, 0.5, '9', null] as const;
const ACCOUNTS = ['alice', 'bob', 'carol', 'local', 'room-1', '', 'ALICE', 'x'.repeat(65)] as const;
const UNITS = ['byte', 'byte', 'byte', 'second', 'micro', 'hour'] as const;
const CLASSES = ['own', 'tethered', 'free'] as const;
const TIMES = [0, 1, Number.MAX_SAFE_INTEGER, -1] as const;

/** A record of parts that are right and wrong, in any mixture; never one that an honest guest of the rogue one made. */
export function randomRecord(random: Random, slices: readonly string[]): Json {
	const one = <Value>(values: readonly Value[]): Value => values[random.between(0, values.length - 1)] as Value;
	const amount = one(AMOUNTS);
	const isSum = random.between(0, 3) > 0;
	return recordOf({
		account: one(ACCOUNTS),
		...({
			amount,
			downBytes: isSum ? amount : one(AMOUNTS),
			unit: one(UNITS),
			class: one(CLASSES),
			paid: random.between(0, 1) === 1,
			clockSet: random.between(0, 1) === 1,
			...(random.between(0, 4) === 0 ? { to: one(TIMES) } : {}),
			...(random.between(0, 1) === 1 ? { slice: one(slices) } : {}),
		} as object),
	});
}
