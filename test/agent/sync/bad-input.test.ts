import test, { type ExecutionContext } from 'ava';
import { METRICS } from '../../../agent/metrics/metric-table.ts';
import { type MetricValues, metricsText } from '../../../agent/metrics/metrics-text.ts';
import { carrierValues } from '../../../agent/snapshot/metric-values.ts';
import type { CarrierSettings } from '../../../agent/sync/sync.ts';
import { SAY_EVERY_MS } from '../../../agent/sync/tally.ts';
import type { Envelope } from '../../../protocol/envelope.ts';
import { keyOf, sign } from '../../../protocol/signature.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { type FakePlatform, PLATFORM_KEY } from '../../fakes/fake-platform.ts';
import { rawDatabase, temporaryFolder } from '../ledger/temporary-ledger.ts';
import { type AccessPoint, carrierWorld, soon, type World } from './carrier-world.ts';
import { makeCertificates } from './real-broker.ts';

const AP = 'cafe-7';
const DAY_MS = 86_400_000;
const COMMAND = `octroi/1/${AP}/down/command`;
const block = { kind: 'command', body: { command: 'block', account: 'nobody' } } as const;

/** What Prometheus reads of the line. */
function page({ sync }: AccessPoint): string {
	const none = Object.fromEntries(METRICS.map(({ name }) => [name, []])) as unknown as MetricValues;
	return metricsText({ ...none, ...carrierValues({ configured: true, ...sync.figures }) });
}

const publish = (platform: FakePlatform, payload: string | Buffer, topic = COMMAND) =>
	platform.client.publishAsync(topic, payload, { qos: 1 });
const refusals = ({ ap }: World) => Object.values(ap.sync.figures.refused).reduce((sum, count) => sum + count, 0);

/** Every bad input: what happens, and what must be found of it on the page of metrics, in the log and at the carrier. */
type Row = {
	readonly what: string;
	readonly settings?: (t: ExecutionContext) => Partial<CarrierSettings>;
	readonly clock?: FakeClock;
	readonly happens: (world: World, t: ExecutionContext) => Promise<unknown>;
	readonly metric: RegExp;
	readonly log: RegExp;
	/** Details of the event; or undefined: the reply says it. */
	readonly event: Readonly<Record<string, string>> | undefined;
	readonly reply?: Readonly<Record<string, string>>;
};

const ROWS: readonly Row[] = [
	{
		what: 'malformed JSON that nobody signed',
		happens: ({ platform }) => publish(platform, '{'),
		metric: /^octroi_carrier_refused_total\{reason="form"\} 1$/m,
		log: /refused: it is not a signed message/,
		event: { what: 'refused', refused: 'form' },
	},
	{
		what: 'a signed message of a wrong schema',
		happens: async ({ platform }) => {
			const wrong = { version: 1, id: 'c-1', audience: AP, kind: 'command' } as unknown as Envelope;
			await publish(platform, await sign(wrong, { kid: PLATFORM_KEY.kid, key: await keyOf(PLATFORM_KEY) }));
		},
		metric: /^octroi_carrier_refused_total\{reason="schema"\} 1$/m,
		log: /refused: it does not say what it must/,
		event: { what: 'refused', refused: 'schema' },
		reply: { outcome: 'refused', code: 'invalid_value' },
	},
	{
		what: 'a message of more than 64 KiB',
		happens: ({ platform }) => publish(platform, Buffer.alloc(70_000, 'a')),
		metric: /^octroi_carrier_refused_total\{reason="size"\} 1$/m,
		log: /refused: it is too large/,
		event: { what: 'refused', refused: 'size' },
	},
	{
		what: 'an enormous packet, which ends the connection when it begins',
		happens: async ({ platform, ap }) => {
			await publish(platform, Buffer.alloc(5_000_000, 'a'));
			await soon(() => !ap.sync.figures.connected);
			while (!ap.sync.figures.connected) await ap.pass(1000);
		},
		metric:
			/^octroi_carrier_refused_total\{reason="size"\} 1$[\s\S]*^octroi_carrier_faults_total\{what="oversize"\} 1$/m,
		log: /refused: it is too large[\s\S]*no connection to the carrier: the broker sent a message that is too large/,
		event: { what: 'refused', refused: 'size' },
	},
	{
		what: 'a message for another access point',
		happens: ({ platform }) => platform.send({ audience: 'cafe-8', id: 'c-1', topic: COMMAND }, block),
		metric: /^octroi_carrier_refused_total\{reason="audience"\} 1$/m,
		log: /refused: it is for somebody else/,
		event: { what: 'refused', refused: 'audience' },
	},
	{
		what: 'a message under a topic of another kind',
		happens: ({ platform }) => platform.send({ audience: AP, topic: `octroi/1/${AP}/down/grant` }, block),
		metric: /^octroi_carrier_refused_total\{reason="topic"\} 1$/m,
		log: /refused: it is not for this access point, or not of its topic/,
		event: { what: 'refused', refused: 'topic' },
	},
	{
		what: 'a command for an account that is not here',
		happens: ({ platform }) => platform.ask({ audience: AP, id: 'c-1' }, block),
		metric: /^octroi_carrier_not_done_total\{code="not_found"\} 1$/m,
		log: /what the carrier asked for was not done/,
		event: undefined,
		reply: { outcome: 'refused', code: 'not_found' },
	},
	{
		what: 'a clock that is years ahead',
		clock: new FakeClock({ wallMs: Date.UTC(2044, 0, 1) }),
		happens: ({ platform }) => platform.ask({ audience: AP, id: 'c-1', expiresAt: Date.UTC(2026, 6, 1) }, block),
		metric: /^octroi_carrier_refused_total\{reason="expired"\} 1$/m,
		log: /refused: it is too old/,
		event: { what: 'refused', refused: 'expired' },
		reply: { outcome: 'refused', code: 'expired' },
	},
	{
		what: 'a certificate that expires while connected',
		settings: (t) => {
			const folder = temporaryFolder(t);
			makeCertificates(folder, 1);
			// With its key the client would speak TLS; this broker does not.
			return { certificate: `${folder}/client.pem` };
		},
		happens: async ({ ap }) => {
			ap.clock.skip((ap.sync.figures.certificateEndMs ?? 0) - ap.clock.wallMs());
			await ap.pass(2500);
		},
		metric: /^octroi_carrier_connected 1$[\s\S]*^octroi_carrier_faults_total\{what="expired"\} 1$/m,
		log: /our certificate has expired while connected: the next connection will be refused/,
		event: { what: 'certificate' },
	},
	{
		what: 'a wrong password for a month',
		happens: async ({ broker, ap }) => {
			const { authenticate } = broker.aedes;
			broker.aedes.authenticate = (client, _user, _password, done) =>
				client?.id === 'platform'
					? done(null, true)
					: done(Object.assign(new Error('wrong password'), { returnCode: 4 }), false);
			broker.cut();
			await soon(() => !ap.sync.figures.connected);
			// Each attempt is a real connection: the month passes in some of them.
			for (let attempt = 2; attempt < 12; attempt += 1) {
				while (ap.sync.figures.attempts < attempt) await ap.pass(1000);
				await soon(() => ap.sync.figures.faults.credentials === attempt - 1);
			}
			ap.clock.skip(30 * DAY_MS);
			broker.aedes.authenticate = authenticate;
			while (!ap.sync.figures.connected) await ap.pass(1000);
		},
		metric: /^octroi_carrier_faults_total\{what="credentials"\} 10$/m,
		log: /no connection to the carrier: the broker refuses our name, password or certificate/,
		event: { what: 'offline', fault: 'credentials' },
	},
	{
		what: 'a full disk, or whoever else keeps the outbox from being written',
		happens: async ({ ap }, t) => {
			ap.buy('ann', 1000);
			ap.open('s1', 'ann');
			ap.use('s1', 100, 0);
			const other = rawDatabase(t, ap.path);
			other.exec('BEGIN IMMEDIATE');
			await ap.pass(70_000);
			other.exec('ROLLBACK');
		},
		metric: /^octroi_carrier_unwritten_total [1-9]/m,
		log: /nothing can be reported to the carrier: the ledger cannot be written/,
		event: { what: 'unwritable' },
	},
	{
		what: 'a database that came back from a backup',
		happens: async ({ platform, ap }) => {
			const { stream } = ap.sync.figures;
			await platform.send({ audience: AP }, { kind: 'ack', body: { stream, sequence: 7, digest: 'a'.repeat(43) } });
			await soon(() => ap.sync.figures.stream !== stream);
		},
		metric: /^octroi_carrier_faults_total\{what="restored"\} 1$/m,
		log: /the platform has other batches than this database: it came back from a backup/,
		event: { what: 'restored' },
	},
];

for (const { what, settings, clock, happens, metric, log, event, reply } of ROWS) {
	test(`${what}: a metric, a log line, and the carrier hears of it`, async (t) => {
		const world = await carrierWorld(t, { ...(clock ? { clock } : {}), settings: settings?.(t) ?? {} });
		const { platform, ap } = world;
		t.notRegex(page(ap), metric);
		t.notRegex(ap.logged.join('\n'), log);
		await happens(world, t);
		await soon(() => metric.test(page(ap)));
		t.regex(ap.logged.join('\n'), log);
		const told = () =>
			[...platform.events.values()].some(
				({ kind, details }) =>
					kind === 'fault' && Object.entries(event ?? {}).every(([name, value]) => details[name] === value),
			);
		while (event !== undefined && !told()) await ap.pass(1000);
		if (reply) {
			await platform.until(() => platform.replies.length > 0);
			t.like(platform.replies[0], reply);
		}
		t.deepEqual(platform.broken, []);
	});
}

test('a flood of one kind is counted whole, and said once an hour', async (t) => {
	const world = await carrierWorld(t);
	const { platform, ap } = world;
	const said = () => ap.logged.filter((text) => text.endsWith('it is not a signed message')).length;
	for (let count = 0; count < 20; count += 1) await publish(platform, '{}');
	await soon(() => refusals(world) === 20);
	t.is(said(), 1);
	ap.clock.skip(SAY_EVERY_MS);
	await publish(platform, '{}');
	await soon(() => refusals(world) === 21);
	t.is(said(), 2);
	for (let count = 0; count < 5; count += 1) await platform.ask({ audience: AP, id: `c-${count}` }, block);
	t.is(ap.sync.figures.notDone.not_found, 5);
	t.is(ap.logged.filter((text) => text === 'what the carrier asked for was not done').length, 1);
});
