import test from 'ava';
import fc from 'fast-check';
import { ADVERTISEMENT_BYTES_MAX, withCaptivePortal } from '../../../agent/dataplane/router-advertisement.ts';
import { ipPacket } from '../../lab/frames/ip-packet.ts';

const URI = 'https://portal.home.arpa:8443/api/captive-portal';
const ROUTER = 'fe80::5e:1ff:fe00:1';
const HOSTS = 'ff02::1';
const SOURCE_ADDRESS = '0101025e00000001';
const MTU = '0501000000000500';
/** 2001:db8:10::/64, on link, autonomous. */
const PREFIX = '030440c00000070800000708000000002001 0db8 0010 0000 0000 0000 0000 0000'.replaceAll(' ', '');
const CAPTIVE = '25010000000000 00'.replaceAll(' ', '');
const RSA_SIGNATURE = '0c02000000000000000000000000000000';

/** Flags M=0 O=1, lifetime 1800 s unless told otherwise. */
function advertisement({ options = [SOURCE_ADDRESS, PREFIX, MTU], fixed = '86000000404007080000000000000000' } = {}) {
	const bytes = Buffer.from(fixed + options.join(''), 'hex');
	return ipPacket({ source: ROUTER, destination: HOSTS, hopLimit: 255 }, { protocol: 58, bytes, checksumAt: 2 });
}

/** As tcpdump shows it: the sum of 16-bit words by modulo 65,535, over a pseudo-header that is written out. */
function isChecksumRight(packet: Buffer): boolean {
	const message = packet.subarray(40);
	const pseudo = Buffer.concat([packet.subarray(8, 40), Buffer.alloc(8)]);
	pseudo.writeUInt32BE(message.length, 32);
	pseudo[39] = 58;
	const hex = Buffer.concat([pseudo, message, Buffer.alloc(message.length % 2)]).toString('hex');
	return BigInt(`0x${hex}`) % 65_535n === 0n;
}

/** Type and value of each option, read as RFC 4861 says. */
function optionsOf(packet: Buffer): [type: number, value: Buffer][] {
	const options: [number, Buffer][] = [];
	for (let at = 56; at < packet.length; at += (packet[at + 1] as number) * 8) {
		options.push([packet[at] as number, packet.subarray(at + 2, at + (packet[at + 1] as number) * 8)]);
	}
	return options;
}

const completed = (t: { truthy(value: unknown): unknown }, packet: Buffer, uri = URI): Buffer => {
	const result = withCaptivePortal(packet, uri);
	t.truthy(result);
	return result as Buffer;
};

test('an advertisement gets the option behind its others; all that it said it says still', (t) => {
	const before = advertisement();
	const packet = completed(t, before);
	t.is(packet.length, before.length + 56, '2 + 48 bytes in units of 8');
	t.is(packet.readUInt16BE(4), packet.length - 40, 'payload length');
	t.deepEqual(packet.subarray(0, 4), before.subarray(0, 4));
	t.deepEqual(packet.subarray(6, 42), before.subarray(6, 42));
	t.deepEqual(packet.subarray(44, before.length), before.subarray(44), 'lifetime, flags, timers, options');
	t.deepEqual(
		optionsOf(packet).map(([type]) => type),
		[1, 3, 5, 37],
	);
	t.is(optionsOf(packet).at(-1)?.[1].toString('latin1'), URI.padEnd(54, '\0'));
	t.true(isChecksumRight(packet));
	t.deepEqual(before, advertisement(), 'what was given is not changed');
});

const rows: [what: string, packet: Buffer][] = [
	['that has no options', advertisement({ options: [] })],
	[
		'of a router that goes away, for its lifetime says nothing of options',
		advertisement({ fixed: '86000000404000000000000000000000' }),
	],
	['with an option that nobody knows', advertisement({ options: ['fe01000000000000'] })],
];
for (const [what, packet] of rows) {
	test(`one ${what} is completed`, (t) => {
		const result = completed(t, packet);
		t.true(isChecksumRight(result));
		t.is(optionsOf(result).at(-1)?.[0], 37);
	});
}

/** The bytes of a right advertisement with some of them other; its checksum is made right again unless told otherwise. */
function changed(change: (packet: Buffer) => void, { isSummed = true } = {}): Buffer {
	const packet = advertisement();
	change(packet);
	if (!isSummed) return packet;
	const bytes = Buffer.from(packet.subarray(40));
	bytes.writeUInt16BE(0, 2);
	const summed = ipPacket(
		{ source: ROUTER, destination: HOSTS, hopLimit: 255 },
		{ protocol: 58, bytes, checksumAt: 2 },
	);
	packet.writeUInt16BE(summed.readUInt16BE(42), 42);
	return packet;
}

const left: [what: string, packet: Buffer][] = [
	['that has the option already', advertisement({ options: [SOURCE_ADDRESS, CAPTIVE] })],
	['that has it first', advertisement({ options: [CAPTIVE, PREFIX] })],
	['that is signed', advertisement({ options: [SOURCE_ADDRESS, RSA_SIGNATURE.slice(0, 32)] })],
	['with an option of length 0', advertisement({ options: [SOURCE_ADDRESS, '0500000000000500'] })],
	['with an option that is longer than the packet', advertisement({ options: ['0502000000000500'] })],
	['with half an option header', advertisement({ options: [SOURCE_ADDRESS, '05'] })],
	['that would become too long', advertisement({ options: new Array(148).fill(MTU) })],
	['with a wrong checksum', changed((packet) => packet.writeUInt16BE(0x1234, 42), { isSummed: false })],
	['with a code that nobody knows', changed((packet) => packet.set([1], 41))],
	['whose payload length is another', changed((packet) => packet.writeUInt16BE(40, 4))],
	['that is a neighbour advertisement', changed((packet) => packet.set([136], 40))],
	['behind hop-by-hop options', changed((packet) => packet.set([0], 6))],
	['that is said to be of another version', changed((packet) => packet.set([0x45], 0))],
];
for (const [what, packet] of left) {
	test(`a packet ${what} leaves as it is`, (t) => {
		t.is(withCaptivePortal(packet, URI), undefined);
	});
}

test('the longest that is completed has exactly the smallest MTU of IPv6', (t) => {
	const fits = advertisement({ options: new Array((ADVERTISEMENT_BYTES_MAX - 56 - 56) / 8).fill(MTU) });
	t.is(completed(t, fits).length, ADVERTISEMENT_BYTES_MAX);
	t.is(withCaptivePortal(fits, `${URI}?${'a'.repeat(8)}`), undefined);
});

test('without a URI, or with one that no option holds, nothing is added', (t) => {
	t.is(withCaptivePortal(advertisement(), ''), undefined);
	t.is(withCaptivePortal(advertisement({ options: [] }), 'a'.repeat(2039)), undefined);
});

const option = fc
	.tuple(
		fc.integer({ min: 0, max: 255 }),
		fc.integer({ min: 1, max: 6 }),
		fc.uint8Array({ minLength: 48, maxLength: 48 }),
	)
	.filter(([type]) => type !== 37 && type !== 12)
	.map(([type, units, value]) => Buffer.from([type, units, ...value.subarray(0, units * 8 - 2)]).toString('hex'));

test('whatever an advertisement says, completed it says the same and the URI, its checksum is right, and a second time changes nothing', (t) => {
	const uris = fc.string({ minLength: 1, maxLength: 300, unit: fc.constantFrom(...'abcdefghij0123456789:/.-') });
	fc.assert(
		fc.property(
			fc.array(option, { maxLength: 12 }),
			fc.uint8Array({ minLength: 12, maxLength: 12 }),
			uris,
			(options, said, uri) => {
				const before = advertisement({ options, fixed: `86000000${Buffer.from(said).toString('hex')}` });
				const packet = withCaptivePortal(before, uri);
				t.truthy(packet);
				if (packet === undefined) return;
				t.true(isChecksumRight(packet));
				const all = optionsOf(packet);
				const [type, value] = all.pop() ?? [0, Buffer.alloc(0)];
				t.is(type, 37);
				t.is(value.toString('latin1').replace(/\0+$/, ''), uri);
				t.deepEqual(all, optionsOf(before));
				t.deepEqual(packet.subarray(44, 56), before.subarray(44, 56));
				t.is(withCaptivePortal(packet, uri), undefined);
			},
		),
	);
});

test('no bytes whatever make it throw, also those of an advertisement with some of them other', (t) => {
	const pieces = fc.record({ at: fc.nat(1400), value: fc.integer({ min: 0, max: 255 }) });
	const spoilt = fc.tuple(fc.array(pieces, { maxLength: 4 }), fc.nat(200)).map(([changes, cut]) => {
		const packet = advertisement();
		for (const { at, value } of changes) packet[at % packet.length] = value;
		return packet.subarray(0, Math.max(0, packet.length - (cut > 100 ? 0 : cut)));
	});
	const garbage = fc.uint8Array({ maxLength: 1400 }).map((bytes) => Buffer.from(bytes));
	fc.assert(
		fc.property(fc.oneof(spoilt, garbage), (packet) => {
			const result = withCaptivePortal(packet, URI);
			if (result) t.true(isChecksumRight(result));
			else t.is(result, undefined);
		}),
		{ numRuns: 500 },
	);
});
