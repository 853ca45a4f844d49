import test from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import type { BootMs, MacAddress } from '../../../agent/core/units.ts';
import type { AddressBindings, Sender } from '../../../agent/dataplane/address-bindings.ts';
import { AddressDecisions } from '../../../agent/dataplane/address-decisions.ts';
import type { LeaseGuard } from '../../../agent/dataplane/lease-guard.ts';
import type { Presence } from '../../../agent/dataplane/neighbour-probe.ts';

const ANN = '02:00:5e:10:00:01' as MacAddress;
const BOB = '02:00:5e:10:00:02' as MacAddress;
const FIRST = '2001:db8::1';
const NEW = '2001:db8::2';
const at = (mac: MacAddress, address: string): Sender => ({ mac, address, device: 'br-lan' });

/** A venue: what is bound, who answers for what behind which port, and what the DHCP server says. */
function venue(bound: [MacAddress, string][], answering: Record<string, Presence>) {
	const pairs = [...bound];
	const asked: string[] = [];
	const ofEverybody: string[] = [];
	const state = {
		ms: 0,
		sessions: new Set<MacAddress>([ANN, BOB]),
		elsewhere: false,
		refreshed: 0,
		silent: new Set<MacAddress>(),
	};
	const leased = new Map<string, MacAddress>();
	const lost: MacAddress[] = [];
	const denied = new Map<string, number>();
	const undecided: Sender[] = [];
	const has = ({ mac, address }: Sender) => pairs.some(([one, other]) => one === mac && other === address);
	const bindings = {
		owns: async (sender: Sender) => has(sender),
		isElsewhere: async () => state.elsewhere,
		deviceOf: async () => 'br-lan',
		of: async (mac: MacAddress) => pairs.filter(([one]) => one === mac).map(([, address]) => address),
		holder: async (address: string) => pairs.find(([, other]) => other === address)?.[0],
		take: async ({ mac, address }: Sender) => void pairs.push([mac, address]),
		unbind: async (mac: MacAddress, address: string) => {
			pairs.splice(
				pairs.findIndex(([one, other]) => one === mac && other === address),
				1,
			);
		},
		undecided: async () => undecided.splice(0),
		decided: async ({ mac, address }: Sender, ms: number) => void denied.set(`${mac} ${address}`, ms),
	} as object as AddressBindings;
	const leases = {
		allows: ({ mac, address }: Sender) => (leased.get(address) ?? mac) === mac,
		holds: ({ mac, address }: Sender) => leased.get(address) === mac,
		isOf: ({ mac, address }: Sender) => leased.get(address) === mac,
		formerHolder: () => undefined,
		keptBy: () => undefined,
	} as object as LeaseGuard;
	const decisions = new AddressDecisions({
		bindings,
		leases,
		log: silentLog,
		probe: async ({ mac, address }, whom) => {
			asked.push(`${mac} ${address}`);
			if (whom === 'everybody') ofEverybody.push(`${mac} ${address}`);
			if (state.silent.has(mac)) return await new Promise<Presence>(() => undefined);
			return answering[`${mac} ${address}`] ?? { answered: false };
		},
		serially: (work) => work(),
		hasSession: (mac) => state.sessions.has(mac),
		rearm: async () => undefined,
		onLost: async (station) => void lost.push(station),
		giveUp: async () => undefined,
		refreshLeases: async () => {
			state.refreshed += 1;
		},
		bootMs: () => state.ms as BootMs,
		after: (_, call) => void setImmediate(call),
	});
	return { decisions, pairs, asked, ofEverybody, state, leased, lost, denied, undecided };
}

const here = (port = 7): Presence => ({ answered: true, port });

test('a further address is of the session if one device answers for it and for another one, behind one port', async (t) => {
	const { decisions, pairs } = venue([[ANN, FIRST]], { [`${ANN} ${FIRST}`]: here(), [`${ANN} ${NEW}`]: here() });
	t.is(await decisions.decide(at(ANN, NEW)), undefined);
	t.deepEqual(pairs.at(-1), [ANN, NEW]);
});

test('it is not if another port answers for it, if the session is silent, or if nobody has it', async (t) => {
	for (const answering of [
		{ [`${ANN} ${FIRST}`]: here(), [`${ANN} ${NEW}`]: here(8) },
		{ [`${ANN} ${NEW}`]: here() },
		{ [`${ANN} ${FIRST}`]: here() },
	]) {
		const { decisions, pairs, denied } = venue([[ANN, FIRST]], answering);
		t.is(await decisions.decide(at(ANN, NEW)), 'unproven');
		t.is(pairs.length, 1);
		t.true((denied.get(`${ANN} ${NEW}`) ?? 0) > 0, 'the kernel refuses it at once for a while');
	}
});

test('while two devices send with one hardware address nothing is decided, and the next packet asks again', async (t) => {
	const apart = { ...here(), isUnclear: true };
	const answering: Record<string, Presence> = { [`${ANN} ${FIRST}`]: apart, [`${ANN} ${NEW}`]: here() };
	const { decisions, pairs, denied } = venue([[ANN, FIRST]], answering);
	t.is(await decisions.decide(at(ANN, NEW)), 'unclear');
	t.is(denied.get(`${ANN} ${NEW}`), 0);
	answering[`${ANN} ${FIRST}`] = here();
	t.is(await decisions.decide(at(ANN, NEW)), undefined);
	t.is(pairs.length, 2);
});

test('a refusal is given again without a question, until its time is over', async (t) => {
	const { decisions, asked, state } = venue([[ANN, FIRST]], {});
	await decisions.decide(at(ANN, NEW));
	const before = asked.length;
	t.is(await decisions.decide(at(ANN, NEW)), 'unproven');
	t.is(asked.length, before);
	state.ms = 60_000;
	await decisions.decide(at(ANN, NEW));
	t.true(asked.length > before);
});

test('an address goes to a newcomer when its holder is silent, and stays when he answers', async (t) => {
	const answering: Record<string, Presence> = { [`${BOB} ${FIRST}`]: here() };
	const gone = venue([[ANN, FIRST]], answering);
	t.is(await gone.decisions.judge.obstacle(at(BOB, FIRST)), undefined);
	t.is(await gone.decisions.decide(at(BOB, FIRST)), undefined);
	t.deepEqual(gone.pairs, [[BOB, FIRST]]);
	t.deepEqual(gone.lost, [ANN], 'whose flows are cut');
	const there = venue([[ANN, FIRST]], { ...answering, [`${ANN} ${FIRST}`]: here() });
	t.is(await there.decisions.judge.obstacle(at(BOB, FIRST)), 'taken', 'before anything is sold');
	t.is(await there.decisions.decide(at(BOB, FIRST)), 'taken');
	t.deepEqual(there.pairs, [[ANN, FIRST]]);
	t.true(
		there.asked.every((question) => question === `${ANN} ${FIRST}`),
		'a question to somebody else would turn to him what is sent to the holder',
	);
});

test('twenty invented addresses keep the real one from nothing', async (t) => {
	const { decisions, undecided, pairs } = venue([[ANN, FIRST]], {
		[`${ANN} ${FIRST}`]: here(),
		[`${ANN} ${NEW}`]: here(),
	});
	undecided.push(...Array.from({ length: 20 }, (_, index) => at(ANN, `2001:db8::bad:${index}`)), at(ANN, NEW));
	decisions.wake();
	while (pairs.length < 2) await new Promise((resolve) => setImmediate(resolve));
	t.deepEqual(pairs, [
		[ANN, FIRST],
		[ANN, NEW],
	]);
});

test('nothing is bound to a station that has left, and a second address of IPv4 only by a lease that came meanwhile', async (t) => {
	const left = venue([], { [`${ANN} ${NEW}`]: here() });
	left.state.sessions.delete(ANN);
	t.is(await left.decisions.decide(at(ANN, NEW)), 'unproven');
	t.deepEqual(left.pairs, []);
	const second = venue([[ANN, '10.1.0.2']], { [`${ANN} 10.1.0.2`]: here(), [`${ANN} 10.1.0.9`]: here() });
	t.is(await second.decisions.decide(at(ANN, '10.1.0.9')), 'second');
	t.is(second.state.refreshed, 1, 'the leases of this moment were read first');
	second.leased.set('10.1.0.9', ANN);
	await second.decisions.reconsider(new Set([ANN]));
	t.is(await second.decisions.decide(at(ANN, '10.1.0.9')), undefined);
});

test('what another one leases, and what comes by another device, is refused without a question', async (t) => {
	const { decisions, leased, asked, state } = venue([[ANN, FIRST]], {});
	leased.set('10.1.0.7', BOB);
	t.is(await decisions.decide(at(ANN, '10.1.0.7')), 'leased');
	t.is(await decisions.judge.obstacle(at(ANN, '10.1.0.7')), 'leased');
	state.elsewhere = true;
	t.is(await decisions.decide(at(ANN, NEW)), 'elsewhere');
	t.deepEqual(asked, []);
});

test('a session has a bounded number of addresses of IPv6: those that it used last', async (t) => {
	const many = Array.from({ length: 64 }, (_, index): [MacAddress, string] => [ANN, `2001:db8::1:${index}`]);
	const { decisions, pairs } = venue(many, { [`${ANN} 2001:db8::1:0`]: here(), [`${ANN} ${NEW}`]: here() });
	t.is(await decisions.decide(at(ANN, NEW)), undefined);
	t.is(pairs.length, 64);
	t.false(pairs.some(([, address]) => address === '2001:db8::1:63'));
});

test('a lease proves nothing of a session that has addresses: its device is asked for them first', async (t) => {
	const LEASED = '10.1.0.9';
	const ask = async (answering: Record<string, Presence>) => {
		const { decisions, leased } = venue([[ANN, FIRST]], answering);
		leased.set(LEASED, ANN);
		return await decisions.decide(at(ANN, LEASED));
	};
	t.is(await ask({ [`${ANN} ${FIRST}`]: here(), [`${ANN} ${LEASED}`]: here() }), undefined, 'one device has both');
	t.is(
		await ask({ [`${ANN} ${FIRST}`]: here(), [`${ANN} ${LEASED}`]: here(8) }),
		'unproven',
		'a clone behind another port',
	);
	t.is(await ask({ [`${ANN} ${FIRST}`]: here() }), 'unproven');
	t.is(await ask({ [`${ANN} ${LEASED}`]: here(8) }), undefined, 'nobody is at its former address any more');
	const moving = { answered: false, isUnclear: true };
	t.is(
		await ask({ [`${ANN} ${FIRST}`]: moving, [`${ANN} ${LEASED}`]: here(8) }),
		'unclear',
		'two devices send with one address',
	);
});

test('everybody is asked only where silence takes something from somebody, never for what somebody may have invented', async (t) => {
	const own = venue([[ANN, FIRST]], { [`${ANN} ${FIRST}`]: here() });
	await own.decisions.decide(at(ANN, NEW));
	t.deepEqual(own.asked, [`${ANN} ${FIRST}`, `${ANN} ${NEW}`]);
	t.deepEqual(own.ofEverybody, [`${ANN} ${FIRST}`]);
	const foreign = venue([[ANN, FIRST]], {});
	await foreign.decisions.decide(at(BOB, FIRST));
	t.deepEqual(foreign.ofEverybody, [`${ANN} ${FIRST}`]);
});

test('any number of addresses of some devices leave a place for one of another customer', async (t) => {
	const { decisions, undecided, asked, state } = venue([], {});
	for (let device = 0; device < 9; device++) {
		const mac = `02:00:5e:10:01:0${device}` as MacAddress;
		state.sessions.add(mac);
		state.silent.add(mac);
		undecided.push(...Array.from({ length: 60 }, (_, index) => at(mac, `2001:db8::${device}:${index}`)));
	}
	undecided.push(at(BOB, NEW));
	decisions.wake();
	for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
	t.true(asked.length >= 256, `${asked.length} questions: the instrument works`);
	t.true(asked.includes(`${BOB} ${NEW}`));
});

test('the holder of an address that somebody claims is asked for it some times, and nothing is taken from him if he is silent', async (t) => {
	const { decisions, pairs, asked, lost } = venue([[ANN, FIRST]], {});
	decisions.judge.recall(FIRST);
	decisions.judge.recall(NEW);
	for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
	t.true(asked.length >= 1);
	t.deepEqual([...new Set(asked)], [`${ANN} ${FIRST}`]);
	t.deepEqual(pairs, [[ANN, FIRST]]);
	t.deepEqual(lost, []);
});
