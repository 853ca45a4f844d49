import test from 'ava';
import type { Database } from '../../../carrier/database/database.ts';
import { listReviews } from '../../../carrier/review/reviews.ts';
import { verify } from '../../../carrier/verify.ts';
import { accountsPage } from '../../../carrier/web/account-page.ts';
import { fleetPage } from '../../../carrier/web/fleet-page.ts';
import { html } from '../../../carrier/web/html.ts';
import { reviewPage } from '../../../carrier/web/review-page.ts';
import { admit, type UpMessage } from '../../../carrier/worker/door.ts';
import { takeMessages } from '../../../carrier/worker/take-messages.ts';
import { event } from '../../../protocol/event.ts';
import { reply } from '../../../protocol/reply.ts';
import type { JsonSchema } from '../../../protocol/shape.ts';
import { state } from '../../../protocol/state.ts';
import { upTopic } from '../../../protocol/topics.ts';
import { usage } from '../../../protocol/usage.ts';
import { Random } from '../../lab/random.ts';
import { onBothDatabases } from '../databases.ts';
import { addAccessPoints, addFunded, MEBIBYTE, NOW, SLICES } from '../scene.ts';

const onBoth = onBothDatabases(test);
const ROUNDS = 300;
const SEED = 48_271;
const RECORDS_MAX = 12;
const OFTEN = ['alice', 'guest-1', 'cafe', 'credit.out', 'slice.request', 'slice.return', 'c-1', 'policy-1-all'];
/** Texts that databases, terminals and parsers have stumbled over. As JSON writes them, escapes stay escapes. */
const TEXTS = [
	...[
		'a',
		'0',
		'a'.repeat(31),
		'a'.repeat(32),
		'a'.repeat(64),
		'z9-._~:',
		'A'.repeat(43),
		'0'.repeat(32),
		'f'.repeat(32),
	],
	...['__proto__', 'constructor', 'null', "'; DROP TABLE event; --", '\\x00', '%s%n', '{}', '-1', '1e308', '\\u0000'],
	...[
		'\u0000',
		'a\u0000b',
		'\ud800',
		'\udc00',
		'\udc00\ud800',
		'x\ud83d',
		'\ud83d\ude00',
		'\ufffe',
		'\uffff',
		'\ufdd0',
		'\u{10ffff}',
	],
	...[
		'\u200b',
		'\u202e',
		'\u0301'.repeat(64),
		'\ufeff',
		'\u0007',
		'\u001b[2J',
		'\u2028',
		'é'.repeat(512),
		'\u{1f600}'.repeat(256),
	],
	...['02:00:5e:10:00:01', 'eth0.2', '0123456789abcdef0123456789abcdef', 'x'.repeat(513), ''],
];
const NUMBERS = [
	...[0, 1, 2, 1000, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 46, 2 ** 46 + 1, 2 ** 50, 2 ** 50 + 1, 2 ** 53 - 1],
	...[-1, -(2 ** 31), 0.1, -0, 5e-324, 1.7976931348623157e308, -1.7976931348623157e308, NOW, NOW - 1000],
];
/** Written as they are: no value of JavaScript becomes them. */
const RAW_NUMBERS = ['1e999', '-1e999', '9007199254740993', '0.1e-400', '123456789012345678901234567890', '1E+2'];

/** Values that a schema may describe: mostly right ones, at the ends of what is allowed. */
class Maker {
	readonly #random: Random;
	#sequence = 0;

	constructor(random: Random) {
		this.#random = random;
	}

	one<Value>(values: readonly Value[]): Value {
		return values[this.#random.between(0, values.length - 1)] as Value;
	}

	chance(of: number): boolean {
		return this.#random.between(1, of) === 1;
	}

	/** JSON. */
	text(schema: JsonSchema): string {
		if (this.chance(60)) return this.anything(0);
		if ('const' in schema) return JSON.stringify(schema.const);
		if (Array.isArray(schema.enum)) return JSON.stringify(this.one(schema.enum));
		switch (schema.type) {
			case 'integer':
				return this.#integer(schema.minimum as number, schema.maximum as number);
			case 'string':
				return JSON.stringify(this.#string(schema));
			case 'boolean':
				return this.one(['true', 'false']);
			case 'array':
				return this.#array(schema);
			case 'object':
				return 'properties' in schema ? this.#object(schema) : this.#members();
			default:
				return this.anything(0);
		}
	}

	anything(depth: number): string {
		if (depth < 20 && this.chance(3)) {
			const inner = this.anything(depth + 1);
			return this.one([`[${inner}]`, `{"a":${inner}}`, `{${JSON.stringify(this.one(TEXTS))}:${inner}}`]);
		}
		return this.one([
			JSON.stringify(this.one(TEXTS)),
			JSON.stringify(this.one(NUMBERS)),
			this.one(RAW_NUMBERS),
			'null',
		]);
	}

	#integer(min: number, max: number): string {
		const right = [min, max, ...NUMBERS.filter((number) => Number.isInteger(number) && number >= min && number <= max)];
		return this.chance(40) ? this.one(RAW_NUMBERS) : JSON.stringify(this.one(right));
	}

	#string({ pattern, maxLength }: JsonSchema): string {
		const form = typeof pattern === 'string' ? new RegExp(pattern, 'u') : undefined;
		const fits = (text: string) => (form?.test(text) ?? true) && [...text].length <= ((maxLength as number) ?? 1000);
		const right = [...OFTEN, ...TEXTS].filter(fits);
		return right.length === 0 || this.chance(40) ? this.one(TEXTS) : this.one(right);
	}

	#array({ items, maxItems }: JsonSchema): string {
		const count = this.#random.between(0, Math.min(RECORDS_MAX, maxItems as number));
		return `[${Array.from({ length: count }, () => this.text(items as JsonSchema)).join(',')}]`;
	}

	/** `details` of an event: a few members of any kind. */
	#members(): string {
		const names = ['what', 'text', 'wants', 'remaining', 'reason', 'slice', 'returned', 'proof', 'toString', 'a1'];
		const count = this.#random.between(0, 16);
		const member = () => `${JSON.stringify(this.one(names))}:${this.chance(30) ? this.anything(0) : this.#plain()}`;
		return `{${Array.from({ length: count }, member).join(',')}}`;
	}

	#plain(): string {
		return this.one([
			JSON.stringify(this.one(TEXTS)),
			JSON.stringify(this.one(NUMBERS)),
			this.one(RAW_NUMBERS),
			...['true', 'null', '"first"', '"expired"', '1048576'],
		]);
	}

	#object({ properties, required, additionalProperties }: JsonSchema): string {
		const fields = Object.entries(properties as Record<string, JsonSchema>)
			.filter(([key]) => (required as string[]).includes(key) || this.chance(key === 'slice' ? 6 : 2))
			.map(([key, schema]) => `${JSON.stringify(key)}:${this.#known(key) ?? this.text(schema)}`);
		if (additionalProperties === true && this.chance(3)) fields.push(`"newer":${this.anything(0)}`);
		return `{${fields.join(',')}}`;
	}

	/** What would make nearly every message one of a stranger. */
	#known(key: string): string | undefined {
		if (key === 'ap') return '"cafe"';
		// A number that was there is another batch of a restored access point: nothing of it is stored.
		if (key === 'sequence' && !this.chance(8)) return String(++this.#sequence);
		return key === 'version' ? '1' : undefined;
	}
}

/** Bytes that are sums, as honest ones are: otherwise every record is for a person. */
const summed = (text: string) =>
	text.replace(/"amount":(\d{1,15}),"upBytes":[^,]+,"downBytes":[^,}]+/g, '"amount":$1,"upBytes":0,"downBytes":$1');

async function lookAtAll(database: Database): Promise<void> {
	const now = NOW + 60_000;
	await fleetPage(database, { after: '', now });
	await reviewPage(database, '', html``);
	await accountsPage(database, '');
}

onBoth('whatever passes the door is accepted by the store, and the pages show it', async (t, database) => {
	await addAccessPoints(database, 'cafe');
	await addFunded(database, 'alice', MEBIBYTE);
	const maker = new Maker(new Random(SEED));
	const shapes = { usage, event, state, reply } as const;
	const counts = { usage: 0, event: 0, state: 0, reply: 0, refused: 0, records: 0 };
	let waiting: UpMessage[] = [];
	for (let round = 0; round < ROUNDS; round++) {
		const kind = maker.one(['usage', 'usage', 'usage', 'event', 'state', 'reply'] as const);
		const text = summed(maker.text(shapes[kind].schema));
		const admitted = admit(upTopic('cafe', kind), Buffer.from(text));
		if (!admitted.ok) {
			counts.refused += 1;
			continue;
		}
		counts[kind] += 1;
		waiting.push(admitted.message);
		if (waiting.length < 4) continue;
		const messages = waiting;
		waiting = [];
		const taking = database.transaction(async (tx) => {
			const { ingested } = await takeMessages(tx, messages, { slices: SLICES, now: NOW });
			counts.records += ingested?.records ?? 0;
		});
		await t.notThrowsAsync(taking, `seed ${SEED}, round ${round}: ${text}`);
		if (round % 50 === 0) await t.notThrowsAsync(lookAtAll(database));
	}
	await lookAtAll(database);
	const broken = (await verify(database)).flatMap((law) => law.broken);
	t.deepEqual(broken, []);
	const reviews = await listReviews(database, { after: 0, limit: 100, isSettled: false });
	t.log(JSON.stringify({ ...counts, reviews: reviews.length }));
	// A test whose messages are all refused shows nothing.
	for (const count of Object.values(counts)) t.true(count > 5);
	t.false(reviews.some(({ reason }) => reason === 'unstorable'));
});

test('a number that is not finite is refused at the door, and kept for a person', (t) => {
	const said = '{"version":1,"ap":"cafe","id":"e1","kind":"fault","at":1,"details":{"a":1e999}}';
	t.like(admit(upTopic('cafe', 'event'), Buffer.from(said)), { ok: false, reason: 'schema' });
	const batch = `{"version":1,"ap":"cafe","stream":"${'0'.repeat(32)}","sequence":1,"records":[],"events":[${said}]}`;
	const admitted = admit(upTopic('cafe', 'usage'), Buffer.from(batch));
	t.true(admitted.ok && admitted.message.kind === 'usage' && admitted.message.batch.faulty.length === 1);
});
