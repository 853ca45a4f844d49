import test from 'ava';
import { readUplink } from '../../../agent/shaping/uplink.ts';

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const LAN = 'br-lan\t00004D0A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n';
const WAN = 'wan\t00000000\t016433C6\t0003\t0\t0\t10\t00000000\t0\t0\t0\n';
const LTE = 'wwan0\t00000000\t00000000\t0001\t0\t0\t5\t00000000\t0\t0\t0\n';
const NOWHERE = `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 ${'0'.repeat(32)} ffffffff 00000001 00000000 00200200       lo\n`;
const WAN6 = `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 20010db8ffff00000000000000000001 00000400 00000001 00000000 00000003      wan\n`;

const uplink = (ipv4: string, ipv6?: string) =>
	readUplink((path) => {
		const text = path.endsWith('/route') ? ipv4 : ipv6;
		if (text === undefined) throw new Error('ENOENT');
		return text;
	});

test('the uplink is the device of the default route with the lowest metric', (t) => {
	t.deepEqual(uplink(HEAD + LAN + WAN), { device: 'wan', up: true });
	t.deepEqual(uplink(HEAD + WAN + LTE, NOWHERE), { device: 'wwan0', up: true });
});

test('without an IPv4 route the IPv6 one counts, but not the one to nowhere', (t) => {
	t.deepEqual(uplink(HEAD + LAN, NOWHERE + WAN6), { device: 'wan', up: true });
	t.is(uplink(HEAD + LAN, NOWHERE), null);
	t.is(uplink(''), null);
});
