import type { Namespace } from '../namespace/namespace.ts';
import { nftCounters } from '../nft-counters.ts';
import type { Station } from '../station.ts';
import { HANG_MS, until } from '../until.ts';

const STILL_TIMEOUT_MS = HANG_MS;
/** A resolver answers, or gives a question up, well before. */
const STILL_MS = 1500;

const TABLE = 'lab_names';

const STATION_RULES = `table inet ${TABLE} {
	counter down { }
	chain received { type filter hook prerouting priority raw; iifname "eth0" meta l4proto { tcp, udp } th sport { 53, 853 } counter name "down"; }
}
`;

/** Behind all that Octroi and a firewall may drop: what is counted here reaches the resolver. */
const resolverRules = ({ mac, name }: Station) => `table inet ${TABLE}_${name} {
	counter up { }
	chain asked { type filter hook input priority 300; ether saddr ${mac} meta l4proto { tcp, udp } th dport { 53, 853 } counter name "up"; }
}
`;

/**
 * Counts a station's names by rules of its own, as layer-3 bytes: of questions what reaches the resolver, of answers what reaches the
 * station.
 */
export class NameWitness {
	readonly #router: Namespace;
	readonly #station: Station;

	private constructor(router: Namespace, station: Station) {
		this.#router = router;
		this.#station = station;
	}

	static async start(router: Namespace, station: Station): Promise<NameWitness> {
		await Promise.all([station.namespace.nft(STATION_RULES), router.nft(resolverRules(station))]);
		return new NameWitness(router, station);
	}

	/** Both directions, when nothing more comes. */
	async bytes(): Promise<number> {
		let last = await this.#read();
		await until(
			`the names of ${this.#station.name} to be still`,
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
		const { namespace, name } = this.#station;
		return (await counterBytes(namespace, TABLE)) + (await counterBytes(this.#router, `${TABLE}_${name}`));
	}
}

/** The sum of a table's counters. */
async function counterBytes(space: Namespace, table: string): Promise<number> {
	const counters = [...(await nftCounters(space, 'inet', table)).values()];
	return counters.reduce((sum, { bytes }) => sum + bytes, 0);
}
