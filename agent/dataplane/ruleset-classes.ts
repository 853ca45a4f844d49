import { freeBitOf, tetheredBitOf } from './mark.ts';
import { QUEUE_CHAIN, queueCounter } from './names.ts';
import type { RulesetOptions } from './ruleset-options.ts';
import { drop } from './ruleset-refusals.ts';
import { bothFamilies, deviceSet, hex } from './ruleset-text.ts';

/** A page may begin so many flows at once, in seconds of the rate. */
const BURST_SECONDS = 2;

/** Only these have ports; a flow of others has one packet at a time, as a rule. */
const FLOW = 'IP saddr . th sport . IP daddr . th dport . meta l4proto';

/**
 * Judges the first packet of a flow of a station with a right: own, or tethered. Nothing here lets it through or stops it:
 * whatever happens to the queue, the packet goes on to the forward hook, where its flow is metered, as `own`. Only a connection
 * that is asked for again while it waits is dropped.
 *
 * A chain of type nat sees no packet but the first of each flow, so later ones pay nothing. The reader of the queue answers with
 * a bit in the packet's mark and "repeat": the packet enters the same chains again, ends in `judged`, and gets the binding that
 * every new flow gets in this hook (even when nothing is translated). The bit moves to the conntrack mark at once, before the
 * packet is routed, so that nobody's rules of routing by mark ever see it.
 */
export function classChains({ metered, free, mask, tethered }: RulesetOptions): string[] {
	if (tethered === undefined) return [];
	const isTethered = tetheredBitOf(mask);
	const isOwn = freeBitOf(mask);
	const both = (isTethered | isOwn) >>> 0;
	const rate = tethered.flowsPerSecond;
	const inside = deviceSet([...metered, ...free]);
	return [
		"\t# After the router's own translation of destinations.",
		'\tchain classifying {',
		'\t\ttype nat hook prerouting priority dstnat + 10; policy accept;',
		...(metered.length > 0 ? [`\t\tiif ${deviceSet(metered)} ether saddr @entitled goto first_packet`] : []),
		'\t}',
		'\tchain first_packet {',
		`\t\tmeta mark and ${hex(both)} != 0 goto judged`,
		'\t\tfib daddr type != unicast accept',
		...(metered.length > 0 ? [`\t\tfib daddr oif ${inside} accept`] : []),
		'\t\tether saddr @pinned_own accept',
		'\t\tether saddr @pinned_tethered goto tethered',
		'\t\t# The flow waits for its verdict already. Whichever of its packets left first would decide its class: so all wait. Of a',
		'\t\t# connection only one can leave, and the others would be metered: they are asked for again.',
		...bothFamilies(`\t\tmeta l4proto tcp ${FLOW} @waiting# ${drop('waiting')}`),
		...bothFamilies(`\t\tmeta l4proto udp ${FLOW} @waiting# goto ${QUEUE_CHAIN}`),
		`\t\tupdate @judging { ether saddr limit rate ${rate}/second burst ${rate * BURST_SECONDS} packets } goto ${QUEUE_CHAIN}`,
		'\t\t# More new flows than are looked at: as the station was judged before.',
		`\t\tcounter name "${queueCounter.shed}"`,
		'\t\tether saddr @tethering goto tethered',
		'\t}',
		`\tchain ${QUEUE_CHAIN} {`,
		...bothFamilies(`\t\tmeta l4proto { tcp, udp } add @waiting# { ${FLOW} }`),
		`\t\tcounter name "${queueCounter.offered}"`,
		...(tethered.native ? [`\t\tqueue num ${tethered.queue} bypass`] : []),
		'\t}',
		'\tchain judged {',
		`\t\tmeta mark and ${hex(isTethered)} != 0 ct mark set ct mark or ${hex(isTethered)}`,
		`\t\tmeta mark set meta mark and ${hex(~both >>> 0)}`,
		'\t}',
		'\tchain tethered {',
		`\t\tct mark set ct mark or ${hex(isTethered)}`,
		'\t}',
	];
}
