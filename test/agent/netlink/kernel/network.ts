import {
	decodeConntrack,
	decodeFlowtable,
	decodeLink,
	decodeLinkEvent,
	decodeNeighbour,
	decodeNeighbourEvent,
	deleteConntrackByMark,
	dumpConntrackByMark,
	dumpFlowtables,
	dumpLinks,
	dumpNeighbours,
	NETLINK_ROUTE,
	NetlinkConnection,
	NetlinkEvents,
	RTNLGRP_LINK,
	RTNLGRP_NEIGH,
} from '../../../../agent/netlink/index.ts';
import { ip, netfilter, nft, sendLoopback } from './playground.ts';

export default async function network() {
	const kernel = netfilter();
	const route = new NetlinkConnection({ protocol: NETLINK_ROUTE });
	route.start();
	const heard: string[] = [];
	const listening = new NetlinkEvents({ protocol: NETLINK_ROUTE, groups: [RTNLGRP_LINK, RTNLGRP_NEIGH] });
	const gone = new Promise<void>((resolve) => {
		listening.start(
			(message) => {
				const link = decodeLinkEvent(message);
				const neighbour = decodeNeighbourEvent(message);
				if (link) heard.push(`${link.event} ${link.link.name} ${link.link.up ? 'up' : 'down'}`);
				if (neighbour?.neighbour.address) {
					heard.push(`${neighbour.event} ${neighbour.neighbour.address} ${neighbour.neighbour.mac}`);
				}
				if (link?.event === 'deleted') resolve();
			},
			() => {},
		);
	});

	nft('table inet octroi { chain out { type filter hook output priority 0; udp dport 4000 ct mark set 0x10000\n}; }');
	ip('link', 'set', 'lo', 'up');
	ip('link', 'add', 'br-guest', 'address', '02:00:5e:10:00:fe', 'type', 'bridge');
	ip('link', 'add', 'lan1', 'master', 'br-guest', 'type', 'veth', 'peer', 'name', 'lan1-peer');
	ip('link', 'set', 'br-guest', 'up');
	ip('neighbour', 'add', '203.0.113.7', 'lladdr', '02:00:5e:10:00:07', 'dev', 'br-guest', 'nud', 'permanent');
	ip('neighbour', 'add', '2001:db8:113::7', 'lladdr', '02:00:5e:10:00:07', 'dev', 'br-guest', 'nud', 'stale');
	const links = await route.list(dumpLinks(), decodeLink);
	const neighbours = (await route.list(dumpNeighbours(), decodeNeighbour)).filter((row) => row.mac?.endsWith('07'));
	ip('link', 'delete', 'br-guest');
	await gone;
	listening.stop();

	await sendLoopback(1, 10);
	const marked = { mark: 0x10000, mask: 0xffff_0000 };
	const flows = async (mark: number) => kernel.list(dumpConntrackByMark({ ...marked, mark }), decodeConntrack);
	const tracked = await flows(marked.mark);
	for (const request of deleteConntrackByMark({ ...marked, mark: 0x20000 })) await kernel.request(request);
	const afterOther = await flows(marked.mark);
	const [ipv4, ipv6] = deleteConntrackByMark(marked);
	if (ipv6) await kernel.request(ipv6);
	const afterOtherFamily = await flows(marked.mark);
	if (ipv4) await kernel.request(ipv4);
	return {
		links,
		neighbours,
		heard,
		tracked,
		counts: {
			otherMark: (await flows(0x20000)).length,
			afterOther: afterOther.length,
			afterOtherFamily: afterOtherFamily.length,
			afterFlush: (await flows(marked.mark)).length,
		},
		flowtables: await kernel.list(dumpFlowtables(), decodeFlowtable),
	};
}
