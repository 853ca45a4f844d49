import test from 'ava';
import { offloadError, takesMetered } from '../../../agent/dataplane/flow-offload.ts';
import type { Link } from '../../../agent/netlink/index.ts';

/** br-lan has the ports lan1 and bond0; bond0 has eth1; wan is alone. */
const DEVICES = new Map(
	(
		[
			['br-lan', 2],
			['lan1', 3, 2],
			['bond0', 4, 2],
			['eth1', 5, 4],
			['wan', 6],
			['br-dmz', 7],
			['lan2', 8, 7],
		] as const
	).map(([name, interfaceIndex, masterIndex]): [string, Link] => [
		name,
		{ name, interfaceIndex, up: true, ...(masterIndex === undefined ? {} : { masterIndex }) },
	]),
);

const judges = test.macro({
	exec(t, flowtable: readonly string[], takes: boolean, free: readonly string[] = ['br-dmz']) {
		t.is(takesMetered({ devices: flowtable }, { free, devices: DEVICES }), takes);
	},
	title: (title) => `a flowtable over ${title}`,
});

test('nothing', judges, [], false);
test('the uplink alone, which takes what stations receive', judges, ['wan'], true);
test('the metered bridge', judges, ['wan', 'br-lan'], true);
test('a port of the metered bridge', judges, ['lan1', 'wan'], true);
test('a free bridge', judges, ['br-dmz'], false);
test('a port of a free bridge', judges, ['lan2'], false);
test('a port of a free bridge and the uplink', judges, ['lan2', 'wan'], true);
test('a port of a bond that is a port of a free bridge', judges, ['eth1'], false, ['br-lan']);
test('names that begin like a port of a free bridge', judges, ['lan2*'], true);
test('a free device that does not exist yet', judges, ['wlan7'], false, ['wlan7']);
test('a port, while the free device does not exist', judges, ['lan2'], true, ['br-guest']);
test('anything, when no device is free', judges, ['lan2'], true, []);

test('the refusal names the flowtables and how to switch them off', (t) => {
	const error = offloadError([{ table: 'fw4', name: 'ft', devices: ['lan1', 'wan'] } as never]);
	t.is(error.code, 'flow_offload_active');
	t.regex(error.message, /fw4\/ft \(lan1, wan\)/);
	t.regex(error.fix ?? '', /flow_offloading=0/);
});
