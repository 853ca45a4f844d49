import { existsSync, writeFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import type { AccountId, MacAddress, MeterId, UsageUnit, WallMs } from '../../../agent/core/units.ts';
import { takeOverFormerSettings } from '../../../agent/ledger/import-v0-1-settings.ts';
import type { Ledger } from '../../../agent/ledger/ledger.ts';
import { AccountPages } from '../../../agent/portal/account-pages.ts';
import { CreditPages } from '../../../agent/portal/credit-pages.ts';
import { freePlan } from '../../../agent/portal/free-plan.ts';
import { GroupPages } from '../../../agent/portal/group-pages.ts';
import type { PageParts, Unbooked } from '../../../agent/portal/page-parts.ts';
import { SessionPages } from '../../../agent/portal/session-pages.ts';
import { UsageCharts } from '../../../agent/portal/usage-charts.ts';
import type { StationRow } from '../../../agent/status/protocol.ts';
import { ANN, AT, bytesPackage, MAC, NOW, temporaryFolder, temporaryLedger } from '../ledger/temporary-ledger.ts';

const HOUR_MS = 3_600_000;
const FAMILY = 'family' as AccountId;
const PER_BYTE = { name: 'data', unit: 'byte', priceMicro: 2, per: 1, free: 0, first: 1, step: 1 } as const;
const COINS = { unit: 'micro', planName: 'coins', tariff: PER_BYTE } as const;

const OWNER = { mac: MAC, account: ANN };

/** The pages over a real ledger; what the meter says of the station is given. */
function pagesOf(t: ExecutionContext, row: Partial<StationRow> = {}, unbooked?: Unbooked, clockIsSet = true) {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	let nowMs: number = NOW;
	const moment = () => ({ ...AT, wallMs: nowMs as WallMs, trustedWallMs: clockIsSet ? (nowMs as WallMs) : null });
	const base = { mac: MAC, addresses: [], device: 'br-lan', state: 'active', reason: '', account: ANN } as const;
	const traffic = { upBytes: 100, downBytes: 900, upBytesPerSecond: 0, downBytesPerSecond: 0 };
	const whole = { ...base, ...traffic, ...row } as StationRow;
	const { remaining: _, ...station } = whole;
	const parts: PageParts = {
		ledger,
		row: () => whole,
		station: () => station,
		stationsOf: () => [MAC],
		counted: () => (row.session === undefined ? undefined : { session: row.session, bytes: row.upBytes ?? 0 }),
		unbooked: () => unbooked,
		moment,
		refusal: () => undefined,
		planTitle: (name) => `«${name}»`,
	};
	const zeroRated = { names: ['school.example'], ipv4: ['203.0.113.0/24'], ipv6: [] };
	const credit = new CreditPages({ ...parts, currency: 'EUR', zeroRated });
	const groups = new GroupPages(parts);
	const charts = new UsageCharts({ ledger, wallMs: () => moment().wallMs });
	const pages = new AccountPages({ ...parts, credit, groups, charts });
	return { ledger, credit, groups, pages, sessions: new SessionPages(parts), pass: (ms: number) => (nowMs += ms) };
}

function bytes(amount: number, isFree = false): Unbooked {
	return { unit: 'byte' as UsageUnit, amount, isFree };
}

function use(ledger: Ledger, up: number, at = AT, account = ANN): void {
	const session = { session: 's1', mac: MAC, account, meter: 1 as MeterId, epoch: 'e1', at };
	ledger.openSession(session);
	const readings = [{ meter: 1 as MeterId, up, down: 0 }];
	ledger.settle({ epoch: 'e1', account, at, readings, free: false, reserve: { byte: 0, second: 0 } });
}

test('what the kernel has counted is taken from the packages in their order, and shown as not booked', (t) => {
	const { ledger, pages } = pagesOf(t, { remaining: { unit: 'byte', amount: 1200 } }, bytes(800));
	ledger.topUp(bytesPackage('one', 1000));
	ledger.topUp(bytesPackage('two', 1000));
	const { packages, remaining, chart, current } = pages.status(MAC, ANN);
	t.deepEqual(current, { unit: 'byte', amount: 200 });
	t.deepEqual(remaining, { unit: 'byte', amount: 1200, of: 2000 });
	t.deepEqual(
		packages.map((one) => one.remaining),
		[200, 1000],
	);
	t.is(chart.hours.at(-1)?.bytes, 800);
	t.like(pages.movements(ANN)[0], { reason: 'open', amount: 800 });
});

test('a package that is used up says so, with what was bought', (t) => {
	const { ledger, pages } = pagesOf(t, { state: 'blocked', remaining: { unit: 'byte', amount: 0 } });
	ledger.topUp(bytesPackage('one', 1000));
	use(ledger, 1000);
	t.deepEqual(pages.end(ANN), { cause: 'used', plan: '«bytes»', unit: 'byte', amount: 1000 });
});

test('a package that expires in the middle of a download says how much was left', (t) => {
	const { ledger, pages } = pagesOf(t, { state: 'blocked', remaining: { unit: 'byte', amount: 0 } });
	ledger.topUp(bytesPackage('one', 1000, { validForSeconds: 60 }));
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

test('a plan that is less than a packet is there, and said to be too little', (t) => {
	const { ledger, pages } = pagesOf(t, { state: 'blocked', remaining: { unit: 'byte', amount: 1 } });
	ledger.topUp(bytesPackage('one', 1));
	t.deepEqual(pages.end(ANN), { cause: 'rest', unit: 'byte', amount: 1 });
});

test('while the clock is not set the page says so, and no package has an end', (t) => {
	const { ledger, pages } = pagesOf(t, { remaining: { unit: 'byte', amount: 1000 } }, undefined, false);
	const unset = { ...AT, wallMs: 0 as WallMs, trustedWallMs: null };
	ledger.topUp({ ...bytesPackage('one', 1000, { validForSeconds: 60 }), at: unset });
	const { clockIsSet, packages } = pages.status(MAC, ANN);
	t.false(clockIsSet);
	t.is(packages[0]?.expiresAtWallMs, undefined);
});

test('at the rate of fair use nothing is counted down, and nothing costs', (t) => {
	const throttled = { atEnd: 'throttle', throttleBytesPerSecond: 1000 } as const;
	const { ledger, credit } = pagesOf(t, { state: 'throttled', remaining: { unit: 'byte', amount: 0 } }, bytes(5, true));
	ledger.topUp(bytesPackage('one', 10, throttled));
	use(ledger, 10);
	t.is(credit.live(OWNER).remaining, undefined);
	t.like(credit.cost(OWNER), {
		metered: false,
		paidBy: 'fair-use',
		price: { micro: 0 },
		speed: { upBytesPerSecond: 1000, downBytesPerSecond: 1000 },
	});
});

test('a stranger is told nothing of what his hardware address spends, nor is a device whose session went elsewhere', (t) => {
	const { ledger, credit } = pagesOf(t, { remaining: { unit: 'byte', amount: 350 } });
	ledger.topUp(bytesPackage('coins', 1000, COINS));
	ledger.setAlert({ account: ANN, id: 'rest', unit: 'byte', remaining: 998 }, AT);
	const nothing = { upBytesPerSecond: 0, downBytesPerSecond: 0, sessionBytes: 0, low: [] };
	for (const who of [{ mac: MAC }, { mac: MAC, account: FAMILY }]) {
		t.deepEqual(credit.live(who), { state: 'walled', ...nothing });
		t.is(credit.state(who), 'walled');
		const { walletMicro, remaining, paidBy } = credit.cost(who);
		t.deepEqual([walletMicro, remaining, paidBy], [undefined, undefined, 'nothing']);
	}
});

test('a wallet is shown with its tariff, and with what it is enough for', (t) => {
	const { ledger, credit, pages } = pagesOf(t, { remaining: { unit: 'byte', amount: 350 } });
	ledger.topUp(bytesPackage('coins', 1000, COINS));
	use(ledger, 150);
	t.like(credit.wallet(ANN), {
		amount: 700,
		tariff: { name: 'data', priceMicro: 2 },
		enough: { unit: 'byte', amount: 350 },
	});
	const { packages, wallet, remaining } = pages.status(MAC, ANN);
	t.deepEqual([packages, wallet?.amount], [[], 700], 'money is no package of the list');
	t.deepEqual(remaining, { unit: 'byte', amount: 350, of: 500 }, 'the bar shrinks with the money');
	t.like(credit.cost(OWNER), {
		metered: true,
		paidBy: 'wallet',
		price: { micro: 2, per: 1, unit: 'byte', currency: 'EUR' },
	});
	t.deepEqual(credit.cost(OWNER).free, { names: ['school.example'], ranges: ['203.0.113.0/24'] });
	t.like(pages.movements(ANN).at(-1), { reason: 'topup', unit: 'micro', amount: 1000, plan: '«coins»' });
});

test('packages come before the wallet, and cost nothing any more', (t) => {
	const { ledger, credit } = pagesOf(t, { remaining: { unit: 'byte', amount: 600 } }, bytes(0));
	ledger.topUp(bytesPackage('coins', 1000, COINS));
	ledger.topUp(bytesPackage('one', 100, { pace: { downBytesPerSecond: 7 } }));
	t.like(credit.cost(OWNER), {
		metered: true,
		paidBy: 'package',
		price: { micro: 0 },
		walletMicro: 1000,
		speed: { downBytesPerSecond: 7 },
	});
	t.deepEqual(credit.giveable(ANN), [
		{ unit: 'byte', amount: 100 },
		{ unit: 'micro', amount: 1000 },
	]);
});

test('what devices behind a station have used is shown, and what they may have now', (t) => {
	const tethered = { upBytes: 30, downBytes: 70, state: 'blocked' } as const;
	const { ledger, credit } = pagesOf(t, { remaining: { unit: 'byte', amount: 900 }, tethered });
	ledger.topUp(bytesPackage('one', 1000));
	t.deepEqual(credit.live(OWNER).tethered, { bytes: 100, state: 'blocked' });
	t.like(credit.cost(OWNER), { metered: true, paidBy: 'package', tethered: 'blocked' });
});

test('speed, stations and renewal of a package are shown, and the renewal can be named', (t) => {
	const { ledger, pages } = pagesOf(t, { remaining: { unit: 'byte', amount: 1000 } });
	const terms = { validForSeconds: 60, renews: true, pace: { upBytesPerSecond: 9 }, stationsMax: 2 };
	ledger.topUp(bytesPackage('month', 1000, terms));
	t.like(pages.status(MAC, ANN).packages[0], { renewal: 'month', pace: { upBytesPerSecond: 9 }, stationsMax: 2 });
	ledger.endRenewal(ANN, 'month');
	t.is(pages.status(MAC, ANN).packages[0]?.renewal, undefined);
});

test('a member sees what of the group it may have, and is told when that is used up', (t) => {
	const { ledger, credit, groups, pages } = pagesOf(t, { remaining: { unit: 'byte', amount: 300 } });
	ledger.createAccount({ id: FAMILY });
	ledger.topUp({ ...bytesPackage('big', 1000), account: FAMILY });
	ledger.joinGroup({ group: FAMILY, account: ANN, allowance: { byte: 300 } });
	const of = (drawn: number) => [{ unit: 'byte', drawn, allowance: 300 }];
	t.true(groups.isInGroup(ANN) && groups.isInGroup(FAMILY));
	t.deepEqual(groups.groups(ANN), [
		{ group: FAMILY, left: [{ unit: 'byte', amount: 1000 }], mine: of(0), members: [] },
	]);
	t.deepEqual(credit.shareable(ANN), [{ unit: 'byte', amount: 300 }]);
	t.deepEqual(credit.giveable(ANN), [], 'what is the group’s is not given to strangers');
	use(ledger, 300);
	t.deepEqual(pages.end(ANN), { cause: 'allowance', unit: 'byte', amount: 300 });
	t.like(groups.groups(FAMILY)[0], { group: FAMILY, mine: [], members: [{ account: ANN, allowances: of(300) }] });
	t.deepEqual(pages.status(MAC, ANN).packages, []);
});

test('a member is warned by what it may have of the group, not by what the group had', (t) => {
	const { ledger, credit } = pagesOf(t, { remaining: { unit: 'byte', amount: 200 } });
	ledger.createAccount({ id: FAMILY });
	ledger.topUp({ ...bytesPackage('big', 1000), account: FAMILY });
	ledger.joinGroup({ group: FAMILY, account: ANN, allowance: { byte: 300 } });
	ledger.setAlert({ account: ANN, id: 'part', unit: 'byte', usedPercent: 50 }, AT);
	use(ledger, 100);
	t.deepEqual(credit.live(OWNER).low, []);
	use(ledger, 160);
	t.like(credit.live(OWNER).low, [{ id: 'part', isRaised: true }]);
});

test('a notice is for less than the chosen rest or part, at once, and goes when it was seen', (t) => {
	const { ledger, credit } = pagesOf(t, { remaining: { unit: 'byte', amount: 199 } }, bytes(801));
	ledger.topUp(bytesPackage('one', 1000));
	const low = () => credit.live(OWNER).low.map(({ id, isRaised }) => `${id} ${isRaised}`);
	t.deepEqual(low(), []);
	ledger.setAlert({ account: ANN, id: 'part', unit: 'byte', usedPercent: 80 }, AT);
	ledger.setAlert({ account: ANN, id: 'rest', unit: 'byte', remaining: 198 }, AT);
	ledger.setAlert({ account: ANN, id: 'time', unit: 'second', remaining: 60 }, AT);
	t.deepEqual(low(), ['part false'], 'before it is booked; and not for what there is none of');
	use(ledger, 801);
	t.like(
		credit.alerts(ANN).find(({ id }) => id === 'part'),
		{ isRaised: true, isLow: true },
	);
	ledger.alertSeen(ANN, 'part');
	t.false(low().some((one) => one.startsWith('part')));
});

test('the chart follows what is booked, and the hours', (t) => {
	const { ledger, pages, pass } = pagesOf(t);
	ledger.topUp(bytesPackage('one', 1000));
	const last = () => pages.status(MAC, ANN).chart.hours.map(({ bytes: amount }) => amount);
	t.is(last().at(-1), 0);
	use(ledger, 300);
	t.is(last().at(-1), 300);
	pass(HOUR_MS);
	t.deepEqual(last().slice(-2), [300, 0]);
	pass(23 * HOUR_MS);
	t.true(last().every((amount) => amount === 0));
});

test('the receipt has a session with what is not booked yet, and a bill with the prices', (t) => {
	const { ledger, sessions } = pagesOf(t, { session: 's1', upBytes: 1060 });
	ledger.topUp(bytesPackage('coins', 1000, COINS));
	ledger.topUp(bytesPackage('one', 100));
	use(ledger, 150);
	const session = { session: 's1', device: MAC, bytes: 1060, costMicro: 100, open: { unit: 'byte', amount: 910 } };
	t.like(sessions.sessions(ANN)[0], session);
	ledger.nameDevice(MAC, '<b>');
	t.like(sessions.bill(ANN, 's1'), { ...session, device: '<b>', totalMicro: 100 });
	t.deepEqual(sessions.bill(ANN, 's1')?.lines, [
		{ reason: 'used', unit: 'byte', amount: 100, costMicro: 0, of: '«bytes»' },
		{ reason: 'rated', unit: 'byte', amount: 50, costMicro: 100, of: '«data»' },
	]);
});

test("a slice of the platform's is neither offered as a gift nor for sharing", (t) => {
	const { ledger, credit } = pagesOf(t);
	ledger.carrier.giveSlice({ id: 'slice-1', account: ANN, amount: 500, validForSeconds: 500, at: AT });
	t.deepEqual([credit.giveable(ANN), credit.shareable(ANN)], [[], []]);
	ledger.topUp(bytesPackage('one', 100));
	const offered = [{ unit: 'byte', amount: 100 }] as const;
	t.deepEqual<unknown, unknown>([credit.giveable(ANN), credit.shareable(ANN)], [offered, offered]);
});

test('a session whose credit ended has its end, its reason and its bill while the device is still there', (t) => {
	const { ledger, sessions } = pagesOf(t, { session: 's1', upBytes: 150 });
	const settle = (up: number, at = AT) => {
		const readings = [{ meter: 1 as MeterId, up, down: 0 }];
		const reserve = { byte: 1000, second: 0 };
		ledger.settle({ epoch: 'e1', account: ANN, at, readings, free: false, reserve, endsRecords: true });
	};
	ledger.topUp(bytesPackage('one', 100));
	ledger.topUp(bytesPackage('coins', 100, COINS));
	use(ledger, 100);
	t.is(sessions.sessions(ANN)[0]?.endWallMs, undefined);
	settle(150);
	const ended = { session: 's1', end: 'used_up', endWallMs: NOW, bytes: 150, costMicro: 100, open: undefined };
	t.like(sessions.sessions(ANN)[0], ended);
	t.like(sessions.bill(ANN, 's1'), { ...ended, totalMicro: 100 });
	t.is(sessions.why(ANN)[0]?.items.length, 3);
	ledger.topUp(bytesPackage('two', 100, { validForSeconds: 60 }));
	settle(170);
	settle(170, { ...AT, wallMs: (NOW + 60_000) as WallMs, trustedWallMs: (NOW + 60_000) as WallMs });
	const [next, before] = sessions.sessions(ANN);
	t.like(before, ended);
	t.like(next, { bytes: 20, costMicro: 0, end: 'expired', endWallMs: NOW + 60_000 });
});

test('nobody sees the bill of another account, nor of a session that is none', (t) => {
	const { ledger, sessions } = pagesOf(t);
	ledger.createAccount({ id: FAMILY });
	ledger.topUp(bytesPackage('one', 100));
	use(ledger, 50);
	for (const id of ['s1', 's2', '', '~', 'x'.repeat(5000)]) t.is(sessions.bill(FAMILY, id), undefined, id);
});

test('the tree leads from a session to the tariff, the package, and what is behind it', (t) => {
	const { ledger, sessions } = pagesOf(t, { session: 's9' });
	ledger.createAccount({ id: FAMILY });
	ledger.topUp({ ...bytesPackage('big', 100), account: FAMILY });
	ledger.joinGroup({ group: FAMILY, account: ANN, allowance: {} });
	ledger.topUp(bytesPackage('coins', 1000, COINS));
	use(ledger, 150);
	ledger.closeSession('s1', 'removed on the portal', AT);
	const [session, ...others] = sessions.why(ANN);
	t.like(session, { bytes: 150, end: 'left', open: undefined });
	t.deepEqual(others, []);
	t.like(session?.items[0], {
		reason: 'used',
		amount: 100,
		purchase: { kind: 'share', from: { kind: 'bought', plan: '«bytes»' } },
	});
	t.like(session?.items[1], { reason: 'rated', amount: 50, costMicro: 100, tariff: { name: 'data' } });
	t.like(session?.items[2], { unit: 'micro', amount: 100, purchase: { plan: '«coins»', kind: 'bought' } });
});

test('settings of version 0.1 are taken over once, and damaged ones are no reason not to start', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	const path = `${temporaryFolder(t)}/customers.json`;
	const takeOver = () => takeOverFormerSettings({ path, ledger, moment: () => AT, log: silentLog });
	takeOver();
	writeFileSync(path, 'not JSON');
	takeOver();
	for (const odd of ['null', '5', '[]', '"x"', '{"names":7,"alerts":null}', '{"names":[[]],"alerts":"ab"}']) {
		writeFileSync(path, odd);
		t.notThrows(takeOver, odd);
	}
	const names = { [MAC]: '<b>', nonsense: 'x', '02:00:5e:10:00:02': '' };
	writeFileSync(path, JSON.stringify({ names, alerts: { [ANN]: 30, nobody: 10, family: 0, __proto__: 5 } }));
	takeOver();
	t.is(ledger.deviceName(MAC), '<b>');
	t.like(ledger.alerts(ANN), [{ unit: 'byte', usedPercent: 70 }]);
	t.deepEqual([existsSync(path), existsSync(`${path}.taken-over`)], [false, true]);
});

const WHO = { mac: MAC, address: '10.0.0.1', device: 'br-lan', isContested: false };

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
		enter: async (_, __, { take }) => ({ answer: (await take()) ? 'taken' : 'used' }),
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
	t.deepEqual(await plan.take(WHO, ''), { answer: 'taken' });
	t.true(plan.isTaken(MAC));
	const account = attached.get(MAC) as AccountId;
	t.is(account, 'free-02005e100001' as AccountId);
	attached.clear();
	t.deepEqual(await plan.take(WHO, ''), { answer: 'taken' }, 'it comes back to what is left');
	t.is(ledger.account(account)?.available.second, 600, 'and gets no more');
	now = (NOW + 86_400_000) as WallMs;
	t.false(plan.isTaken(MAC));
	t.deepEqual(await plan.take(WHO, ''), { answer: 'taken' });
	t.is(ledger.account(account)?.available.second, 1200);
});

test('while the date is not known a free plan is given once a boot', async (t) => {
	const { ledger, attached, plan } = free(t, () => null);
	t.deepEqual(await plan.take(WHO, ''), { answer: 'taken' });
	t.deepEqual(await plan.take(WHO, ''), { answer: 'taken' });
	t.is(ledger.account(attached.get(MAC) as AccountId)?.available.second, 600);
});
