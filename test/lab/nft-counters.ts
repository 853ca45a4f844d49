import type { Namespace } from './namespace/namespace.ts';

type Counted = { readonly packets: number; readonly bytes: number };
type Listing = { readonly nftables: readonly { readonly counter?: Counted & { readonly name: string } }[] };

/**
 * The named counters of a table, as nft has them. `nft list table` reads this table alone. `nft list counters table` reads everything, and begins
 * again when anything changes meanwhile: beside an agent that changes its own sets some times a second it may never end.
 */
export async function nftCounters(
	space: Namespace,
	family: 'inet' | 'netdev',
	table: string,
): Promise<Map<string, Counted>> {
	const text = await space.run('nft', ['-j', 'list', 'table', family, table]);
	const { nftables } = JSON.parse(text) as Listing;
	return new Map(nftables.flatMap(({ counter }) => (counter ? [[counter.name, counter] as const] : [])));
}
