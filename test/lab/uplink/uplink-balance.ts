import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { HANG_MS, until } from '../until.ts';
import type { UplinkWitness } from './uplink-witness.ts';

/** Who sends. */
export type Side = 'station' | 'internet';

type Ends = { readonly agent: AgentHandle; readonly witness: UplinkWitness };

/** What was seen at both ends less what meters have, of the odd packets of one side. */
export class UplinkBalance {
	readonly #ends: Ends;
	readonly #side: Side;
	#before = { up: NaN, down: NaN, paid: { up: NaN, down: NaN } };

	constructor(ends: Ends, side: Side) {
		this.#ends = ends;
		this.#side = side;
	}

	async begin(): Promise<void> {
		this.#before = await this.#read();
	}

	/** Begins anew, too. @returns bytes of each direction that no meter has, and those that a meter has */
	async end(): Promise<{ up: number; down: number; metered: number }> {
		const before = this.#before;
		const after = await this.#read();
		this.#before = after;
		const paid = { up: after.paid.up - before.paid.up, down: after.paid.down - before.paid.down };
		// What the router says to a station that sends comes by no uplink.
		const down = this.#side === 'station' ? 0 : after.down - before.down - paid.down;
		return { up: after.up - before.up - paid.up, down, metered: paid.up + paid.down };
	}

	async #read() {
		const { witness, agent } = this.#ends;
		const [up, down] = await Promise.all([witness.readUp(), witness.readDown()]);
		// Who asks from the internet is answered; a station must not be, by this way.
		const answers = this.#side === 'station' ? up.answers : 0;
		return { up: up.other + answers, down: down.other, paid: await meteredBytes(agent) };
	}
}

const SETTLE_TIMEOUT_MS = HANG_MS;
const SETTLE_MS = 300;

/** What the agent has counted of all stations, of every class, when it does not change any more. */
export async function meteredBytes(agent: AgentHandle): Promise<{ up: number; down: number }> {
	let last = '';
	let sums = { up: 0, down: 0 };
	await until('the figures of the agent to stand still', SETTLE_TIMEOUT_MS, async () => {
		const rows = await agent.stations();
		const sum = (direction: 'upBytes' | 'downBytes') =>
			rows.reduce((total, row) => total + row[direction] + (row.zeroRated?.[direction] ?? 0), 0);
		sums = { up: sum('upBytes'), down: sum('downBytes') };
		const text = JSON.stringify(sums);
		if (text === last) return true;
		last = text;
		await delay(SETTLE_MS);
		return false;
	});
	return sums;
}
