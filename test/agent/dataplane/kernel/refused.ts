import type { MacAddress } from '../../../../agent/core/units.ts';
import { type RefusalCounts, RefusalReader } from '../../../../agent/dataplane/refusal-reader.ts';
import type { Refusal } from '../../../../agent/dataplane/refusal-reasons.ts';
import { NETLINK_NETFILTER, NetlinkConnection } from '../../../../agent/netlink/index.ts';
import { STATION_MAC } from './router.ts';

/** Why packets were refused so far, and why those of the router's station were. */
export async function readRefused(): Promise<{ counts: RefusalCounts; ofStation: Refusal[] }> {
	const connection = new NetlinkConnection({ protocol: NETLINK_NETFILTER });
	connection.start();
	try {
		const reader = new RefusalReader(connection);
		const recent = await reader.recent(STATION_MAC as MacAddress, []);
		return { counts: await reader.counts(), ofStation: recent.map(({ reason }) => reason).toSorted() };
	} finally {
		connection.stop();
	}
}
