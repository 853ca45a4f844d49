import { macAddressOf } from '../core/mac-address.ts';
import type { MeterId } from '../core/units.ts';
import {
	decodeObject,
	decodeSetElements,
	dumpObjects,
	dumpSetElements,
	type NetlinkConnection,
	type NfTablesObject,
	type SetElement,
	visitCounters,
} from '../netlink/index.ts';
import type { MarkField } from './mark.ts';
import {
	DIRECTIONS,
	type Direction,
	emptyMirror,
	type Mirror,
	meterOf,
	poolOf,
	RIGHT_SETS,
	type StationMark,
} from './mirror.ts';
import { ATTACHED_SET, ENTITLED_SET, readObjectName, stationSet, TABLE } from './names.ts';

const UP = 'u'.charCodeAt(0);
const DOWN = 'd'.charCodeAt(0);
const QUEUE = 'q'.charCodeAt(0);

export type CounterVisitor = (meter: MeterId, direction: Direction, bytes: number) => void;

/** Every counter of our table, in one dump. @throws the `netlink_*` codes */
export async function sampleCounters(
	connection: NetlinkConnection,
	visit: CounterVisitor,
	visitQueue: (counter: number, packets: number) => void = () => undefined,
): Promise<void> {
	await connection.dump(dumpObjects(TABLE, 'counter'), (message) =>
		visitCounters(message, (letter, meter, bytes, packets) => {
			if (letter === UP) visit(meter as MeterId, 'up', bytes);
			else if (letter === DOWN) visit(meter as MeterId, 'down', bytes);
			else if (letter === QUEUE) visitQueue(meter, packets);
		}),
	);
}

/**
 * What our table holds now.
 *
 * @param options `timed` takes how long each element of a time package had been given, and what is left of it
 * @throws the `netlink_*` codes; `netlink_refused` with ENOENT if there is no table
 */
export async function readMirror(
	connection: NetlinkConnection,
	{ field, timed }: { field: MarkField; timed?: Map<MeterId, { givenMs: number; leftMs: number }> },
): Promise<Mirror> {
	const mirror = emptyMirror();
	const elements = (set: string, visit: (element: SetElement, meter: MeterId) => unknown) =>
		connection.dump(dumpSetElements(TABLE, set), (message) => {
			for (const element of decodeSetElements(message).elements) visit(element, field.meterOfKey(element.key));
		});

	await sampleCounters(connection, (meter, direction) => meterOf(mirror, meter).counters.add(direction));
	for (const direction of DIRECTIONS) {
		await elements(`${direction}_of`, (_element, meter) => meterOf(mirror, meter).countedBy.add(direction));
	}
	for (const kind of ['quota', 'limit'] as const) {
		await connection.dump(dumpObjects(TABLE, kind), (message) => noteObject(mirror, decodeObject(message)));
	}
	for (const [index, bit] of field.bits.entries()) {
		await elements(stationSet(index), ({ key }) => {
			const mac = macAddressOf(key);
			mirror.stationMarks.set(mac, (((mirror.stationMarks.get(mac) ?? 0) | bit) >>> 0) as StationMark);
		});
	}
	await elements(ATTACHED_SET, ({ key }) => mirror.attached.add(macAddressOf(key)));
	await elements(ENTITLED_SET, ({ key, timeoutMs }) => {
		mirror.entitled.set(macAddressOf(key), timeoutMs === undefined ? 'lasting' : 'timed');
	});
	for (const [mac, mark] of mirror.stationMarks) meterOf(mirror, field.meterOf(mark)).mac ??= mac;
	for (const set of RIGHT_SETS) {
		await elements(set, ({ object, timeoutMs, expirationMs }, meter) => {
			const state = meterOf(mirror, meter);
			state.rights.add(set);
			const name = object === undefined ? undefined : readObjectName(object);
			if (name) state.pool = name.id;
			if (timeoutMs !== undefined) timed?.set(meter, { givenMs: timeoutMs, leftMs: expirationMs ?? 0 });
		});
	}
	// What is of no meter is not ours to count or to take away.
	mirror.meters.delete(0 as MeterId);
	return mirror;
}

function noteObject(mirror: Mirror, object: NfTablesObject | undefined): void {
	const name = object && readObjectName(object.name);
	if (!name) return;
	const { kind } = name;
	if (kind === 'grant' || kind === 'reserve' || kind === 'tether' || kind === 'own')
		poolOf(mirror, name.id)[kind] = true;
	else if (object.kind === 'limit' && kind !== 'u' && kind !== 'd') {
		poolOf(mirror, name.id)[kind] = object.rateBytesPerSecond;
	}
}
