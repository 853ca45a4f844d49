import type { GateEvents } from '../meter/gate.ts';
import type { NfTablesObject } from '../netlink/index.ts';
import { readObjectName, TABLE, UNDECIDED_ALARM } from './names.ts';

/** A quota that runs over is an event of the kernel: tells it to whoever reserves, or to whoever decides about addresses. */
export function notifyDepletion(object: NfTablesObject, events: GateEvents & { undecided: () => void }): void {
	if (object.kind !== 'quota' || object.table !== TABLE || !object.depleted) return;
	if (object.name === UNDECIDED_ALARM) events.undecided();
	const name = readObjectName(object.name);
	if (name?.kind === 'grant') events.lowWater(name.id);
	else if (name?.kind === 'reserve') events.depleted(name.id);
	else if (name?.kind === 'tether' || name?.kind === 'own') events.partSpent?.(name.id);
}
