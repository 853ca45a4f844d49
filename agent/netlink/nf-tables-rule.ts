import { AttributeWriter } from './attribute.ts';
import {
	NFPROTO_INET,
	NFT_MSG_NEWRULE,
	NFTA_EXPR_DATA,
	NFTA_EXPR_NAME,
	NFTA_LIST_ELEM,
	NFTA_RULE_CHAIN,
	NFTA_RULE_EXPRESSIONS,
	NFTA_RULE_TABLE,
	NFTA_TARGET_INFO,
	NFTA_TARGET_NAME,
	NFTA_TARGET_REV,
	NLM_F_APPEND,
	NLM_F_CREATE,
} from './constants.ts';
import type { NetlinkRequest } from './message.ts';
import { nfgenmsg } from './nfnetlink.ts';

/** NFQ_FLAG_BYPASS (linux/netfilter/xt_NFQUEUE.h): where nobody reads the queue, packets go on. */
const NFQ_FLAG_BYPASS = 1;
/** struct xt_NFQ_info_v3: queue u16, queues u16, flags u16; padded to 8 (XT_ALIGN). */
const NFQ_INFO_BYTES = 8;
const NFQ_REVISION = 3;

/**
 * Adds a rule that hands packets to a queue by the xtables target NFQUEUE, which nf_tables runs in a chain of its own
 * (nft_compat). For kernels without `queue`; nft itself cannot write such a rule, and neither program of iptables is needed.
 */
export function xtablesQueueRule(table: string, chain: string, queue: number): NetlinkRequest {
	const writer = new AttributeWriter(nfgenmsg(NFPROTO_INET), 128);
	writer.string(NFTA_RULE_TABLE, table).string(NFTA_RULE_CHAIN, chain);
	const info = Buffer.alloc(NFQ_INFO_BYTES);
	info.writeUInt16LE(queue, 0);
	info.writeUInt16LE(1, 2);
	info.writeUInt16LE(NFQ_FLAG_BYPASS, 4);
	writer.nested(NFTA_RULE_EXPRESSIONS, (rule) =>
		rule.nested(NFTA_LIST_ELEM, (expression) =>
			expression
				.string(NFTA_EXPR_NAME, 'target')
				.nested(NFTA_EXPR_DATA, (target) =>
					target.string(NFTA_TARGET_NAME, 'NFQUEUE').u32be(NFTA_TARGET_REV, NFQ_REVISION).bytes(NFTA_TARGET_INFO, info),
				),
		),
	);
	return {
		type: NFT_MSG_NEWRULE,
		flags: NLM_F_CREATE | NLM_F_APPEND,
		payload: writer.payload(),
		what: `add a rule with the target NFQUEUE to ${chain} in ${table}`,
	};
}
