import test from 'ava';
import { checkedAddresses, isPublicAddress } from '../../../carrier/subscription/public-address.ts';
import { isForeignTopic, isWebhookAddress } from '../../../carrier/subscription/subscription-address.ts';

/** Each is this machine, a neighbour, or nobody, in some spelling. */
const PRIVATE = [
	...[
		'127.0.0.1',
		'127.1',
		'127.0.0.2',
		'2130706433',
		'0x7f000001',
		'0x7f.0.0.1',
		'0177.0.0.1',
		'017700000001',
		'0',
		'0.0.0.0',
	],
	...['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', '3232235521', '0xc0a80001'],
	...['169.254.169.254', '0xa9fea9fe', '2852039166', '169.254.1', '100.64.0.1', '100.127.255.255', '192.0.0.170'],
	...['198.18.0.1', '198.19.255.255', '192.0.2.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '239.255.255.250'],
	...['240.0.0.1', '255.255.255.255', '[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]'],
	...[
		'[::ffff:10.0.0.1]',
		'[::ffff:8.8.8.8]',
		'[::127.0.0.1]',
		'[64:ff9b::7f00:1]',
		'[64:ff9b::10.0.0.1]',
		'[64:ff9b:1::1]',
	],
	...[
		'[fe80::1]',
		'[fec0::1]',
		'[fc00::1]',
		'[fd12:3456::1]',
		'[ff02::1]',
		'[2001::1]',
		'[2001:db8::1]',
		'[2002:7f00:1::]',
	],
	...['[3fff::1]', '[100::1]', '[fd00:ec2::254]', '１２７.0.0.1', '127。0。0。1'],
];
const PUBLIC = [
	'1.1.1.1',
	'9.255.255.255',
	'100.63.255.255',
	'100.128.0.0',
	'172.15.0.1',
	'172.32.0.1',
	'[2606:4700::1111]',
	'[2a00::1]',
];

for (const host of PRIVATE) {
	test(`no webhook goes to ${host}`, async (t) => {
		t.false(isWebhookAddress(`http://${host}/hook`, []));
		t.is(await checkedAddresses(new URL(`http://${host}:8080/hook`), []), 'the host has an address that is not public');
	});
}

for (const host of PUBLIC) {
	test(`a webhook may go to ${host}`, async (t) => {
		t.true(isWebhookAddress(`https://${host}/hook`, []));
		t.true(isPublicAddress(host.replace(/[[\]]/g, '')));
		t.true(Array.isArray(await checkedAddresses(new URL(`https://${host}/hook`), [])));
	});
}

for (const address of [
	...[
		'ftp://example.org/',
		'file:///etc/passwd',
		'http:/',
		'nothing',
		'https://user:password@example.org/',
		'https://user@example.org/',
	],
	...[
		'http://localhost/',
		'http://LOCALHOST/',
		'http://localhost./',
		'http://a.localhost/',
		'http://metadata.internal/',
		'http://printer.local/',
	],
]) {
	test(`no webhook: ${address}`, (t) => t.false(isWebhookAddress(address, [])));
}

test('what a name means is looked at, and a listed host may be private', async (t) => {
	const url = new URL('http://localhost:1/');
	t.is(await checkedAddresses(url, []), 'the host has an address that is not public');
	t.true(Array.isArray(await checkedAddresses(url, ['localhost'])));
	t.true(isWebhookAddress('http://localhost:1/', ['localhost']));
	t.true(isWebhookAddress('http://[::1]:1/', ['::1']));
	t.false(isWebhookAddress('http://127.0.0.1:1/', ['localhost', '127.0.0.2']));
});

for (const topic of [
	...['octroi', 'octroi/1/all/down/policy', 'octroi/1/cafe/up/usage', 'octroi/', 'OCTROI/1/cafe/down/ack', 'Octroi'],
	...[
		'$SYS/broker',
		'$SYS',
		'$share/octroi/octroi/1/+/up/#',
		'$share/g/a',
		'$',
		'#',
		'+',
		'a/#',
		'a/+/b',
		'+/b',
		'a#',
		'',
	],
	...['/octroi/1/cafe/up/usage', '/', 'a//b', 'a/', 'a\0b', 'a b', 'a\nb', 'é', 'a/\ud800', 'x'.repeat(201)],
]) {
	test(`no topic that may be told things: ${JSON.stringify(topic).slice(0, 60)}`, (t) =>
		t.false(isForeignTopic(topic)));
}

for (const topic of ['apps/credit', 'a', 'notices/bob', 'octroi-apps/x', 'x/octroi', 'a.b_c~d:e@f=g-h']) {
	test(`a topic that may be told things: ${topic}`, (t) => t.true(isForeignTopic(topic)));
}
