import { OctroiError } from '../core/octroi-error.ts';
import { decodeLink, decodeQdisc, dumpLinks, getRoot, type NetlinkConnection, refusalOf } from '../netlink/index.ts';
import { CLASS_MAJOR } from './class-rate.ts';
import { type LeafKind, probeAbilities } from './leaf.ts';

const LEAF_WORDS: Record<LeafKind, string> = {
	fq_codel: 'htb with fq_codel',
	sfq: 'htb with sfq',
	bfifo: 'htb with first in, first out: the flows of a slowed station wait for each other (better: fq_codel)',
};

/**
 * What would hold the speeds of plans on this machine, in words.
 *
 * @param devices those on which they would queue
 * @throws OctroiError `feature_missing` if the kernel has no htb, or somebody else queues on one of the devices; `netlink_*`
 */
export async function describeShaping(route: NetlinkConnection, devices: readonly string[]): Promise<string> {
	const links = new Map((await route.list(dumpLinks(), decodeLink)).map((link) => [link.name, link.interfaceIndex]));
	const { htb, leaf } = await probeAbilities(route, links.get('lo') ?? 1);
	if (!htb) throw new OctroiError('feature_missing', 'no htb: speeds are held by dropping packets');
	const foreign: string[] = [];
	for (const device of devices) {
		const index = links.get(device);
		const kind = index === undefined ? undefined : await foreignRoot(route, index);
		if (kind !== undefined) foreign.push(`${device} (${kind})`);
	}
	if (foreign.length === 0) return LEAF_WORDS[leaf];
	const list = foreign.join(', ');
	throw new OctroiError(
		'feature_missing',
		`somebody else queues on ${list}: there, speeds are held by dropping packets`,
		{
			fix: 'nothing, if that is wanted: it is left alone. Else take it away (SQM: uci set sqm.@queue[0].enabled=0; service sqm restart)',
		},
	);
}

async function foreignRoot(route: NetlinkConnection, interfaceIndex: number): Promise<string | undefined> {
	try {
		const [message] = await route.get(getRoot(interfaceIndex));
		const root = message && decodeQdisc(message);
		return root && root.handle !== 0 && root.handle >>> 16 !== CLASS_MAJOR ? root.kind : undefined;
	} catch (error) {
		if (refusalOf(error).length > 0) return undefined;
		throw error;
	}
}
