import { DataPlane } from '../../../../agent/dataplane/data-plane.ts';
import type { GateEvents } from '../../../../agent/meter/gate.ts';
import { bytesRight, dataPlaneOptions, member } from './playground.ts';
import { makeRouter, passes, STATION_MAC, until } from './router.ts';

/** A ping of 84 bytes and its answer. */
const PING_BYTES = 168;

/** What the kernel tells by itself when a grant and then its reserve are used up. */
export default async function depletion() {
	const router = await makeRouter();
	const told: string[] = [];
	const events: GateEvents = {
		lowWater: (pool) => told.push(`low water ${pool}`),
		depleted: (pool) => told.push(`depleted ${pool}`),
		resynchronise() {},
		tableReplaced() {},
	};
	const plane = new DataPlane(dataPlaneOptions([]));
	await plane.start(events);
	// Three pings fit into the grant; the next three need the reserve.
	const right = bytesRight(3 * PING_BYTES + 10, 3 * PING_BYTES + 10);
	await plane.gate.apply({ pool: 7, meters: [member(1, STATION_MAC)], right });
	const passed: boolean[] = [passes(router)];
	await plane.gate.read(7, []);
	const toldFirst = [...told];
	passed.push(passes(router));
	await until('the low water is told', () => told.length > 0);
	const toldSecond = [...told];
	passed.push(passes(router));
	await until('the end is told', () => told.length > 1);
	plane.stop();
	return { passed, toldFirst, toldSecond, told };
}
