import { readFileSync } from 'node:fs';
import test from 'ava';
import { pictureChange } from '../../../agent/status/picture-change.ts';
import type { StatusEvent, StatusPicture, TableChanges } from '../../../agent/status/snapshot.ts';
import { PICTURE, SNAPSHOT } from '../../ui/picture-fixture.ts';
import { problemsOf, propertiesOf, type Schema } from './json-schema.ts';

const HEAD = { sequence: 8, atMs: 1 };
const SAME = { head: HEAD, tables: {} };

test('what has not changed is not sent, even if it was made anew', (t) => {
	t.deepEqual(pictureChange(PICTURE, structuredClone(PICTURE), SAME), { watch: 'delta', ...HEAD });
});

test('parts are sent whole, transfers only when they are new', (t) => {
	const added = { ...(PICTURE.transfers[0] as StatusPicture['transfers'][0]), sequence: 50 };
	const after: StatusPicture = { ...PICTURE, uplink: null, warnings: [], transfers: [added, ...PICTURE.transfers] };
	t.deepEqual(pictureChange(PICTURE, after, SAME), {
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
	const came: TableChanges = {
		stations: { set: PICTURE.stations, moved: [1, 2, 3, 4, 5, 6] },
		accounts: { set: PICTURE.accounts },
	};
	const went: TableChanges = {
		stations: { gone: PICTURE.stations.map(({ mac }) => mac) },
		accounts: { gone: PICTURE.accounts.map(({ account }) => account) },
	};
	const events: StatusEvent[] = [
		SNAPSHOT,
		pictureChange(empty, turned, { head: HEAD, tables: came }),
		pictureChange(PICTURE, empty, { head: HEAD, tables: went }),
	];
	const seen = new Set<string>();
	for (const event of events) t.deepEqual(problemsOf(schema, schema, JSON.parse(JSON.stringify(event)), seen), []);
	t.deepEqual(
		propertiesOf(schema).filter((property) => !seen.has(property)),
		[],
	);
	t.true(problemsOf(schema, schema, { ...SNAPSHOT, extra: 1 }, seen).length > 0);
	t.true(problemsOf(schema, schema, { ...SNAPSHOT, sequence: -1 }, seen).length > 0);
});
