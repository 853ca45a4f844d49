import { runInNamespace } from '../../kernel-namespace.ts';
import { writeCaptured } from './captured-file.ts';

/**
 * Makes the files in captured/ anew from the kernel of this machine: `node build/test/agent/netlink/capture.js`.
 * Needs root or user namespaces, nft and ip. Everything happens in a network namespace that vanishes afterwards.
 */
const files = await runInNamespace<Record<string, { comment: string; datagrams: string[] }>>(
	new URL('./kernel/capture-all.js', import.meta.url),
);
for (const [name, { comment, datagrams }] of Object.entries(files)) {
	console.log(`${datagrams.length} datagrams in ${writeCaptured(name, comment, datagrams)}`);
}
