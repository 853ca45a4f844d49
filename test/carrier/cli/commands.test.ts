import test from 'ava';
import type { CliEnvironment } from '../../../carrier/cli/cli-command.ts';
import { CARRIER_COMMANDS } from '../../../carrier/cli/commands.ts';
import { runCarrierCli } from '../../../carrier/cli/run-cli.ts';
import { addEvents } from '../../../carrier/fleet/events.ts';
import { ROUTES } from '../../../carrier/http/routes.ts';
import { giveSlice } from '../../../carrier/slice/give-slice.ts';
import { ingest } from '../../../carrier/usage/ingest.ts';
import { listRates } from '../../../carrier/usage/rates.ts';
import { onBothDatabases } from '../databases.ts';
import { startApi } from '../http/running-api.ts';
import { addAccessPoints, addFunded, batchOf, MEBIBYTE, NOW, recordOf, SLICES, TERMS } from '../scene.ts';

const onBoth = onBothDatabases(test);

/** Operations that need no command, each with its reason. */
const WITHOUT_COMMAND: Readonly<Record<string, string>> = {};

/** What one command asks the platform for; undefined: it asks nothing. */
async function askedBy(line: readonly string[]): Promise<{ method: string; path: string } | undefined> {
	let asked: { method: string; path: string } | undefined;
	const environment = {
		readFile: () => '{"name": "x"}',
		writeOut: () => undefined,
		writeError: () => undefined,
		random: () => new Uint8Array(32),
		serve: async () => undefined,
		version: '0',
		fetch: async (url: URL, { method }: RequestInit) => {
			asked = { method: method as string, path: url.pathname };
			return new Response('{}');
		},
	} as unknown as CliEnvironment;
	await runCarrierCli(line, environment);
	return asked;
}

test('every operation of the API has a command, and every command that asks has an operation', async (t) => {
	const covered = new Set<string>();
	for (const { words, arguments: names } of CARRIER_COMMANDS) {
		const asked = await askedBy([...words, ...names.map((_, index) => `x${index}`)]);
		if (asked === undefined) continue;
		const route = ROUTES.find(
			({ method, path }) =>
				method === asked.method && new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`).test(asked.path),
		);
		t.truthy(route, words.join(' '));
		if (route) covered.add(route.name);
	}
	const without = ROUTES.map(({ name }) => name).filter((name) => !covered.has(name));
	t.deepEqual(without.toSorted(), Object.keys(WITHOUT_COMMAND).toSorted());
});

test('no command is hidden by another one', (t) => {
	for (const command of CARRIER_COMMANDS) {
		const found = CARRIER_COMMANDS.find(({ words }) => words.every((word, index) => command.words[index] === word));
		t.is(found, command, command.words.join(' '));
	}
});

onBoth(
	'allowances, slices, rates, routed records and subscriptions are run from the command line',
	async (t, database) => {
		const api = await startApi(database);
		const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
		const files: Record<string, unknown> = {
			allowance: { total: 16 * MEBIBYTE, resetEvery: 'day', members: [] },
			rate: { name: 'all', priority: 1, when: {}, unit: 'byte', priceMicro: 5, per: MEBIBYTE, route: 'partner' },
			partner: { id: 'partner', kinds: ['credit.out'], target: 'pull', address: '', secret: 'x'.repeat(16) },
		};
		const run = async (...words: string[]) => {
			const out: string[] = [];
			const errors: string[] = [];
			const environment = {
				readFile: (path: string) => (path === 'token' ? api.token : JSON.stringify(files[path])),
				writeOut: (text: string) => void out.push(text),
				writeError: (text: string) => void errors.push(text),
				fetch,
			} as unknown as CliEnvironment;
			const status = await runCarrierCli([...words, '--api', url, '--token-file', 'token'], environment);
			return status === 0 ? JSON.parse(out.join('')) : { status, errors: errors.join('') };
		};
		await addAccessPoints(database, 'cafe');
		for (const account of ['family', 'alice', 'bob']) await addFunded(database, account, 0);

		t.is((await run('allowance', 'put', 'family', 'allowance')).remaining, 16 * MEBIBYTE);
		t.deepEqual((await run('member', 'put', 'family', 'alice', '--weight', '3')).members, [
			{ account: 'alice', weight: 3 },
		]);
		t.is((await run('member', 'put', 'family', 'bob')).shares[1].limit, 4 * MEBIBYTE);
		t.is((await run('member', 'put', 'alice', 'bob')).status, 3, 'alice is no allowance');
		t.is((await run('member', 'put', 'family', 'family')).status, 4);
		t.is((await run('member', 'put', 'family', 'bob', '--weight', 'much')).status, 2);
		t.is((await run('account', 'show', 'bob')).pool, 'family');
		t.is((await run('member', 'remove', 'family', 'bob')).outcome, 'done');
		t.is((await run('account', 'show', 'bob')).pool, null);
		t.is((await run('member', 'remove', 'family', 'bob')).status, 3);
		t.deepEqual((await run('allowance', 'show', 'family')).members, [{ account: 'alice', weight: 3 }]);
		t.is((await run('allowance', 'reset', 'family')).outcome, 'done');

		const asked = { ap: 'cafe', request: 'a', account: 'alice', wants: MEBIBYTE };
		await database.transaction((tx) => giveSlice(tx, asked, SLICES, NOW));
		const [{ slice, state }] = (await run('slice', 'list')).entries;
		t.is(state, 'given');
		t.is((await run('slice', 'revoke', slice)).outcome, 'done');
		t.deepEqual((await run('slice', 'list', '--state', 'given')).entries, []);
		t.regex((await run('slice', 'release', slice)).errors, /still valid/);
		api.now = NOW + 86_400_000;
		t.is((await run('slice', 'release', slice)).outcome, 'done');
		t.deepEqual((await run('slice', 'list')).entries, []);

		t.is((await run('rate', 'put', 'rate')).outcome, 'done');
		t.is((await run('rate', 'list')).entries[0].name, 'all');
		t.is((await run('subscription', 'add', 'partner')).outcome, 'done');
		const terms = { ...TERMS, rates: await listRates(database) };
		const batch = batchOf('cafe', 1, [recordOf({ id: 'a', amount: 10 }), recordOf({ id: 'b', amount: 10 })]);
		await database.transaction((tx) => ingest(tx, [batch], terms));
		const { entries } = await run('record', 'list', 'partner', '--limit', '1');
		t.is(entries.length, 1);
		t.is((await run('record', 'list', 'partner', '--after', String(entries[0].position))).entries.length, 1);
		t.is((await run('subscription', 'list')).entries[0].id, 'partner');
		t.is((await run('subscription', 'remove', 'partner')).outcome, 'done');
		t.is((await run('rate', 'remove', 'all')).outcome, 'done');

		const { codes } = await run('voucher', 'make', 'may', '2', '--bytes', '10', '--expires', String(NOW + 1));
		t.is((await run('voucher', 'redeem', codes[0], 'bob')).status, 4, 'it has expired');
		t.is((await run('voucher', 'revoke', 'may')).revoked, 2);
		t.is((await run('ap', 'block', 'cafe')).outcome, 'done');
		t.is((await run('ap', 'show', 'cafe')).state, 'blocked');
		await addEvents(database, [{ ap: 'cafe', id: '~1', kind: 'alert', at: NOW, details: {} }], NOW);
		t.is((await run('event', 'list', '--limit', '1')).entries.length, 1);
		await api.stop();
	},
);
