import { OctroiError } from '../core/octroi-error.ts';
import { type NetlinkConnection, refusalOf, xtablesQueueRule } from '../netlink/index.ts';
import { runNft } from './nft.ts';

/** By which means the kernel hands packets over: its own, or that of xtables, or none. */
export type QueueMode = 'native' | 'xtables' | 'none';

/** What the operator should know. */
export const NO_QUEUE =
	'this kernel can hand no packets to the agent: all flows count as own (it needs CONFIG_NFT_QUEUE, or CONFIG_NFT_COMPAT with CONFIG_NETFILTER_XT_TARGET_NFQUEUE)';

/** A table without a hook: no packet ever meets it. */
const PROBE_TABLE = 'octroi_probe';
const PROBE_CHAIN = 'c';

/** Does the kernel know `queue`? It checks a rule and keeps nothing. @throws OctroiError `feature_missing` (nft), `permission_denied` */
export async function hasNativeQueue(): Promise<boolean> {
	try {
		await runNft(`table inet ${PROBE_TABLE} {\nchain ${PROBE_CHAIN} {\nqueue num 1 bypass\n}\n}\n`, {
			checkOnly: true,
		});
		return true;
	} catch (error) {
		if (error instanceof OctroiError && error.code === 'ruleset_refused') return false;
		throw error;
	}
}

/** Adds the rule of xtables to a chain. @returns false if the kernel has no such target */
export async function addXtablesQueue(
	netfilter: NetlinkConnection,
	{ table, chain, queue }: { table: string; chain: string; queue: number },
): Promise<boolean> {
	try {
		await netfilter.batch([xtablesQueueRule(table, chain, queue)]);
		return true;
	} catch (error) {
		if (refusalOf(error).length === 0) throw error;
		return false;
	}
}

/** What `octroi doctor` tells. Nothing stays behind. @throws OctroiError `feature_missing`, `permission_denied`, `netlink_*` */
export async function probeQueue(netfilter: NetlinkConnection): Promise<QueueMode> {
	if (await hasNativeQueue()) return 'native';
	await runNft(`table inet ${PROBE_TABLE} {\nchain ${PROBE_CHAIN} {\n}\n}\n`);
	try {
		const isThere = await addXtablesQueue(netfilter, { table: PROBE_TABLE, chain: PROBE_CHAIN, queue: 1 });
		return isThere ? 'xtables' : 'none';
	} finally {
		await runNft(`delete table inet ${PROBE_TABLE}\n`);
	}
}
