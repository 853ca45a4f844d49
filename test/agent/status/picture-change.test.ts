import { readFileSync } from 'node:fs';
import test from 'ava';
import type { MacAddress } from '../../../agent/core/units.ts';
import { pictureChange } from '../../../agent/status/picture-change.ts';
import type { StatusEvent, StatusPicture } from '../../../agent/status/snapshot.ts';
import { PICTURE, SNAPSHOT } from '../../ui/picture-fixture.ts';
import { problemsOf, propertiesOf, type Schema } from './json-schema.ts';

const HEAD = { sequence: 8, atMs: 1 };
const [first, second, ...others] = PICTURE.stations as [StatusPicture['stations'][0], StatusPicture['stations'][0]];

test('what has not changed is not sent, even if it was made anew', (t) => {
	t.deepEqual(pictureChange(PICTURE, structuredClone(PICTURE), HEAD), { watch: 'delta', ...HEAD });
});

test('a row that changed is sent with its key and what differs', (t) => {
	const { name: _name, ...unnamed } = first;
	const after = { ...PICTURE, stations: [{ ...unnamed, upBytes: 1, addresses: ['10.0.0.9'] }, second, ...others] };
	t.deepEqual(pictureChange(PICTURE, after, HEAD).stations, {
		set: [{ mac: first.mac, name: null, addresses: ['10.0.0.9'], upBytes: 1 }],
	});
});

test('new rows are whole, and the keys of old ones are named', (t) => {
	const fresh = { ...first, mac: '02:00:5e:10:00:99' as MacAddress };
	const { stations } = pictureChange(PICTURE, { ...PICTURE, stations: [second, ...others, fresh] }, HEAD);
	t.deepEqual(stations, { set: [fresh], gone: [first.mac] });
});

test('parts are sent whole, transfers only when they are new', (t) => {
	const added = { ...(PICTURE.transfers[0] as StatusPicture['transfers'][0]), sequence: 50 };
	const after: StatusPicture = { ...PICTURE, uplink: null, warnings: [], transfers: [added, ...PICTURE.transfers] };
	t.deepEqual(pictureChange(PICTURE, after, HEAD), {
		watch: 'delta',
		...HEAD,
		uplink: null,
		warnings: [],
		transfers: [added],
	});
});

test('docs/status-stream.schema.json describes the events, all of them and no more', (t) => {
	const schema = JSON.parse(readFileSync('docs/status-stream.schema.json', 'utf8')) as Schema;
	const empty: StatusPicture = { ...PICTURE, stations: [], accounts: [], transfers: [] };
	const turned = {
		...PICTURE,
		agent: { ...PICTURE.agent, upSeconds: 1 },
		counts: { ...PICTURE.counts, gone: 9 },
		traffic: { ...PICTURE.traffic, upBytes: 1 },
		sold: { ...PICTURE.sold, count: 9 },
		plans: PICTURE.plans.slice(1),
		warnings: [],
		uplink: null,
		carrier: { state: 'offline', text: 'offline' },
		pairing: null,
	} as const satisfies StatusPicture;
	const events: StatusEvent[] = [SNAPSHOT, pictureChange(empty, turned, HEAD), pictureChange(PICTURE, empty, HEAD)];
	const seen = new Set<string>();
	for (const event of events) t.deepEqual(problemsOf(schema, schema, JSON.parse(JSON.stringify(event)), seen), []);
	t.deepEqual(
		propertiesOf(schema).filter((property) => !seen.has(property)),
		[],
	);
	t.true(problemsOf(schema, schema, { ...SNAPSHOT, extra: 1 }, seen).length > 0);
	t.true(problemsOf(schema, schema, { ...SNAPSHOT, sequence: -1 }, seen).length > 0);
});
