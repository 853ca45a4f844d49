import test from 'ava';
import type { AccountId, MacAddress } from '../../../agent/core/units.ts';
import { type WhyGiven, whyCause } from '../../../agent/doctor/why-cause.ts';
import type { Spoof } from '../../../agent/sensor/spoof-watch.ts';
import type { WhyAnswer, WhyCause } from '../../../agent/status/why-command.ts';

const [MAC, BOB] = ['02:00:5e:10:00:01', '02:00:5e:10:00:02'] as [MacAddress, MacAddress];
type Station = NonNullable<WhyAnswer['station']>;

const claim = (more: Partial<Spoof>): Spoof => ({
	target: 'neighbour',
	address: '192.0.2.10',
	owner: MAC,
	ownerBy: 'lease',
	how: 'arp',
	claimant: BOB,
	claimed: BOB,
	...more,
});

const ONLINE: Station = {
	mac: MAC,
	addresses: ['192.0.2.10'],
	device: 'br-lan',
	state: 'active',
	reason: 'within its balance',
	upBytes: 0,
	downBytes: 0,
	upBytesPerSecond: 0,
	downBytesPerSecond: 9,
	account: 'room-1' as AccountId,
	isPresent: true,
	leases: ['192.0.2.10'],
	bound: ['192.0.2.10'],
	boundDevice: 'br-lan',
	blocked: false,
	heard: [{ address: '192.0.2.10', device: 'br-lan', account: 'room-1' as AccountId, isContested: false }],
	refused: [],
	classes: { own: 'allowed', tethered: 'allowed' },
};
const IDLE = { downBytesPerSecond: 0 };
const { account: _account, ...WALLED } = { ...ONLINE, state: 'walled' as const, reason: 'no account pays for it' };
const GIVEN: WhyGiven = { queue: 'none', counters: {}, portal: { sent: 0, reached: 0 }, foreignRules: [] };
const refused = (reason: string, agoSeconds = 4, more: object = {}) => ({ reason, says: 'x', agoSeconds, ...more });
const MARKS = { kind: 'mark', where: 'inet shaper fw handle 7', does: 'writes the bits 0x1' };

const blocked = (of: 'own' | 'tethered') => ({ own: 'allowed', tethered: 'allowed', [of]: 'blocked' }) as const;

const says = test.macro({
	exec(
		t,
		_what: string,
		station: Partial<Station> | undefined,
		cause: WhyCause,
		sentence: RegExp,
		given: Partial<WhyGiven> & { spoofs?: Spoof[] } = {},
	) {
		const { spoofs = [], ...facts } = given;
		const one = station && ({ ...ONLINE, ...station } as Station);
		const leasedTo = (address: string) => (address === '192.0.2.66' ? BOB : address === '192.0.2.88' ? MAC : undefined);
		const answer = whyCause(
			{ mac: MAC },
			{ ...GIVEN, ...facts, ...(one ? { station: one } : {}) },
			{
				leasedTo,
				ownDevice: (address) => (address === '10.0.0.1' ? 'this router itself, at br-lan' : undefined),
				spoofs,
			},
		);
		t.is(answer.cause, cause);
		t.regex(answer.sentence, sentence);
		t.false(answer.sentence.includes('\n'));
		t.is(answer.fix === undefined, cause === 'online');
	},
	title: (_, what) => `${what}`,
});

test(says, 'nobody knows it', undefined, 'not_known', /no device 02:/);
test(says, 'it has gone', { isPresent: false, reason: 'the router no longer hears it' }, 'not_here', /no longer hears/);
test(
	says,
	'a silent one that was refused just now is here',
	{ isPresent: false, refused: [refused('between')] },
	'between_grants',
	/before the next grant/,
);
test(
	says,
	'from outside it does not prove to be here',
	{ isPresent: false, refused: [refused('inbound', 1, { address: '::1' })] },
	'not_here',
	/not on the network/,
);
test(says, 'it is blocked', { blocked: true, state: 'blocked' }, 'account_blocked', /room-1, which is blocked/);
test(
	says,
	'nothing can be booked',
	{ state: 'blocked', reason: 'no more can be granted: there is no space left', refusal: 'unbooked' },
	'not_booked',
	/has credit; no more can be granted: there is no space left/,
);
test(
	says,
	'its own part is used up',
	{ state: 'blocked', classes: blocked('own'), refusal: 'part' },
	'class_refused',
	/its own flows may have nothing more/,
);
test(
	says,
	'it has nothing, and its own flows had used up their part before',
	{ state: 'blocked', reason: 'nothing is left to spend', classes: blocked('own') },
	'no_credit',
	/nothing is left to spend/,
);
test(says, 'it has nothing', { state: 'blocked', reason: 'nothing is left to spend' }, 'no_credit', /nothing is left/);
test(says, 'a mark', { refused: [refused('mark')] }, 'foreign_mark', /4 s ago: inet shaper fw handle 7/, {
	foreignRules: [MARKS],
});
test(
	says,
	'a mark whose rule has gone',
	{ refused: [refused('mark')] },
	'foreign_mark',
	/no rule that does it stands now/,
);
test(says, 'flows with a mark', { strangeFlows: 3 }, 'foreign_mark', /3 flows of/, { foreignRules: [MARKS] });
test(says, 'not tracked', { refused: [refused('untracked')] }, 'not_tracked', /not tracked 4 s ago/);
test(
	says,
	'the newest refusal counts',
	{ refused: [refused('untracked', 1), refused('mark', 2)] },
	'not_tracked',
	/1 s ago/,
);
test(
	says,
	'something came for it since it was refused',
	{ servedAgoSeconds: 3, refused: [refused('address_device', 4)], boundDevice: 'br-guest' },
	'online',
	/is online/,
);
test(
	says,
	'nothing came for it since it was refused',
	{ servedAgoSeconds: 5, refused: [refused('address_device', 4)], boundDevice: 'br-guest' },
	'address_device',
	/at br-guest/,
);
test(
	says,
	'something came for it, and a rule refuses other flows',
	{ servedAgoSeconds: 0, refused: [refused('mark', 4)] },
	'foreign_mark',
	/4 s ago/,
	{ foreignRules: [MARKS] },
);
test(
	says,
	'a mark of a rule that has gone, and something came for it since',
	{ servedAgoSeconds: 0, refused: [refused('mark', 4)] },
	'online',
	/is online/,
);
test(
	says,
	'its address is asked for',
	{ refused: [refused('address_undecided', 2)] },
	'address_undecided',
	/sent from an address 2 s ago/,
);
test(
	says,
	'somebody claims its address',
	IDLE,
	'address_claimed',
	/:02 claims 192.0.2.10, which is leased to 02:.*:01; what is for/,
	{ spoofs: [claim({})] },
);
test(
	says,
	'somebody claims an address that its session has',
	{ ...IDLE, isPresent: false },
	'address_claimed',
	/which .* had in the last minute/,
	{
		spoofs: [claim({ owner: BOB, ownerBy: 'heard' })],
	},
);
test(
	says,
	"somebody claims the router's address",
	IDLE,
	'address_claimed',
	/address of this router.*what 02:.*:01 sends/,
	{
		spoofs: [claim({ target: 'gateway', address: '192.0.2.1', owner: BOB, ownerBy: 'own' })],
	},
);
test(says, 'a claim explains nothing of one whose bytes pass', {}, 'online', /is online/, {
	spoofs: [claim({})],
});
test(says, "a claim of another one's address explains nothing", { ...IDLE, state: 'throttled' }, 'slowed', /slowed/, {
	spoofs: [claim({ address: '192.0.2.99', owner: BOB })],
});
test(
	says,
	'its address was leased to another one',
	{ isPresent: false, bound: ['192.0.2.66'] },
	'address_leased',
	/has 192.0.2.66, which the DHCP server has leased to 02:.*:02 meanwhile/,
);
test(
	says,
	'what was refused long ago explains nothing',
	{ refused: [refused('mark', 61)] },
	'online',
	/is online: within its balance/,
);
test(
	says,
	'an address of another lease',
	{ heard: [{ address: '192.0.2.66', device: 'br-lan', isContested: true }], refused: [refused('address_leased')] },
	'address_leased',
	/192\.0\.2\.66, which the DHCP server has leased to 02:00:5e:10:00:02/,
);
test(
	says,
	'an address that it leases as another client',
	{ heard: [{ address: '192.0.2.88', device: 'br-lan', isContested: true }], refused: [refused('address_leased')] },
	'address_unbound',
	/192\.0\.2\.88, which it leases as another client/,
);
test(
	says,
	'an address by hand',
	{ heard: [{ address: '192.0.2.77', device: 'br-lan', isContested: true }], refused: [refused('address_unbound')] },
	'address_unbound',
	/uses 192\.0\.2\.77, which is not its session's \(192\.0\.2\.10\)/,
);
test(says, 'an address that is its own by now', { refused: [refused('address_unbound')] }, 'online', /is online/);
test(
	says,
	'another device',
	{ boundDevice: 'br-guest', refused: [refused('address_device')] },
	'address_device',
	/by br-lan, and its session is at br-guest/,
);
test(says, 'no route', { refused: [refused('source_route')] }, 'source_route', /not of the network of br-lan/);
test(
	says,
	'tethered flows may have nothing',
	{ classes: blocked('tethered'), refused: [refused('class')] },
	'class_refused',
	/flows of devices behind it may have nothing more by its plan/,
);
test(
	says,
	'own flows may have nothing',
	{ classes: blocked('own'), refused: [refused('between')] },
	'class_refused',
	/its own flows may have nothing more by its plan/,
);
test(
	says,
	'tethered flows that may have all, between two grants',
	{ classes: blocked('own'), refused: [refused('class')] },
	'between_grants',
	/before the next grant came/,
);
test(
	says,
	'from outside',
	{ refused: [refused('inbound', 5, { address: '2001:db8::1' })] },
	'inbound_refused',
	/a packet to 2001:db8::1 was refused 5 s ago: x/,
);
test(
	says,
	'from outside, with a mark of somebody else',
	{ refused: [refused('inbound_marked', 5, { address: '2001:db8::1' })] },
	'inbound_refused',
	/2001:db8::1/,
);
test(
	says,
	'from outside, more than it answers',
	{ refused: [refused('inbound_unanswered', 5, { address: '2001:db8::1' })] },
	'inbound_refused',
	/2001:db8::1/,
);
test(
	says,
	'strangers hide nothing',
	{ ...IDLE, refused: [refused('inbound', 0, { address: '::1' }), refused('mark', 50)] },
	'foreign_mark',
	/50 s ago/,
);
test(says, 'it is slowed', { state: 'throttled', reason: 'fair use' }, 'slowed', /slowed: fair use/);
test(says, 'it is online', {}, 'online', /is online: within its balance/);

test('an online one of which nothing passes may be held by the firewall or the uplink', (t) => {
	const station = { ...ONLINE, downBytesPerSecond: 0 };
	const answer = whyCause(
		{ mac: MAC },
		{ ...GIVEN, station },
		{ leasedTo: () => undefined, ownDevice: () => undefined, spoofs: [] },
	);
	t.is(answer.cause, 'online');
	t.regex(answer.sentence, /nothing passes just now/);
	t.regex(answer.fix ?? '', /firewall/);
});

test('without a session: the code, or the firewall that keeps guests from the portal', (t) => {
	const given = { ...GIVEN, station: WALLED as Station };
	const open = whyCause(
		{ mac: MAC },
		{ ...given, portal: { sent: 9, reached: 5 } },
		{ leasedTo: () => undefined, ownDevice: () => undefined, spoofs: [] },
	);
	t.like(open, { cause: 'no_session' });
	t.regex(open.fix ?? '', /code/);
	const closed = whyCause(
		{ mac: MAC },
		{ ...given, portal: { sent: 9, reached: 0 } },
		{ leasedTo: () => undefined, ownDevice: () => undefined, spoofs: [] },
	);
	t.regex(closed.sentence, /of 9 connections .* none came through/);
	t.regex(closed.fix ?? '', /firewall/);
});

test('an address that is no device of a guest is said to be that', (t) => {
	const around = {
		leasedTo: () => undefined,
		ownDevice: (address: string) => (address === '10.0.0.1' ? 'this router itself, at br-lan' : undefined),
		spoofs: [],
	};
	const cases = {
		'10.0.0.1': /10\.0\.0\.1 is this router itself, at br-lan/,
		'224.0.0.251': /the address of a group/,
		'ff02::1': /the address of a group/,
		'255.255.255.255': /for all devices/,
		'127.0.0.1': /the same machine only/,
		'::': /no address/,
	};
	for (const [address, sentence] of Object.entries(cases)) {
		const answer = whyCause({ address }, GIVEN, around);
		t.is(answer.cause, 'not_a_device', address);
		t.regex(answer.sentence, sentence);
	}
	t.is(whyCause({ address: '8.8.8.8' }, GIVEN, around).cause, 'not_known');
});
