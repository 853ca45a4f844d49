import type { Namespace } from '../namespace/namespace.ts';

/** The handle of Octroi's queueing disciplines. */
const OURS = '6f63:';
/** Stands for somebody else's: passes packets on as they come, like the device itself. */
const SOMEBODY = ['handle', '1:', 'pfifo', 'limit', '1000'];

export type ClassRow = { readonly id: string; readonly bytes: number; readonly packets: number };

/** The router's queueing disciplines as `tc` shows them: by another program than the agent's. */
export class RouterQueues {
	readonly #router: Namespace;

	constructor(router: Namespace) {
		this.#router = router;
	}

	/** Octroi's classes on a device. Lengths are of layer 3, as the agent has them counted. */
	async classes(device: string): Promise<ClassRow[]> {
		const text = await this.#router.run('tc', ['-s', 'class', 'show', 'dev', device]);
		const rows = text.matchAll(/class htb 6f63:(\S+) [^\n]*\n\s+Sent (\d+) bytes (\d+) pkt/g);
		return [...rows].map(([, id = '', bytes, packets]) => ({ id, bytes: Number(bytes), packets: Number(packets) }));
	}

	/** The kinds of the queues that Octroi's classes have. */
	async leaves(device: string): Promise<string[]> {
		const text = await this.#router.run('tc', ['qdisc', 'show', 'dev', device]);
		return [...text.matchAll(/^qdisc (\S+) \S+ parent 6f63:/gm)].map(([, kind = '']) => kind);
	}

	/** The kind of a device's root. */
	async root(device: string): Promise<string> {
		const text = await this.#router.run('tc', ['qdisc', 'show', 'dev', device]);
		return /^qdisc (\S+) (\S+) root/m.exec(text)?.slice(1).join(' ') ?? '';
	}

	async isOurs(device: string): Promise<boolean> {
		return (await this.root(device)) === `htb ${OURS}`;
	}

	/** Somebody puts a queueing discipline of theirs onto the device. */
	async occupy(device: string): Promise<void> {
		await this.#router.run('tc', ['qdisc', 'replace', 'dev', device, 'root', ...SOMEBODY]);
	}

	/** And takes it away. */
	async vacate(device: string): Promise<void> {
		await this.#router.run('tc', ['qdisc', 'del', 'dev', device, 'root']);
	}
}
