import type { Namespace } from '../namespace/namespace.ts';
import type { Station } from '../station.ts';
import { until } from '../until.ts';

const STILL_TIMEOUT_MS = 30_000;
/** A resolver answers, or gives a question up, well before. */
const STILL_MS = 1500;

const RULESET = `table inet lab_names {
	counter up { }
	counter down { }
	chain sent { type filter hook postrouting priority 0; oifname "eth0" meta l4proto { tcp, udp } th dport { 53, 853 } counter name "up"; }
	chain received { type filter hook prerouting priority raw; iifname "eth0" meta l4proto { tcp, udp } th sport { 53, 853 } counter name "down"; }
}
`;

/** Counts a station's names where Octroi has no hand: layer-3 bytes of all packets to and from a resolver, at the station itself. */
export class NameWitness {
	readonly #namespace: Namespace;

	private constructor(namespace: Namespace) {
		this.#namespace = namespace;
	}

	static async start({ namespace }: Station): Promise<NameWitness> {
		await namespace.nft(RULESET);
		return new NameWitness(namespace);
	}

	/** Both directions, when nothing more comes. */
	async bytes(): Promise<number> {
		let last = await this.#read();
		await until(
			`the names of ${this.#namespace.name} to be still`,
			STILL_TIMEOUT_MS,
			async () => {
				const now = await this.#read();
				const isStill = now === last;
				last = now;
				return isStill;
			},
			STILL_MS,
		);
		return last;
	}

	async #read(): Promise<number> {
		return await counterBytes(this.#namespace, 'lab_names');
	}
}

/** The sum of a table's named counters; of one of them, if it is named. */
export async function counterBytes(space: Namespace, table: string, counter?: string): Promise<number> {
	const text = await space.run('nft', ['-j', 'list', 'counters', 'table', 'inet', table]);
	const { nftables } = JSON.parse(text) as { nftables: { counter?: { name: string; bytes: number } }[] };
	return nftables.reduce(
		(sum, { counter: found }) => sum + (found && (counter ?? found.name) === found.name ? found.bytes : 0),
		0,
	);
}
