import test from 'ava';
import type { Database } from '../../carrier/database/database.ts';
import { HOURLY_EVENTS_MAX } from '../../carrier/fleet/events.ts';
import { OPEN_MAX } from '../../carrier/review/add-reviews.ts';
import { DENIALS_OPEN_MAX } from '../../carrier/slice/give-slice.ts';
import { CONFLICTS_KEPT_MAX, NEW_STREAMS_MAX } from '../../carrier/usage/claim-batches.ts';
import { NEW_NAMES_MAX } from '../../carrier/usage/standing.ts';
import type { UpMessage } from '../../carrier/worker/door.ts';
import { takeMessages } from '../../carrier/worker/take-messages.ts';
import { onBothDatabases } from './databases.ts';
import { addAccessPoints, addFunded, batchOf, eventOf, MEBIBYTE, NOW, recordOf, SLICES } from './scene.ts';

const onBoth = onBothDatabases(test);

/** Two more than any bound that an access point has within the hour of the test; of records each batch has some hundred. */
const MANY = NEW_NAMES_MAX + 200;
const MESSAGES = HOURLY_EVENTS_MAX + 50;

/**
 * Every table of the platform, and how many rows one access point can add in an hour by names that it makes up. `rate`: each is usage or an answer
 * that it must be able to give; only its rate bounds it (`RATE_LIMITS`). 0: none at all. A table that is not here fails the test.
 */
const BOUNDS: Readonly<Record<string, number | 'rate'>> = {
	access_point: 0,
	access_point_usage: 'rate',
	account: 0,
	account_access_point: 0,
	// One a class for each name.
	account_usage: NEW_NAMES_MAX + 2,
	allowance: 0,
	balance: 0,
	delivery: 5 * HOURLY_EVENTS_MAX,
	// Denials of made-up requests.
	down_message: DENIALS_OPEN_MAX,
	// Of five kinds here, and the counts of those that are not stored.
	event: 6 * HOURLY_EVENTS_MAX,
	member: 0,
	package: 0,
	plan: 0,
	policy: 0,
	policy_reply: 0,
	rate: 0,
	receiver: 0,
	review: OPEN_MAX + 1,
	routed_record: 0,
	sale: 0,
	schema_version: 0,
	slice: 0,
	slice_host: 0,
	slice_wait: 0,
	subscription: 0,
	transfer: 0,
	unknown_account: NEW_NAMES_MAX,
	usage_batch: 'rate',
	usage_conflict: CONFLICTS_KEPT_MAX,
	usage_gap: 'rate',
	usage_record: 'rate',
	usage_stream: NEW_STREAMS_MAX,
	voucher: 0,
	worker_group: 0,
};

/** What is made up, and the messages that say so. */
const FLOODS: Readonly<Record<string, () => UpMessage[]>> = {
	'accounts in usage': () => batches(MANY, (number) => [recordOf({ id: `n-${number}`, account: `name-${number}` })]),
	'slices in usage': () =>
		batches(MANY, (number) => [recordOf({ id: `s-${number}`, account: 'local', slice: `s-${number}` })], MANY),
	'streams of usage': () =>
		times(MESSAGES, (number) => usage(batchOf('rogue', 1, [], { stream: number.toString(16).padStart(32, 'f') }))),
	'batches under a number that we have': () =>
		times(MESSAGES, (number) => usage(batchOf('rogue', 1, [recordOf({ id: `c-${number}`, account: 'local' })]))),
	'requests of an account that is not its own': () => times(MESSAGES, (number) => request(number, 'bob')),
	'requests of accounts that there are not': () =>
		times(MESSAGES, (number) => request(MANY + number, `none-${number}`)),
	'events of a kind that there is': () => times(MESSAGES, (number) => event(`f-${number}`, 'fault')),
	'kinds of events': () => times(MESSAGES, (number) => event(`k-${number}`, `made.up.${lettersOf(number)}`)),
	"events of somebody else's account": () => times(MESSAGES, (number) => event(`o-${number}`, 'credit.out', 'bob')),
	'answers to what nobody asked': () =>
		times(MESSAGES, (number) => ({
			ap: 'rogue',
			kind: 'reply',
			reply: { version: 1, ap: 'rogue', request: `r-${number}`, outcome: 'refused' },
		})),
};

function times(count: number, make: (number: number) => UpMessage): UpMessage[] {
	return Array.from({ length: count }, (_, number) => make(number));
}

/** Records of an access point, a hundred in a batch. */
function batches(count: number, make: (number: number) => ReturnType<typeof recordOf>[], first = 0): UpMessage[] {
	const records = Array.from({ length: count }, (_, number) => make(number)).flat();
	return Array.from({ length: Math.ceil(records.length / 100) }, (_, index) =>
		usage(batchOf('rogue', first + index + 1, records.slice(100 * index, 100 * (index + 1)))),
	);
}

function usage(batch: ReturnType<typeof batchOf>): UpMessage {
	return { ap: batch.usage.ap, kind: 'usage', batch };
}

function event(id: string, kind: string, account = 'local'): UpMessage {
	return { ap: 'rogue', kind: 'event', event: eventOf('rogue', id, kind, {}, account) };
}

function request(number: number, account: string): UpMessage {
	const details = { wants: MEBIBYTE, remaining: 0, reason: 'first' };
	return { ap: 'rogue', kind: 'event', event: eventOf('rogue', `q-${number}`, 'slice.request', details, account) };
}

/** A word of letters for a number: kinds of events have no digits. */
function lettersOf(number: number): string {
	return [...String(number)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
}

/** Rows of each table. */
async function rowsOf(database: Database): Promise<Map<string, number>> {
	const tables = await database.query<{ name: string }>(
		`SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
	);
	const counts = new Map<string, number>();
	for (const { name } of tables) {
		const [row] = await database.query<{ count: number }>(`SELECT count(*) AS count FROM ${name}`);
		counts.set(name, row?.count ?? 0);
	}
	return counts;
}

onBoth('names that one access point makes up fill no table', async (t, database) => {
	await addAccessPoints(database, 'rogue', 'honest');
	await addFunded(database, 'bob', MEBIBYTE);
	await database.query("DELETE FROM account_access_point WHERE account = 'bob'");
	// Somebody follows everything.
	await database.query(
		`INSERT INTO subscription (id, kinds, target, address, secret, made_at)
		VALUES ('all', $1::text[], 'mqtt', 'apps/all', 'a secret of sixteen', 0)`,
		[['account.unknown', 'event.many', 'usage.suspect', 'slice.request', 'fault', 'usage.conflict']],
	);
	const before = await rowsOf(database);
	t.deepEqual([...before.keys()].toSorted(), Object.keys(BOUNDS).toSorted(), 'each table has its bound');
	for (const [what, make] of Object.entries(FLOODS)) {
		const messages = make();
		for (let first = 0; first < messages.length; first += 100) {
			const part = messages.slice(first, first + 100);
			await database.transaction(async (tx) => await takeMessages(tx, part, { slices: SLICES, now: NOW }));
		}
		const counts = await rowsOf(database);
		for (const [table, bound] of Object.entries(BOUNDS)) {
			const added = (counts.get(table) ?? 0) - (before.get(table) ?? 0);
			if (bound !== 'rate') t.true(added <= bound, `${what}: ${added} rows of ${table}, at most ${bound}`);
		}
	}
	// Everything is counted.
	const [unknown] = await database.query<{ count: number }>(
		"SELECT (details->>'count')::bigint AS count FROM event WHERE kind = 'account.unknown'",
	);
	t.is(unknown?.count, NEW_NAMES_MAX);
	const reviews = await database.query<{ records: number }>(
		"SELECT records FROM review WHERE reason = 'too_many_names'",
	);
	t.deepEqual(reviews, [{ records: MANY - NEW_NAMES_MAX }]);
	const many = await database.query<{ kind: string; count: number; names: string[] }>(
		`SELECT details->>'kind' AS kind, (details->>'count')::bigint AS count, details->'names' AS names FROM event
		WHERE kind = 'event.many' ORDER BY 1`,
	);
	t.deepEqual(
		many.map(({ kind, count }) => [kind, count > 0]),
		[
			['fault', true],
			['other', true],
			['slice.request', true],
			['usage.suspect', true],
		],
	);
	t.true(many.every(({ names }) => names.length >= 1 && names.length <= 5));
	// And nobody else is touched by it.
	const good = usage(
		batchOf('honest', 1, [recordOf({ id: 'a', account: 'guest' })], {
			events: [eventOf('honest', 'e', 'fault', {}, 'guest')],
		}),
	);
	const taken = await database.transaction(async (tx) => await takeMessages(tx, [good], { slices: SLICES, now: NOW }));
	t.is(taken.ingested?.acks.length, 1);
	t.is((await database.query("SELECT 1 FROM event WHERE ap = 'honest' AND id = 'e'")).length, 1);
});
