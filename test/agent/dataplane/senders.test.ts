import test from 'ava';
import type { MacAddress } from '../../../agent/core/units.ts';
import { Senders } from '../../../agent/dataplane/senders.ts';
import type { NetlinkConnection } from '../../../agent/netlink/index.ts';
import { listLog } from './kernel/router.ts';

const ANN = '02:00:5e:10:00:01' as MacAddress;
const BOB = '02:00:5e:10:00:02' as MacAddress;

test('of what was heard of a station, what others lease is not its own, and what it leases comes last', async (t) => {
	const sent: string[] = [];
	// A kernel that holds nothing, and takes everything.
	const connection = {
		async dump() {},
		async batch(requests: readonly { what: string }[]) {
			sent.push(...requests.map(({ what }) => what));
		},
	} as unknown as NetlinkConnection;
	const senders = new Senders(connection, {
		serially: (work) => work(),
		cutFlows: async () => undefined,
		hasSession: () => false,
		log: listLog([]),
	});
	t.deepEqual(senders.likely(ANN, ['10.1.0.2', '10.1.0.9']), ['10.1.0.2', '10.1.0.9']);
	const lease = (mac: MacAddress, address: string) => ({ mac, address, name: undefined, expiresSeconds: 1 });
	t.deepEqual(await senders.leases.leased([lease(ANN, '10.1.0.2'), lease(BOB, '10.1.0.3')]), []);
	t.deepEqual(senders.likely(ANN, ['10.1.0.2', '10.1.0.3', '2001:db8::7', '10.1.0.9']), [
		'2001:db8::7',
		'10.1.0.9',
		'10.1.0.2',
	]);
	const before = sent.length;
	t.true(before > 0);
	await senders.leases.leased([lease(ANN, '10.1.0.2'), lease(BOB, '10.1.0.3')]);
	t.is(sent.length, before, 'what the kernel has is not told again');
});
