import type { Give, Json, ProtocolClient } from './protocol-client.ts';
import { recordOf } from './protocol-client.ts';

/** What a rogue access point knows when it lies. */
export type Scene = {
	readonly rogue: ProtocolClient;
	/** Its name; nothing else of it belongs to the rogue one. */
	readonly honest: string;
	/** A slice that the honest one holds, of alice. */
	readonly foreign: Give;
	/** Its own guest. */
	readonly guest: string;
	/** Makes names that no round before had. */
	readonly round: number;
};

export type Lie = {
	readonly name: string;
	/** The reasons under which the list for a person must have it, and whose it is. Absent: refused, or without any effect. */
	readonly listed?: { readonly reason: string; readonly account?: string };
	readonly tell: (scene: Scene) => Promise<unknown>;
};

const HUGE = 2 ** 50;
const REQUESTS = 128;
const LAST_NUMBER = Number.MAX_SAFE_INTEGER;
const MEBIBYTE = 1 << 20;

const eight = (fields: { account: string } & Json) => Array.from({ length: 8 }, () => recordOf(fields));

/** Each kind of lie once. Those of slices come first: they are what costs somebody money. */
export const LIES: readonly Lie[] = [
	{
		name: 'a made-up slice, charged to somebody else',
		listed: { reason: 'unknown_slice', account: 'alice' },
		tell: ({ rogue, round }) =>
			rogue.report([recordOf({ account: 'alice', slice: `s-made-up-${round}`, amount: 1_048_576_000 })]),
	},
	{
		name: 'eight records of 2^50 bytes of made-up slices',
		listed: { reason: 'unknown_slice', account: 'bob' },
		tell: ({ rogue, round }) =>
			rogue.report(
				Array.from({ length: 8 }, (_, index) =>
					recordOf({ account: 'bob', slice: `s-${round}-${index}`, amount: HUGE }),
				),
			),
	},
	{
		name: "another access point's slice",
		listed: { reason: 'foreign_slice', account: 'alice' },
		tell: ({ rogue, foreign }) => rogue.report([recordOf({ account: 'alice', slice: foreign.slice })]),
	},
	{
		name: "the guest's slice, charged to somebody else",
		listed: { reason: 'foreign_slice', account: 'bob' },
		tell: async ({ rogue, guest }) => {
			const { slice } = await rogue.slice(guest, MEBIBYTE);
			await rogue.report([recordOf({ account: 'bob', slice })]);
		},
	},
	{
		name: 'more than the slice has',
		listed: { reason: 'beyond_slice', account: 'erin' },
		tell: async ({ rogue, guest }) => {
			const { slice, amount } = await rogue.slice(guest, MEBIBYTE);
			await rogue.report([recordOf({ account: guest, slice, amount: amount + 1_000_000 })]);
		},
	},
	{
		name: 'a slice that it gave back, used all the same',
		listed: { reason: 'beyond_slice', account: 'erin' },
		tell: async ({ rogue, guest }) => {
			const { slice, amount } = await rogue.slice(guest, MEBIBYTE);
			const returned = rogue.event('slice.return', { slice, returned: amount, reason: 'detached' }, { account: guest });
			await rogue.report([], [returned]);
			await rogue.report([recordOf({ account: guest, slice, amount })]);
		},
	},
	{
		name: "another access point's slice, given back",
		listed: { reason: 'foreign_return' },
		tell: ({ rogue, foreign: { slice, amount } }) =>
			rogue.report([], [rogue.event('slice.return', { slice, returned: amount, reason: 'detached' })]),
	},
	{
		name: `${REQUESTS} requests for slices without a customer`,
		listed: { reason: 'unproven_request', account: 'bob' },
		tell: async ({ rogue }) => {
			await Promise.all(Array.from({ length: REQUESTS }, async () => await rogue.request('bob', HUGE)));
		},
	},
	{
		name: "requests with a proof that is not the customer's",
		listed: { reason: 'unproven_request', account: 'carol' },
		tell: ({ rogue }) => rogue.request('carol', MEBIBYTE, { proof: 'A'.repeat(43) }),
	},
	{
		name: `${REQUESTS} requests for slices of its own guest`,
		tell: async ({ rogue, guest }) => {
			await Promise.all(Array.from({ length: REQUESTS }, async () => await rogue.request(guest, HUGE)));
		},
	},
	{
		name: 'eight paid records of 2^50 bytes, of an account of the platform',
		listed: { reason: 'foreign_account', account: 'alice' },
		tell: ({ rogue }) => rogue.report(eight({ account: 'alice', amount: HUGE })),
	},
	{
		name: 'eight records of 2^50 bytes that cost nothing, of an account of the platform',
		listed: { reason: 'foreign_account', account: 'bob' },
		tell: ({ rogue }) => rogue.report(eight({ account: 'bob', amount: HUGE, paid: false, class: 'free' })),
	},
	{
		name: 'forty records of 2^50 bytes of an account of its own',
		listed: { reason: 'implausible', account: 'local' },
		tell: async ({ rogue }) => {
			for (let count = 0; count < 5; count++) await rogue.report(eight({ account: 'local', amount: HUGE }));
		},
	},
	{
		name: 'records of 2^50 bytes under a name that an honest access point has, too',
		listed: { reason: 'implausible', account: 'room-1' },
		tell: ({ rogue }) => rogue.report(eight({ account: 'room-1', amount: HUGE })),
	},
	{
		name: 'bytes that are not their sum',
		listed: { reason: 'implausible', account: 'local' },
		tell: ({ rogue }) => rogue.report([recordOf({ account: 'local', amount: 1, upBytes: HUGE, downBytes: HUGE })]),
	},
	{
		name: 'a record with a number beyond 2^53 among good ones',
		listed: { reason: 'malformed' },
		tell: ({ rogue }) =>
			rogue.report([
				recordOf({ account: 'local' }),
				recordOf({ account: 'alice', amount: 2 ** 60 }),
				recordOf({ account: 'local' }),
			]),
	},
	{
		name: 'records that are none: below zero, a text, a list, nothing',
		listed: { reason: 'malformed' },
		tell: ({ rogue }) =>
			rogue.report([
				recordOf({ account: 'alice', amount: -1_000_000 }),
				recordOf({ account: "alice'; DROP TABLE transfer; --" }),
				...([[], null, 'alice', 7] as unknown as Json[]),
			]),
	},
	{
		// It is stored with a sign of replacement: there is nothing that a person could decide.
		name: 'an event with a character that no database stores',
		tell: ({ rogue }) => rogue.report([], [rogue.event('fault', { what: '\u0000' })]),
	},
	{
		name: 'an event that says that another one speaks',
		listed: { reason: 'malformed' },
		tell: ({ rogue, honest }) => rogue.report([], [rogue.event('fault', { what: 'x' }, { ap: honest })]),
	},
	{
		name: 'out of credit, of somebody who is not its guest',
		listed: { reason: 'foreign_event', account: 'bob' },
		tell: ({ rogue }) => rogue.report([], [rogue.event('credit.out', {}, { account: 'bob' })]),
	},
	{
		name: 'the same on the topic of events',
		listed: { reason: 'foreign_event', account: 'bob' },
		tell: ({ rogue }) => rogue.say('event', rogue.event('credit.restored', {}, { account: 'bob' })),
	},
	{
		name: 'events that only the platform has',
		listed: { reason: 'foreign_event' },
		tell: ({ rogue }) => rogue.report([], [rogue.event('allowance.restricted', { left: 0, restrictBelow: 1 })]),
	},
	{
		name: 'another batch under a number that was said',
		listed: { reason: 'conflict' },
		tell: async ({ rogue }) => {
			const sequence = await rogue.report([recordOf({ account: 'local' })]);
			await rogue.isAcknowledged(sequence, 60_000);
			const records = [recordOf({ account: 'alice', amount: 1_000_000 })];
			await rogue.say('usage', { version: 1, ap: rogue.name, stream: rogue.stream, sequence, records, events: [] });
		},
	},
	{
		name: 'a jump of numbers to 2^53 − 1, and that all before was acknowledged',
		tell: async ({ rogue, round }) => {
			const stream = round.toString(16).padStart(32, 'a');
			const rest = { version: 1, ap: rogue.name, stream, events: [] };
			await rogue.say('usage', { ...rest, sequence: LAST_NUMBER, records: [recordOf({ account: 'local' })] });
			await rogue.say('state', rogue.state({ stream, lastSequence: LAST_NUMBER, acknowledged: LAST_NUMBER }));
		},
	},
	{
		name: 'clocks at the beginning and at the end of time',
		tell: async ({ rogue }) => {
			const times = [
				[0, 0],
				[LAST_NUMBER, LAST_NUMBER],
				[LAST_NUMBER, 0],
			];
			await rogue.report(
				times.map(([from, to]) => recordOf({ account: 'local', from: from as number, to: to as number })),
				[rogue.event('fault', { what: 'x' }, { at: LAST_NUMBER })],
			);
			await rogue.say('state', rogue.state({ at: LAST_NUMBER }));
		},
	},
	{
		name: 'a digest of a batch before it that was never said',
		tell: async ({ rogue }) => await rogue.report([recordOf({ account: 'local' })], [], { previous: 'x'.repeat(43) }),
	},
	{
		name: 'answers to what others were sent, and to what nobody was',
		tell: async ({ rogue, foreign: { slice }, round }) => {
			for (const request of [`give-${slice}`, `revoke-${slice}`, 'policy-1-all', `never-${round}`])
				await rogue.say('reply', { version: 1, ap: rogue.name, request, outcome: 'refused', code: 'not_found' });
		},
	},
	{
		name: 'on the topics of another one, and under its name',
		tell: async ({ rogue, honest }) => {
			const batch = { version: 1, ap: honest, stream: 'b'.repeat(32), sequence: 1, events: [] };
			const text = JSON.stringify({ ...batch, records: [recordOf({ account: 'alice' })] });
			// A broker of MQTT 3.1.1 acknowledges what it does not let through.
			await rogue.client.publishAsync(`octroi/1/${honest}/up/usage`, text, { qos: 1 });
			await rogue.client.publishAsync(`octroi/1/${rogue.name}/up/usage`, text, { qos: 1 });
		},
	},
	{
		// Mosquitto's acl_file checks what is delivered, and no subscription: what is the turn of such a member is lost. It stays subscribed.
		name: "part of the workers' shared subscription, under the name that it has had",
		tell: ({ rogue }) => rogue.client.subscribeAsync('$share/octroi/octroi/1/+/up/#', { qos: 1 }),
	},
	{
		name: 'a batch that stays at the broker',
		tell: async ({ rogue }) => {
			const batch = { version: 1, ap: rogue.name, stream: 'c'.repeat(32), sequence: 1, events: [] };
			await rogue.say('usage', { ...batch, records: [recordOf({ account: 'local' })] }, { retain: true });
		},
	},
];
