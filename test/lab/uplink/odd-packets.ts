import { join } from 'node:path';
import type { Namespace } from '../namespace/namespace.ts';
import { LAB_DIRECTORY } from '../namespace/private-namespaces.ts';
import { runProgram } from '../namespace/program.ts';
import { PROJECT_ROOT } from '../project-root.ts';

const PROGRAM = join(LAB_DIRECTORY, 'odd-packets');

/** Compiles what sends them. */
export async function prepareOddPackets(): Promise<void> {
	await runProgram('cc', ['-O2', '-o', PROGRAM, join(PROJECT_ROOT, 'test/lab/uplink/odd-packets.c')]);
}

export type OddPackets = {
	kind: 'echo' | 'solicit' | 'syn' | 'udp' | 'option' | 'fragment' | 'error' | 'odd';
	count: number;
	/** Of payload; of `odd`: at most. */
	bytes: number;
	/** Each packet takes one of both that are of one family. */
	sources: readonly string[];
	destinations: readonly string[];
	/** The identifier of an echo request. */
	sourcePort?: number;
	destinationPort?: number;
	seed?: number;
};

/** Who sends them by hand: the device `eth0` of a namespace, and the hardware addresses of the frames. */
export type Sender = { namespace: Namespace; mac: string; to: string };

/** Sends frames that no stack would. @returns how many, and their bytes of layer 3 */
export async function sendOddPackets(sender: Sender, packets: OddPackets): Promise<{ packets: number; bytes: number }> {
	const { kind, count, bytes, sources, destinations, sourcePort = 0, destinationPort = 0, seed = 1 } = packets;
	const numbers = [kind, count, bytes, seed, sources, destinations, sourcePort, destinationPort].map(String);
	const printed = await sender.namespace.run(PROGRAM, ['eth0', sender.mac, sender.to, ...numbers]);
	const [sent = 0, sum = 0] = printed.trim().split(' ').map(Number);
	return { packets: sent, bytes: sum };
}
