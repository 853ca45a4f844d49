import test from 'ava';
import { markKinds } from '../../../agent/dataplane/mark.ts';
import {
	describeBridge,
	describeConntrack,
	describeDefaultRoutes,
	describeForwarding,
	describeLoose,
	describeReversePath,
	describeSnooping,
	foreignResolvers,
} from '../../../agent/doctor/host-features.ts';

const files = (content: Record<string, string | number>) => (path: string) => {
	const value = content[path.slice('/proc/sys/net/'.length)];
	return value === undefined ? undefined : `${value}\n`;
};

test('frames within a bridge that pass IP rules are named', (t) => {
	t.is(describeBridge(files({})), 'br_netfilter is not loaded');
	const off = { 'bridge/bridge-nf-call-iptables': 0, 'bridge/bridge-nf-call-ip6tables': 0 };
	t.is(describeBridge(files(off)), 'both are 0');
	t.throws(() => describeBridge(files({ ...off, 'bridge/bridge-nf-call-ip6tables': 1 })), {
		code: 'feature_missing',
		message: /^bridge-nf-call-ip6tables is 1/,
	});
});

test('a metered bridge that keeps multicast back is named', (t) => {
	const bridges = (values: Record<string, number>) => (path: string) => {
		const value = values[/^\/sys\/class\/net\/(.*)\/bridge\/multicast_snooping$/.exec(path)?.[1] ?? ''];
		return value === undefined ? undefined : `${value}\n`;
	};
	const metered = ['br-lan', 'br-two', 'wlan0'];
	t.is(describeSnooping(bridges({ 'br-lan': 0, 'br-other': 1 }), metered), 'no metered bridge keeps multicast back');
	t.throws(() => describeSnooping(bridges({ 'br-lan': 0, 'br-two': 1 }), metered), { message: /^br-two: whether/ });
});

test('a table of flows that is small, or nearly full, is named with its use', (t) => {
	const table = (most: number, count: number) =>
		files({ 'netfilter/nf_conntrack_max': most, 'netfilter/nf_conntrack_count': count });
	t.is(describeConntrack(table(65_536, 900)), '900 of 65536 are in use');
	t.throws(() => describeConntrack(table(65_536, 60_000)), { message: /nearly full: 60000 of 65536/ });
	t.throws(() => describeConntrack(table(1024, 10)), { message: /less than 16384: 10 of 1024/ });
	t.throws(() => describeConntrack(files({})), { message: /cannot be read/ });
});

test('connections that hang when their meter changes are named', (t) => {
	t.is(describeLoose(files({ 'netfilter/nf_conntrack_tcp_loose': 1 })), 'it is 1');
	t.throws(() => describeLoose(files({ 'netfilter/nf_conntrack_tcp_loose': 0 })), { message: /connections hang/ });
});

test('a strict check of the way back matters with several uplinks only', (t) => {
	const settings = files({ 'ipv4/conf/all/rp_filter': 0, 'ipv4/conf/wan/rp_filter': 1, 'ipv4/conf/wwan/rp_filter': 2 });
	t.is(describeReversePath(settings, ['wan'], []), 'there is one uplink');
	t.is(describeReversePath(settings, [], []), 'there is no uplink');
	t.is(describeReversePath(settings, ['wwan', 'lte'], []), 'not strict on any uplink');
	t.throws(() => describeReversePath(settings, ['wan', 'wwan'], []), { message: /^strict on wan: of 2 uplinks/ });
});

test('resolvers past ours are those of metered flows', (t) => {
	const mask = 0xffff8000;
	const { kinds } = markKinds(mask);
	const flow = (destination: string, destinationPort: number, mark: number) => ({
		...({ family: 'ipv4', id: 1, protocol: 17, source: '10.0.0.2', destination, destinationPort, mark } as const),
	});
	const flows = [
		flow('9.9.9.9', 53, 0x00010000),
		flow('9.9.9.9', 53, 0x00010000),
		flow('1.1.1.1', 853, 0x00018000),
		flow('8.8.8.8', 53, 0),
		flow('10.0.0.1', 53, kinds.question.value),
		flow('203.0.113.5', 443, 0x00010000),
	];
	t.deepEqual(foreignResolvers(flows, mask), ['9.9.9.9', '1.1.1.1']);
});

test('a router that forwards nothing, or has no way out, is told', (t) => {
	const both = { 'ipv4/ip_forward': 1, 'ipv6/conf/all/forwarding': 1 };
	t.is(describeForwarding(files(both)), 'on in both families');
	t.is(describeForwarding(files({ ...both, 'ipv6/conf/all/forwarding': 0 })), 'on; not for IPv6');
	t.throws(() => describeForwarding(files({ 'ipv4/ip_forward': 0 })), { message: /^off in both families/ });
	const route = (device: string, up = true) => ({ device, up });
	t.is(describeDefaultRoutes([route('wan'), route('wan'), route('lte', false)], ['br-lan']), 'by wan');
	t.throws(() => describeDefaultRoutes([route('wan', false)], ['br-lan']), { message: /^by wan, which is down/ });
	for (const routes of [[], [route('br-lan')]]) {
		t.throws(() => describeDefaultRoutes(routes, ['br-lan']), { message: /^there is none/ });
	}
});
