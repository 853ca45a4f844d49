import test from 'ava';
import type { MacAddress } from '../../../agent/core/units.ts';
import { HALF_LIFE_MS } from '../../../agent/tether/evidence.ts';
import { FlowClassifier } from '../../../agent/tether/flow-classifier.ts';
import { OWN_SIGNATURES } from '../../../agent/tether/own-signatures.ts';
import { parseSignatureFile } from '../../../agent/tether/signature-file.ts';
import { datagram, dnsQuery, type StackName, synPacket } from './packets.ts';

const { signatures } = parseSignatureFile(OWN_SIGNATURES);
const PHONE = '02:00:5e:10:00:01' as MacAddress;
const OTHER = '02:00:5e:10:00:02' as MacAddress;

function scene({ stationsMax = 16 } = {}) {
	const clock = { nowMs: 1_000_000, bootMs: () => clock.nowMs as never };
	const classifier = new FlowClassifier({ clock, signatures, stationsMax });
	const flow = (stack: StackName, hopLimit = 64, version: 4 | 6 = 4) =>
		classifier.classify(PHONE, synPacket(stack, hopLimit, version));
	return { clock, classifier, flow };
}

for (const [hopLimit, version] of [
	[63, 4],
	[127, 4],
	[254, 4],
	[63, 6],
] as const) {
	test(`a flow with hop limit ${hopLimit} of IPv${version} is tethered at once, and those with full ones are the station's own`, (t) => {
		const { classifier, flow } = scene();
		t.is(flow('linux'), 'own');
		t.is(flow('linux', hopLimit, version), 'tethered');
		t.is(classifier.classify(PHONE, datagram(hopLimit, version)), 'tethered');
		t.is(classifier.classify(PHONE, datagram(64, version)), 'own');
		t.true(classifier.standing(PHONE).tethering);
	});
}

test('hop limits that a program has set itself are no sign', (t) => {
	const { classifier } = scene();
	for (let hopLimit = 1; hopLimit < 32; hopLimit++) t.is(classifier.classify(PHONE, datagram(hopLimit)), 'own');
	t.is(classifier.standing(PHONE).score, 0);
});

for (const behind of ['windows', 'apple', 'freebsd'] as const) {
	test(`a tethering phone that rewrites hop limits is known by ${behind} behind it, and its own flows stay its own`, (t) => {
		const { classifier, flow } = scene();
		const judged = Array.from({ length: 10 }, () => ({ phone: flow('linux'), behind: flow(behind) }));
		t.true(judged.every(({ phone }) => phone === 'own'));
		t.true(judged.slice(4).every(({ behind: judgement }) => judgement === 'tethered'));
		t.true(classifier.standing(PHONE).tethering);
	});
}

test('what asked for the address is the station itself, even if it speaks TCP last', (t) => {
	const { classifier, flow } = scene();
	classifier.observe(PHONE, { kind: 'dhcp', fingerprint: { vendorClass: 'android-dhcp-14', parameters: [] } });
	for (let count = 0; count < 4; count++) flow('windows');
	t.is(flow('windows'), 'tethered');
	t.is(flow('linux'), 'own');
	t.is(flow('windows'), 'tethered');
});

test('names of two systems and two window scales together are a second machine of one family', (t) => {
	const { clock, classifier, flow } = scene();
	classifier.observe(PHONE, { kind: 'dhcp', fingerprint: { vendorClass: 'android-dhcp-14', parameters: [] } });
	flow('linux');
	for (let count = 0; count < 5; count++) {
		t.is(flow('linuxOtherScale'), 'own');
		flow('linux');
	}
	t.false(classifier.standing(PHONE).tethering, 'buffers that a program sets are not enough');
	for (let count = 0; count < 2; count++) {
		clock.nowMs += 10_000;
		classifier.classify(PHONE, dnsQuery('nmcheck.gnome.org'));
	}
	t.is(flow('linuxOtherScale'), 'tethered');
	t.is(flow('linux'), 'own');
});

test('no single kind of doubt makes a station tether', (t) => {
	const { classifier, flow } = scene();
	flow('linux');
	for (let count = 0; count < 30; count++) {
		t.is(flow('bare'), 'own', 'a scanner');
		t.is(flow('linux'), 'own');
		classifier.classify(PHONE, dnsQuery('connectivitycheck.gstatic.com'));
	}
	t.false(classifier.standing(PHONE).tethering);
	const console = scene();
	for (let count = 0; count < 30; count++) {
		t.is(console.flow('windows', 64), 'own', 'the only system of a station may have any hop limit');
		console.classifier.classify(PHONE, dnsQuery('www.msftconnecttest.com'));
	}
	t.false(console.classifier.standing(PHONE).tethering);
});

test('a station is the same over IPv6, where the router says with which hop limit packets begin', (t) => {
	const { classifier, flow } = scene();
	for (let count = 0; count < 20; count++) {
		t.is(flow('windows', 128, 4), 'own');
		t.is(flow('windows', 64, 6), 'own');
	}
	t.is(classifier.standing(PHONE).score, 0);
});

test('what is heard first may be a scanner, or a connection with options left out', (t) => {
	const { classifier, flow } = scene();
	classifier.observe(PHONE, { kind: 'dhcp', fingerprint: { vendorClass: 'MSFT 5.0', parameters: [] } });
	for (let count = 0; count < 20; count++) {
		t.is(flow('bare', 128), 'own');
		t.is(flow('windowsReduced', 128), 'own');
		t.is(flow('windows', 128), 'own');
	}
	t.false(classifier.standing(PHONE).tethering);
});

test('suspicion fades, later than it arose', (t) => {
	const { clock, classifier, flow } = scene();
	flow('linux');
	for (let count = 0; count < 8; count++) flow('linux', 63);
	clock.nowMs += HALF_LIFE_MS;
	t.true(classifier.standing(PHONE).tethering);
	t.true(classifier.standing(PHONE).score >= 100, 'a long evening is still fresh');
	clock.nowMs += HALF_LIFE_MS;
	t.true(classifier.standing(PHONE).tethering, 'below the entrance, above the exit');
	clock.nowMs += 2 * HALF_LIFE_MS;
	t.false(classifier.standing(PHONE).tethering);
});

test("an operator's word goes before all evidence, until it is taken back", (t) => {
	const { classifier, flow } = scene();
	classifier.pin(PHONE, 'own');
	t.is(flow('linux', 63), 'own');
	classifier.pin(PHONE, 'tethered');
	t.is(flow('linux', 64), 'tethered');
	t.is(classifier.standing(PHONE).pinned, 'tethered');
	classifier.pin(PHONE, undefined);
	t.is(flow('linux', 64), 'own');
	t.is(flow('linux', 63), 'tethered');
});

test('evidence is told to people, what weighs most first', (t) => {
	const { clock, classifier, flow } = scene();
	flow('linux');
	flow('windows', 127);
	clock.nowMs += 5000;
	flow('linux', 63);
	const lines = classifier.evidence(PHONE);
	t.is(lines[0]?.text, 'packets have come over one more hop: TTL 63');
	t.deepEqual([lines[0]?.seen, lines[0]?.agoMs, lines[0]?.weight], [2, 0, 110]);
	t.true(lines.every(({ weight }, index) => weight <= (lines[index - 1]?.weight ?? weight)));
	t.deepEqual(classifier.evidence(OTHER), []);
});

test('stations do not incriminate each other, and the one that was silent longest is forgotten first', (t) => {
	const { classifier, flow } = scene({ stationsMax: 2 });
	flow('linux', 63);
	flow('linux', 63);
	t.false(classifier.standing(OTHER).tethering);
	classifier.classify(OTHER, synPacket('linux', 64));
	flow('linux', 64);
	classifier.classify('02:00:5e:10:00:03' as MacAddress, synPacket('linux', 64));
	t.is(classifier.size, 2);
	t.true(classifier.standing(PHONE).tethering);
	classifier.forget(PHONE);
	t.false(classifier.standing(PHONE).tethering);
});

test('beside a device whose hops are seen, programs of the station may set their buffers as they like', (t) => {
	const { classifier, flow } = scene();
	// The device behind it is heard first, so nobody knows yet what is the station's own.
	for (let count = 0; count < 4; count++) t.is(flow('linux', 63), 'tethered');
	for (let count = 0; count < 8; count++) {
		t.is(flow('linuxOtherScale'), 'own');
		t.is(flow('linux'), 'own');
	}
	t.true(classifier.standing(PHONE).tethering);
});

test('the scale of the own window is that of packets straight from the station', (t) => {
	const { classifier, flow } = scene();
	flow('linux', 63);
	for (let count = 0; count < 6; count++) flow('linuxOtherScale');
	t.is(classifier.evidence(PHONE).filter(({ text }) => text.includes('scale')).length, 0);
});
