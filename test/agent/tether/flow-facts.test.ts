import test from 'ava';
import { readFlowFacts } from '../../../agent/tether/flow-facts.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';
import { datagram, dnsQuery, STACKS, type StackName, synPacket } from './packets.ts';

const LAYOUTS: Record<StackName, string> = {
	linux: 'mss,sok,ts,nop,ws',
	linuxOtherScale: 'mss,sok,ts,nop,ws',
	windows: 'mss,nop,ws,nop,nop,sok',
	windowsReduced: 'mss,nop,nop,sok',
	apple: 'mss,nop,ws,nop,nop,ts,sok,eol',
	freebsd: 'mss,nop,ws,sok,ts',
	bare: 'mss',
};

for (const version of [4, 6] as const) {
	for (const stack of Object.keys(STACKS) as StackName[]) {
		test(`the options of ${stack} over IPv${version} are read in their order`, (t) => {
			const facts = readFlowFacts(synPacket(stack, 60, version));
			t.like(facts, { version, hopLimit: 60, isTranslated: false });
			t.like(facts?.syn, { layout: LAYOUTS[stack], mss: 1460, window: STACKS[stack].window });
		});
	}
}

test('the name of a question is read, and nothing of other datagrams', (t) => {
	t.is(readFlowFacts(dnsQuery('WWW.Example.org'))?.question, 'www.example.org');
	t.is(readFlowFacts(datagram(64))?.question, undefined);
	t.is(readFlowFacts(dnsQuery('a b.example'))?.question, undefined, 'no host has such a name');
});

test('extension headers are passed over, and a chain of them ends', (t) => {
	const packet = synPacket('linux', 64, 6);
	const withOptions = (count: number) => {
		const header = Buffer.from(packet.subarray(0, 40));
		header[6] = 60;
		const extensions = Array.from({ length: count }, (_, index) => {
			return Buffer.from([index === count - 1 ? 6 : 60, 0, 1, 4, 0, 0, 0, 0]);
		});
		return Buffer.concat([header, ...extensions, packet.subarray(40)]);
	};
	t.is(readFlowFacts(withOptions(1))?.syn?.layout, LAYOUTS.linux);
	t.is(readFlowFacts(withOptions(4))?.syn?.layout, LAYOUTS.linux);
	t.is(readFlowFacts(withOptions(5))?.syn, undefined);
});

test('a translator on the station itself is known by its prefix', (t) => {
	const packet = synPacket('linux', 63, 6);
	Buffer.from('0064ff9b0000000000000000', 'hex').copy(packet, 24);
	t.true(readFlowFacts(packet)?.isTranslated);
});

test('an answer, a later fragment and a middle of a connection open no flow', (t) => {
	const answer = synPacket('linux', 64);
	answer[33] = 0x12;
	t.is(readFlowFacts(answer)?.syn, undefined);
	const fragment = synPacket('linux', 64);
	fragment.writeUInt16BE(5, 6);
	t.like(readFlowFacts(fragment), { hopLimit: 64, syn: undefined });
});

test('what multipath TCP and fast open add is no trait of a system', (t) => {
	const plain = synPacket('linux', 64);
	const extra = Buffer.concat([plain, Buffer.from('1e0c0081aabbccdd11223344', 'hex')]);
	extra[32] = ((plain.length - 20 + 12) / 4) << 4;
	t.is(readFlowFacts(extra)?.syn?.layout, LAYOUTS.linux);
});

test('no bytes make it throw: cut anywhere, or any of them another', (t) => {
	const random = new SeededRandom(4711);
	const packets = [...(['linux', 'apple'] as const).map((stack) => synPacket(stack, 64, 6)), dnsQuery('a.example.org')];
	for (const packet of packets) {
		for (let length = 0; length <= packet.length; length++) {
			t.notThrows(() => readFlowFacts(packet.subarray(0, length)));
		}
		for (let round = 0; round < 5000; round++) {
			const hostile = Buffer.from(packet);
			for (let count = random.between(1, 6); count > 0; count--) {
				hostile[random.between(0, hostile.length - 1)] = random.between(0, 255);
			}
			const facts = readFlowFacts(hostile);
			if ((facts?.question?.length ?? 0) > 253) t.fail('a name that is too long');
		}
	}
});
