import type { AttributeWriter } from './attribute.ts';
import {
	TCA_FQ_CODEL_ECN,
	TCA_FQ_CODEL_FLOWS,
	TCA_FQ_CODEL_INTERVAL,
	TCA_FQ_CODEL_LIMIT,
	TCA_FQ_CODEL_MEMORY_LIMIT,
	TCA_FQ_CODEL_QUANTUM,
	TCA_FQ_CODEL_TARGET,
	TCA_OPTIONS,
} from './constants.ts';

/** The queue of a class. Each bound is one behind which it drops. */
export type LeafQueue =
	| {
			readonly kind: 'fq_codel';
			readonly limitPackets: number;
			readonly memoryBytes: number;
			readonly flows: number;
			readonly quantumBytes: number;
			/** It begins to drop what has waited for longer. */
			readonly targetMicroseconds: number;
			readonly intervalMicroseconds: number;
			/** Whether it marks before it drops. */
			readonly ecn: boolean;
	  }
	/** Flows share in turn; at most 127 packets of each. */
	| { readonly kind: 'sfq'; readonly limitPackets: number; readonly quantumBytes: number; readonly flows: number }
	/** First in, first out. */
	| { readonly kind: 'bfifo'; readonly limitBytes: number };

/** TCA_OPTIONS of a leaf (linux/pkt_sched.h). @param isNew fq_codel takes its number of flows only when it is made */
export function writeLeafOptions(writer: AttributeWriter, leaf: LeafQueue, isNew: boolean): void {
	if (leaf.kind === 'bfifo') {
		// struct tc_fifo_qopt: limit u32.
		writer.u32le(TCA_OPTIONS, leaf.limitBytes);
	} else if (leaf.kind === 'sfq') {
		// struct tc_sfq_qopt: quantum, perturb_period, limit, divisor, flows. No perturbation: it would reorder flows.
		const options = Buffer.alloc(20);
		options.writeUInt32LE(leaf.quantumBytes, 0);
		options.writeUInt32LE(leaf.limitPackets, 8);
		options.writeUInt32LE(leaf.flows, 16);
		writer.bytes(TCA_OPTIONS, options);
	} else {
		writer.nested(TCA_OPTIONS, (options) => {
			options.u32le(TCA_FQ_CODEL_TARGET, leaf.targetMicroseconds).u32le(TCA_FQ_CODEL_LIMIT, leaf.limitPackets);
			options.u32le(TCA_FQ_CODEL_INTERVAL, leaf.intervalMicroseconds).u32le(TCA_FQ_CODEL_ECN, leaf.ecn ? 1 : 0);
			options.u32le(TCA_FQ_CODEL_QUANTUM, leaf.quantumBytes);
			if (isNew) options.u32le(TCA_FQ_CODEL_FLOWS, leaf.flows);
			options.u32le(TCA_FQ_CODEL_MEMORY_LIMIT, leaf.memoryBytes);
		});
	}
}
