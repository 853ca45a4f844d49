/**
 * The kernel's numbers by the kernel's names, from its user headers: linux/netlink.h, linux/netfilter/nfnetlink.h,
 * linux/netfilter/nf_tables.h, linux/netfilter/nf_tables_compat.h, linux/netfilter/nfnetlink_conntrack.h, linux/netfilter/nfnetlink_queue.h, linux/rtnetlink.h, linux/neighbour.h, linux/if_link.h.
 * Only what Octroi uses; these numbers are frozen by the kernel's promise to user space.
 */

// Protocols and socket options (linux/netlink.h, asm-generic/socket.h).
export const NETLINK_ROUTE = 0;
export const NETLINK_NETFILTER = 12;
export const SOL_SOCKET = 1;
export const SO_RCVBUFFORCE = 33;
export const SOL_NETLINK = 270;
export const NETLINK_NO_ENOBUFS = 5;
export const NETLINK_CAP_ACK = 10;
export const NETLINK_EXT_ACK = 11;

// Messages and their flags (linux/netlink.h).
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLMSG_OVERRUN = 4;
export const NLMSG_MIN_TYPE = 16;
export const NLM_F_REQUEST = 0x1;
export const NLM_F_MULTI = 0x2;
export const NLM_F_ACK = 0x4;
export const NLM_F_ECHO = 0x8;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP = 0x300;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;
export const NLM_F_CAPPED = 0x100;
export const NLM_F_ACK_TLVS = 0x200;
export const NLMSGERR_ATTR_MSG = 1;
export const NLMSGERR_ATTR_OFFS = 2;
/** The two high bits of an attribute's type are flags (nested, byte order), not type. */
export const NLA_TYPE_MASK = 0x3fff;

// Address families (linux/socket.h, linux/netfilter.h).
export const AF_UNSPEC = 0;
export const NFPROTO_INET = 1;
export const AF_INET = 2;
export const AF_BRIDGE = 7;
export const AF_INET6 = 10;

// nfnetlink (linux/netfilter/nfnetlink.h).
export const NFNL_SUBSYS_CTNETLINK = 1;
export const NFNL_SUBSYS_QUEUE = 3;
export const NFNL_SUBSYS_NFTABLES = 10;
export const NFNL_MSG_BATCH_BEGIN = 16;
export const NFNL_MSG_BATCH_END = 17;
export const NFNLGRP_NFTABLES = 7;

// nf_tables messages; the full type on the wire is the subsystem << 8 | message.
const nfTables = NFNL_SUBSYS_NFTABLES << 8;
export const NFT_MSG_NEWTABLE = nfTables | 0;
export const NFT_MSG_GETTABLE = nfTables | 1;
export const NFT_MSG_DELTABLE = nfTables | 2;
export const NFT_MSG_NEWRULE = nfTables | 6;
export const NFT_MSG_DELRULE = nfTables | 8;
export const NFT_MSG_NEWSETELEM = nfTables | 12;
export const NFT_MSG_GETSETELEM = nfTables | 13;
export const NFT_MSG_DELSETELEM = nfTables | 14;
export const NFT_MSG_NEWOBJ = nfTables | 18;
export const NFT_MSG_GETOBJ = nfTables | 19;
export const NFT_MSG_DELOBJ = nfTables | 20;
export const NFT_MSG_NEWFLOWTABLE = nfTables | 22;
export const NFT_MSG_GETFLOWTABLE = nfTables | 23;
export const NFT_MSG_DELFLOWTABLE = nfTables | 24;

// nf_tables attributes.
export const NFTA_TABLE_NAME = 1;
export const NFTA_TABLE_FLAGS = 2;
export const NFTA_TABLE_USE = 3;
export const NFTA_TABLE_HANDLE = 4;
export const NFTA_TABLE_USERDATA = 6;
export const NFTA_OBJ_TABLE = 1;
export const NFTA_OBJ_NAME = 2;
export const NFTA_OBJ_TYPE = 3;
export const NFTA_OBJ_DATA = 4;
export const NFTA_OBJ_USE = 5;
export const NFTA_OBJ_HANDLE = 6;
export const NFT_OBJECT_COUNTER = 1;
export const NFT_OBJECT_QUOTA = 2;
export const NFT_OBJECT_LIMIT = 4;
export const NFTA_COUNTER_BYTES = 1;
export const NFTA_COUNTER_PACKETS = 2;
export const NFTA_QUOTA_BYTES = 1;
export const NFTA_QUOTA_FLAGS = 2;
export const NFTA_QUOTA_CONSUMED = 4;
export const NFT_QUOTA_F_INV = 1;
export const NFT_QUOTA_F_DEPLETED = 2;
export const NFTA_LIMIT_RATE = 1;
export const NFTA_LIMIT_UNIT = 2;
export const NFTA_LIMIT_BURST = 3;
export const NFTA_LIMIT_TYPE = 4;
export const NFTA_LIMIT_FLAGS = 5;
export const NFT_LIMIT_PKT_BYTES = 1;
export const NFT_LIMIT_F_INV = 1;
export const NFTA_SET_ELEM_LIST_TABLE = 1;
export const NFTA_SET_ELEM_LIST_SET = 2;
export const NFTA_SET_ELEM_LIST_ELEMENTS = 3;
export const NFTA_LIST_ELEM = 1;
export const NFTA_SET_ELEM_KEY = 1;
export const NFTA_SET_ELEM_DATA = 2;
export const NFTA_SET_ELEM_TIMEOUT = 4;
export const NFTA_SET_ELEM_EXPIRATION = 5;
export const NFTA_SET_ELEM_OBJREF = 9;
export const NFTA_DATA_VALUE = 1;
export const NFTA_FLOWTABLE_TABLE = 1;
export const NFTA_FLOWTABLE_NAME = 2;
export const NFTA_FLOWTABLE_HOOK = 3;
export const NFTA_FLOWTABLE_USE = 4;
export const NFTA_FLOWTABLE_HANDLE = 5;
export const NFTA_FLOWTABLE_FLAGS = 7;
export const NFTA_FLOWTABLE_HOOK_NUM = 1;
export const NFTA_FLOWTABLE_HOOK_PRIORITY = 2;
export const NFTA_FLOWTABLE_HOOK_DEVS = 3;
export const NFTA_DEVICE_NAME = 1;
/** From Linux 6.16 on: all devices whose names begin so. */
export const NFTA_DEVICE_PREFIX = 2;

export const NFTA_RULE_TABLE = 1;
export const NFTA_RULE_CHAIN = 2;
export const NFTA_RULE_EXPRESSIONS = 4;
export const NFTA_EXPR_NAME = 1;
export const NFTA_EXPR_DATA = 2;
export const NFTA_TARGET_NAME = 1;
export const NFTA_TARGET_REV = 2;
export const NFTA_TARGET_INFO = 3;

// Packets handed to user space.
const queue = NFNL_SUBSYS_QUEUE << 8;
export const NFQNL_MSG_PACKET = queue | 0;
export const NFQNL_MSG_VERDICT = queue | 1;
export const NFQNL_MSG_CONFIG = queue | 2;
export const NFQNL_MSG_VERDICT_BATCH = queue | 3;
export const NFQA_PACKET_HDR = 1;
export const NFQA_VERDICT_HDR = 2;
export const NFQA_MARK = 3;
export const NFQA_IFINDEX_INDEV = 5;
export const NFQA_HWADDR = 9;
export const NFQA_PAYLOAD = 10;
export const NFQA_CAP_LEN = 13;
export const NFQA_CFG_CMD = 1;
export const NFQA_CFG_PARAMS = 2;
export const NFQA_CFG_QUEUE_MAXLEN = 3;
export const NFQA_CFG_MASK = 4;
export const NFQA_CFG_FLAGS = 5;
export const NFQA_CFG_F_FAIL_OPEN = 0x1;
export const NFQA_CFG_F_GSO = 0x4;
export const NFQNL_CFG_CMD_BIND = 1;
export const NFQNL_COPY_PACKET = 2;
export const NF_ACCEPT = 1;
export const NF_REPEAT = 4;

// Connection tracking.
export const IPCTNL_MSG_CT_NEW = NFNL_SUBSYS_CTNETLINK << 8;
export const IPCTNL_MSG_CT_GET = IPCTNL_MSG_CT_NEW | 1;
export const IPCTNL_MSG_CT_DELETE = IPCTNL_MSG_CT_NEW | 2;
export const CTA_TUPLE_ORIG = 1;
export const CTA_MARK = 8;
export const CTA_ID = 12;
export const CTA_MARK_MASK = 21;
export const CTA_TUPLE_IP = 1;
export const CTA_TUPLE_PROTO = 2;
export const CTA_IP_V4_SRC = 1;
export const CTA_IP_V4_DST = 2;
export const CTA_IP_V6_SRC = 3;
export const CTA_IP_V6_DST = 4;
export const CTA_PROTO_NUM = 1;
export const CTA_PROTO_SRC_PORT = 2;
export const CTA_PROTO_DST_PORT = 3;

// Links and neighbours.
export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;
export const RTM_NEWNEIGH = 28;
export const RTM_DELNEIGH = 29;
export const RTM_GETNEIGH = 30;
export const RTNLGRP_LINK = 1;
export const RTNLGRP_NEIGH = 3;
export const IFF_UP = 0x1;
export const IFLA_ADDRESS = 1;
export const IFLA_IFNAME = 3;
export const IFLA_MASTER = 10;
export const IFLA_LINKINFO = 18;
export const IFLA_EXT_MASK = 29;
/** Within IFLA_LINKINFO; in the second, of a link of the kind `bridge`. */
export const IFLA_INFO_KIND = 1;
export const IFLA_INFO_DATA = 2;
export const IFLA_BR_MCAST_SNOOPING = 23;
export const RTEXT_FILTER_SKIP_STATS = 8;
export const NDA_DST = 1;
export const NDA_LLADDR = 2;
export const NDA_MASTER = 9;
/** Of the flags of a neighbour: as if something were sent there. */
export const NTF_USE = 0x01;
export const NUD_INCOMPLETE = 0x01;
export const NUD_REACHABLE = 0x02;
export const NUD_STALE = 0x04;
export const NUD_DELAY = 0x08;
export const NUD_PROBE = 0x10;
export const NUD_FAILED = 0x20;
export const NUD_NOARP = 0x40;
export const NUD_PERMANENT = 0x80;

// Queueing disciplines and classes (linux/rtnetlink.h, linux/pkt_sched.h, linux/gen_stats.h).
export const RTM_NEWROUTE = 24;
export const RTM_DELROUTE = 25;
export const RTM_GETROUTE = 26;
export const RTA_DST = 1;
export const RTA_OIF = 4;
export const RTA_GATEWAY = 5;
export const RTA_VIA = 18;
export const RTM_NEWQDISC = 36;
export const RTM_DELQDISC = 37;
export const RTM_GETQDISC = 38;
export const RTM_NEWTCLASS = 40;
export const RTM_DELTCLASS = 41;
export const RTM_GETTCLASS = 42;
export const RTNLGRP_TC = 4;
export const RTNLGRP_IPV4_ROUTE = 7;
export const RTNLGRP_IPV6_ROUTE = 11;
export const NLM_F_REPLACE = 0x100;
export const TC_H_ROOT = 0xffff_ffff;
export const TCA_KIND = 1;
export const TCA_OPTIONS = 2;
export const TCA_STATS2 = 7;
export const TCA_STAB = 8;
export const TCA_STAB_BASE = 1;
export const TCA_STATS_BASIC = 1;
export const TCA_STATS_QUEUE = 3;
export const TCA_HTB_PARMS = 1;
export const TCA_HTB_INIT = 2;
export const TCA_HTB_DIRECT_QLEN = 5;
export const TCA_HTB_RATE64 = 6;
export const TCA_HTB_CEIL64 = 7;
export const TC_HTB_PROTOVER = 3;
export const TC_LINKLAYER_ETHERNET = 1;
export const TCA_FQ_CODEL_TARGET = 1;
export const TCA_FQ_CODEL_LIMIT = 2;
export const TCA_FQ_CODEL_INTERVAL = 3;
export const TCA_FQ_CODEL_ECN = 4;
export const TCA_FQ_CODEL_FLOWS = 5;
export const TCA_FQ_CODEL_QUANTUM = 6;
export const TCA_FQ_CODEL_MEMORY_LIMIT = 9;
