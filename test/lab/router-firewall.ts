import type { Namespace } from './namespace/namespace.ts';

/**
 * The firewall that an OpenWrt router has beside us: two zones, `lan` may go out through `wan`, established flows pass first. Its
 * base chains and the order of their rules are those that firewall4 renders from OpenWrt's default configuration, without flow
 * offloading (openwrt/firewall4, tests/01_configuration/01_ruleset): also the empty ones, for every packet passes through them.
 */
const FIREWALL = `table inet lab_firewall {
	chain input {
		type filter hook input priority filter; policy drop;
		iif "lo" accept
		ct state vmap { established : accept, related : accept }
		iifname "br-lan" accept
		meta l4proto ipv6-icmp accept
		iifname "wan" drop
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state vmap { established : accept, related : accept }
		iifname "br-lan" jump forward_lan
		iifname "wan" jump forward_wan
	}
	chain forward_lan {
		jump accept_to_wan
		oifname "br-lan" counter accept
	}
	chain forward_wan {
		meta nfproto ipv6 icmpv6 type { 128, 129, 1, 3 } limit rate 1000/second counter accept
		meta l4proto esp counter oifname "br-lan" accept
		udp dport 500 counter oifname "br-lan" accept
		oifname "wan" counter drop
	}
	chain accept_to_wan {
		meta nfproto ipv4 oifname "wan" ct state invalid counter drop
		oifname "wan" counter accept
	}
	chain output {
		type filter hook output priority filter; policy accept;
		oif "lo" accept
		ct state vmap { established : accept, related : accept }
	}
	chain prerouting {
		type filter hook prerouting priority filter; policy accept;
		iifname "br-lan" jump helper_lan
	}
	chain helper_lan {
	}
	chain dstnat {
		type nat hook prerouting priority dstnat; policy accept;
	}
	chain raw_prerouting {
		type filter hook prerouting priority raw; policy accept;
	}
	chain raw_output {
		type filter hook output priority raw; policy accept;
	}
	chain mangle_prerouting {
		type filter hook prerouting priority mangle; policy accept;
	}
	chain mangle_postrouting {
		type filter hook postrouting priority mangle; policy accept;
		oifname "wan" tcp flags & (fin | syn | rst) == syn tcp option maxseg size set rt mtu
	}
	chain mangle_forward {
		type filter hook forward priority mangle; policy accept;
		iifname "wan" tcp flags & (fin | syn | rst) == syn tcp option maxseg size set rt mtu
	}
}
`;

/** What the router lets in from the internet: OpenWrt's default lets its own addresses be pinged. */
export type WanInput = 'as-rendered' | 'ping' | 'drop';

const WAN_RULES: Record<WanInput, string> = {
	'as-rendered': 'meta l4proto ipv6-icmp accept',
	ping: 'icmp type echo-request accept\n\t\tmeta l4proto ipv6-icmp accept',
	drop: 'icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept',
};

/** Loads it; NAT stays with the lab's own table. */
export async function loadRouterFirewall(router: Namespace, wan: WanInput = 'as-rendered'): Promise<void> {
	await router.nft(FIREWALL.replace(WAN_RULES['as-rendered'], WAN_RULES[wan]));
}

/** Takes its hooks out, or puts them back. */
export async function setRouterFirewall(router: Namespace, isOn: boolean): Promise<void> {
	await router.nft(isOn ? 'add table inet lab_firewall\n' : 'add table inet lab_firewall { flags dormant; }\n');
}
