import test, { type ExecutionContext } from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import type { AccountId, MacAddress, WallMs } from '../../../agent/core/units.ts';
import type { Ledger } from '../../../agent/ledger/ledger.ts';
import { AccountPages } from '../../../agent/portal/account-pages.ts';
import { CustomerSettings } from '../../../agent/portal/customer-settings.ts';
import { freePlan } from '../../../agent/portal/free-plan.ts';
import { UsageCharts } from '../../../agent/portal/usage-charts.ts';
import type { StationRow } from '../../../agent/status/protocol.ts';
import { ANN, AT, bytesPackage, MAC, NOW, temporaryFolder, temporaryLedger } from '../ledger/temporary-ledger.ts';

const HOUR_MS = 3_600_000;

/** The pages over a real ledger; what the meter says of the station is given. */
function pagesOf(t: ExecutionContext, row: Partial<StationRow> = {}, clockIsSet = true) {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	const settings = new CustomerSettings({ path: `${temporaryFolder(t)}/customers.json`, log: silentLog });
	let nowMs: number = NOW;
	const wallMs = () => nowMs as WallMs;
	const base = { mac: MAC, addresses: [], device: 'br-lan', state: 'active', reason: '', account: ANN } as const;
	const traffic = { upBytes: 100, downBytes: 900, upBytesPerSecond: 0, downBytesPerSecond: 0 };
	const pages = new AccountPages({
		ledger,
		row: () => ({ ...base, ...traffic, ...row }) as StationRow,
		stationsOf: () => [MAC],
		settings,
		charts: new UsageCharts({ ledger, wallMs }),
		planTitle: (name) => `«${name}»`,
		clockIsSet: () => clockIsSet,
		wallMs,
	});
	return { ledger, settings, pages, pass: (ms: number) => (nowMs += ms) };
}

function use(ledger: Ledger, up: number, at = AT): void {
	const session = { session: 's1', mac: MAC, account: ANN, meter: 1 as never, epoch: 'e1' as never, at };
	ledger.openSession(session);
	ledger.settle({
		epoch: 'e1' as never,
		account: ANN,
		at,
		readings: [{ meter: 1 as never, up: up as never, down: 0 as never }],
		elapsed: [],
		free: false,
		reserve: { byte: 0, second: 0 },
	} as never);
}

test('what the kernel has counted is taken from the packages in their order, and shown as not booked', (t) => {
	const { ledger, pages } = pagesOf(t, { remaining: { unit: 'byte', amount: 1200 } });
	ledger.topUp({ ...bytesPackage('one', 1000), account: ANN });
	ledger.topUp({ ...bytesPackage('two', 1000), account: ANN });
	const { packages, remaining, chart, current } = pages.status(MAC, ANN);
	t.deepEqual(current, { unit: 'byte', amount: 200 });
	t.deepEqual(remaining, { unit: 'byte', amount: 1200, of: 2000 });
	t.deepEqual(
		packages.map((one) => one.remaining),
		[200, 1000],
	);
	t.is(chart.hours.at(-1)?.bytes, 800);
	t.like(pages.movements(MAC, ANN)[0], { reason: 'open', amount: 800, plan: '«bytes»' });
	t.deepEqual(pages.why(MAC, ANN), [
		{ unit: 'byte', amount: 800, paid: [{ plan: '«bytes»', amount: 800 }], unpaid: [] },
	]);
});

test('a package that is used up says so, with what was bought', (t) => {
	const { ledger, pages } = pagesOf(t, { state: 'blocked', remaining: { unit: 'byte', amount: 0 } });
	ledger.topUp({ ...bytesPackage('one', 1000), account: ANN });
	use(ledger, 1000);
	t.deepEqual(pages.end(ANN), { cause: 'used', plan: '«bytes»', unit: 'byte', amount: 1000 });
	t.deepEqual(pages.why(MAC, ANN), [
		{ unit: 'byte', amount: 1000, paid: [{ plan: '«bytes»', amount: 1000 }], unpaid: [] },
	]);
});

test('a package that expires in the middle of a download says how much was left', (t) => {
	const { ledger, pages } = pagesOf(t, { state: 'blocked', remaining: { unit: 'byte', amount: 0 } });
	ledger.topUp({ ...bytesPackage('one', 1000, { validForSeconds: 60 }), account: ANN });
	use(ledger, 400);
	const later = { ...AT, wallMs: (NOW + 61_000) as WallMs, trustedWallMs: (NOW + 61_000) as WallMs };
	use(ledger, 400, later);
	t.deepEqual(pages.end(ANN), { cause: 'expired', plan: '«bytes»', unit: 'byte', amount: 600 });
});

test('an account that is paused, or has bought nothing, is told that', (t) => {
	const { ledger, pages } = pagesOf(t, { state: 'blocked' });
	t.deepEqual(pages.end(ANN), { cause: 'nothing' });
	ledger.blockAccount(ANN, true);
	t.deepEqual(pages.end(ANN), { cause: 'blocked' });
});

test('while the clock is not set the page says so, and no package has an end', (t) => {
	const { ledger, pages } = pagesOf(t, { remaining: { unit: 'byte', amount: 1000 } }, false);
	const unset = { ...AT, wallMs: 0 as WallMs, trustedWallMs: null };
	ledger.topUp({ ...bytesPackage('one', 1000, { validForSeconds: 60 }), account: ANN, at: unset });
	const { clockIsSet, packages } = pages.status(MAC, ANN);
	t.false(clockIsSet);
	t.is(packages[0]?.expiresAtWallMs, undefined);
});

test('at the rate of fair use nothing is counted down', (t) => {
	const { pages } = pagesOf(t, { state: 'throttled', remaining: { unit: 'byte', amount: 0 } });
	t.is(pages.live(MAC).remaining, undefined);
	t.false(pages.live(MAC).isLow);
});

test('an alert is for less than the chosen part, and for customers who chose one', (t) => {
	const { ledger, pages, settings } = pagesOf(t, { remaining: { unit: 'byte', amount: 199 } });
	ledger.topUp({ ...bytesPackage('one', 1000), account: ANN });
	t.false(pages.live(MAC).isLow);
	settings.setAlertPercent(ANN, 20);
	t.true(pages.live(MAC).isLow);
	settings.setAlertPercent(ANN, 19);
	t.false(pages.live(MAC).isLow);
});

test('the chart follows what is booked, and the hours', (t) => {
	const { ledger, pages, pass } = pagesOf(t);
	ledger.topUp({ ...bytesPackage('one', 1000), account: ANN });
	const last = () => pages.status(MAC, ANN).chart.hours.map(({ bytes }) => bytes);
	t.is(last().at(-1), 0);
	use(ledger, 300);
	t.is(last().at(-1), 300);
	pass(HOUR_MS);
	t.deepEqual(last().slice(-2), [300, 0]);
	pass(23 * HOUR_MS);
	t.true(last().every((bytes) => bytes === 0));
});

test('settings survive a restart, and a damaged file is no reason not to start', (t) => {
	const path = `${temporaryFolder(t)}/customers.json`;
	const first = new CustomerSettings({ path, log: silentLog });
	first.load();
	first.setDeviceName(MAC, '<b>');
	first.setAlertPercent(ANN, 30);
	const second = new CustomerSettings({ path, log: silentLog });
	second.load();
	t.deepEqual([second.deviceName(MAC), second.alertPercent(ANN)], ['<b>', 30]);
	t.is(second.alertPercent('__proto__' as AccountId), 0);
});

function free(t: ExecutionContext, trusted: () => WallMs | null) {
	const { ledger } = temporaryLedger(t);
	const attached = new Map<MacAddress, AccountId>();
	const terms = { unit: 'second', amount: 600, planName: 'taste', atEnd: 'block' } as const;
	const plan = freePlan({
		plan: { name: 'taste', title: 'Taste', unit: 'second', amount: 600 },
		terms,
		ledger,
		topUp: async ({ transferId, account }) => ledger.topUp({ transferId, account, package: terms, at: AT }),
		admit: async (mac, account) => attached.set(mac, account),
		accountOf: (mac) => attached.get(mac),
		trustedWallMs: trusted,
		bootId: '01234567-89ab',
	});
	return { ledger, attached, plan };
}

test('a free plan is given once a day to each device, and what is left of it may be gone on with', async (t) => {
	let now: WallMs | null = NOW;
	const { ledger, attached, plan } = free(t, () => now);
	t.false(plan.isTaken(MAC));
	t.true(await plan.take(MAC));
	t.true(plan.isTaken(MAC));
	const account = attached.get(MAC) as AccountId;
	t.is(account, 'free-02005e100001' as AccountId);
	attached.clear();
	t.true(await plan.take(MAC), 'it comes back to what is left');
	t.is(ledger.account(account)?.available.second, 600, 'and gets no more');
	now = (NOW + 86_400_000) as WallMs;
	t.false(plan.isTaken(MAC));
	t.true(await plan.take(MAC));
	t.is(ledger.account(account)?.available.second, 1200);
});

test('while the date is not known a free plan is given once a boot', async (t) => {
	const { ledger, attached, plan } = free(t, () => null);
	t.true(await plan.take(MAC));
	t.true(await plan.take(MAC));
	t.is(ledger.account(attached.get(MAC) as AccountId)?.available.second, 600);
});
