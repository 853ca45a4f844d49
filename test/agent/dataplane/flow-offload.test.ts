import test from 'ava';
import { covers, offloadError } from '../../../agent/dataplane/flow-offload.ts';
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
	exec(t, flowtable: readonly string[], covered: boolean, metered: readonly string[] = ['br-lan']) {
		t.is(covers({ devices: flowtable }, { metered, devices: DEVICES }), covered);
	},
	title: (title) => `a flowtable over ${title}`,
});

test('nothing', judges, [], false);
test('the uplink alone', judges, ['wan'], false);
test('the metered bridge', judges, ['wan', 'br-lan'], true);
test('a port of the metered bridge', judges, ['lan1', 'wan'], true);
test('a port of a bond that is a port of the metered bridge', judges, ['eth1', 'wan'], true);
test('a port of another bridge', judges, ['lan2', 'wan'], false);
test('all devices whose names begin like a port', judges, ['lan*'], true);
test('all devices', judges, ['*'], true);
test('all devices of another name', judges, ['w*'], false);
test('a metered device that does not exist yet', judges, ['wlan7'], true, ['wlan7']);
test('a port, while the metered device does not exist', judges, ['lan1'], false, ['br-guest']);
test('one of several metered devices', judges, ['lan2'], true, ['br-lan', 'br-dmz']);

test('the refusal names the flowtables and how to switch them off', (t) => {
	const error = offloadError([{ table: 'fw4', name: 'ft', devices: ['lan1', 'wan'] } as never]);
	t.is(error.code, 'flow_offload_active');
	t.regex(error.message, /fw4\/ft \(lan1, wan\)/);
	t.regex(error.fix ?? '', /flow_offloading=0/);
});
