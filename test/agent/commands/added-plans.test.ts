import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { AddedPlans } from '../../../agent/commands/added-plans.ts';
import { PLANS_MAX } from '../../../agent/config/plan-options.ts';
import { readConfig } from '../../../agent/config/read-config.ts';
import { systemClock } from '../../../agent/core/clock.ts';
import { silentLog } from '../../../agent/core/log.ts';
import { Warnings } from '../../../agent/core/warnings.ts';
import { askAgent } from '../../../agent/status/client.ts';
import { agentCommands } from '../../../agent/status/commands.ts';
import { StatusServer } from '../../../agent/status/status-server.ts';
import { Catalogue } from '../../../agent/sync/catalogue.ts';
import type { Policy } from '../../../protocol/policy.ts';
import { reopened, temporaryFolder } from '../ledger/temporary-ledger.ts';
import { fakeHandlers } from '../status/fake-handlers.ts';

const HOUR = { name: 'hour', title: 'One hour', seconds: 3600 };
const TARIFF = { name: 'per-mb', microPerMebibyte: 20_000 };
const DAY = { name: 'day', title: '1 GB within a day', bytes: 1_000_000_000, validForSeconds: 86_400 };
const COINS = { name: 'coins', title: 'Coins', micro: 5_000_000, tariff: 'per-mb' };

/** Real commands on real sockets over a real ledger. */
async function startPlans(t: ExecutionContext, folder: string, file: object = { plans: [HOUR], tariffs: [TARIFF] }) {
	const config = readConfig(JSON.stringify({ version: 1, devices: { metered: ['br-lan'] }, ...file }), 'the file');
	const ledger = reopened(join(folder, 'ledger.db'));
	const catalogue = new Catalogue(config);
	const warnings = new Warnings();
	const added = new AddedPlans({ config, ledger, catalogue, warnings });
	const control = join(folder, 'control.sock');
	const status = join(folder, 'status.sock');
	const commands = agentCommands({ ...fakeHandlers([]), ...added.handlers });
	const server = new StatusServer({ commands, control, status, clock: systemClock(), log: silentLog });
	await server.start();
	let isStopped = false;
	const stop = async () => {
		if (isStopped) return;
		isStopped = true;
		await server.stop();
		ledger.close();
	};
	t.teardown(stop);
	return {
		catalogue,
		warnings,
		ledger,
		stop,
		status,
		add: (plan: Record<string, unknown>) => askAgent({ path: control }, 'plan.add', { plan }),
		remove: (plan: string) => askAgent({ path: control }, 'plan.remove', { plan }),
		list: async () => (await askAgent({ path: status }, 'plan.list', {})).map(({ name, from }) => `${name} ${from}`),
	};
}

test('a plan that breaks rules is refused with all that is wrong, by path and fix, and nothing is kept', async (t) => {
	const { add, list, ledger } = await startPlans(t, temporaryFolder(t));
	const wrong = { name: 'No', bytes: 0, seconds: 5, atEnd: 'throttle', tarif: 'x', renews: true };
	const error = (await t.throwsAsync(add(wrong))) as Error & { code: string };
	t.is(error.code, 'invalid_value');
	for (const path of ['tarif', 'name', 'title', 'bytes', 'throttleBitsPerSecond', 'validForSeconds']) {
		t.regex(error.message, new RegExp(`^  plan\\.${path}: .+ \\(.+\\)$`, 'm'), path);
	}
	t.regex(error.message, /plan: has "bytes" and "seconds" \(give exactly one of the three\)/);
	t.like(await t.throwsAsync(add({ ...COINS, tariff: 'none' })), { code: 'invalid_value' });
	t.like(await t.throwsAsync(add([DAY] as never)), { code: 'invalid_value' });
	t.deepEqual(await list(), ['hour config']);
	t.deepEqual(ledger.addedPlans(), []);
});

test('an added plan is sold at once and after a restart, as one of the configuration would be', async (t) => {
	const folder = temporaryFolder(t);
	const first = await startPlans(t, folder);
	t.deepEqual(await first.add(DAY), { answer: 'created', plan: 'day', from: 'added' });
	await first.add(COINS);
	t.deepEqual(await first.list(), ['hour config', 'coins added', 'day added']);
	await first.stop();
	const second = await startPlans(t, folder);
	const inFile = readConfig(
		JSON.stringify({ version: 1, devices: { metered: ['br-lan'] }, plans: [DAY, COINS], tariffs: [TARIFF] }),
		'the file',
	);
	t.deepEqual(second.catalogue.plan('day'), inFile.plans[0]);
	t.deepEqual(second.catalogue.plan('coins'), inFile.plans[1]);
});

test('the same again changes nothing; other terms, and a name of the configuration, are refused', async (t) => {
	const { add, list } = await startPlans(t, temporaryFolder(t));
	await add(DAY);
	t.like(await add(DAY), { answer: 'exists' });
	t.like(await t.throwsAsync(add({ ...DAY, bytes: 1 })), { code: 'exists_with_different_values' });
	t.like(await t.throwsAsync(add(HOUR)), { code: 'not_allowed' });
	t.deepEqual(await list(), ['hour config', 'day added']);
});

test('only what was added is removed, and the answer says where the others stand', async (t) => {
	const { add, remove, list, catalogue } = await startPlans(t, temporaryFolder(t));
	await add(DAY);
	catalogue.follow({ plans: [{ ...catalogue.plan('day'), name: 'sent' }], tariffs: [] } as unknown as Policy);
	t.like(await t.throwsAsync(remove('hour')), {
		code: 'not_allowed',
		message: 'plan hour is from the configuration: it was not added',
	});
	t.like(await t.throwsAsync(remove('sent')), { code: 'not_allowed' });
	t.like(await t.throwsAsync(remove('dya')), { code: 'not_found', fix: 'did you mean day?' });
	t.deepEqual(await remove('day'), { answer: 'changed', plan: 'day' });
	t.like(await t.throwsAsync(remove('day')), { code: 'not_found' });
	t.deepEqual(await list(), ['hour config', 'sent carrier']);
});

test('where the carrier sells another plan of that name, the answer says so', async (t) => {
	const { add, catalogue } = await startPlans(t, temporaryFolder(t));
	catalogue.follow({ plans: [{ ...catalogue.plan('hour'), name: 'day' }], tariffs: [] } as unknown as Policy);
	t.deepEqual(await add(DAY), { answer: 'created', plan: 'day', from: 'carrier' });
	t.is(catalogue.plan('day')?.unit, 'second');
});

test('the status socket lists plans, and neither adds nor removes them', async (t) => {
	const { status, list } = await startPlans(t, temporaryFolder(t));
	t.like(await t.throwsAsync(askAgent({ path: status }, 'plan.add', { plan: DAY })), { code: 'permission_denied' });
	t.like(await t.throwsAsync(askAgent({ path: status }, 'plan.remove', { plan: 'day' })), {
		code: 'permission_denied',
	});
	t.deepEqual(await list(), ['hour config']);
});

test('an added plan whose tariff has gone is kept, not sold and told of, until it is removed or the tariff is back', async (t) => {
	const folder = temporaryFolder(t);
	const first = await startPlans(t, folder);
	await first.add(COINS);
	await first.stop();
	const second = await startPlans(t, folder, { plans: [HOUR] });
	t.deepEqual(await second.list(), ['hour config']);
	t.regex(second.warnings.list().join(), /not sold: coins;/);
	await second.stop();
	const third = await startPlans(t, folder);
	t.deepEqual(await third.list(), ['hour config', 'coins added']);
	t.deepEqual(third.warnings.list(), []);
	await third.stop();
	const fourth = await startPlans(t, folder, { plans: [HOUR] });
	await fourth.remove('coins');
	t.deepEqual(fourth.warnings.list(), []);
});

test('the configuration and what was added have a limit together; a repetition is no addition', async (t) => {
	const plans = Array.from({ length: PLANS_MAX - 1 }, (_, index) => ({ ...HOUR, name: `hour-${index}` }));
	const { add } = await startPlans(t, temporaryFolder(t), { plans });
	await add(DAY);
	t.like(await t.throwsAsync(add({ ...DAY, name: 'day-2' })), { code: 'not_allowed' });
	t.like(await add(DAY), { answer: 'exists' });
});
