export { BATCH_BYTES_MAX, batchBytes, splitBatches } from './batch.ts';
export { type ConnectionOptions, DUMP_ATTEMPTS_MAX, NetlinkConnection } from './connection.ts';
export {
	type ConntrackEntry,
	decodeConntrack,
	deleteConntrackByMark,
	dumpConntrackByMark,
	type MarkFilter,
} from './conntrack.ts';
export * from './constants.ts';
export { type CounterVisit, visitCounters } from './counter-visitor.ts';
export { type EventsOptions, NetlinkEvents } from './events.ts';
export { ipAddressBytes, ipAddressText } from './ip-address.ts';
export type { NetlinkMessage, NetlinkRequest } from './message.ts';
export { decodeNfTablesEvent, type NfTablesEvent } from './nf-tables-event.ts';
export { decodeFlowtable, dumpFlowtables, encodeFlowtable, type Flowtable } from './nf-tables-flowtable.ts';
export {
	type CounterObject,
	counterObject,
	decodeObject,
	deleteObject,
	dumpObjects,
	type Existing,
	encodeObject,
	getObject,
	type LimitObject,
	limitObject,
	type NfTablesObject,
	type ObjectKind,
	type QuotaObject,
	quotaObject,
} from './nf-tables-object.ts';
export { xtablesQueueRule } from './nf-tables-rule.ts';
export {
	decodeSetElements,
	deleteSetElements,
	dumpSetElements,
	elementAt,
	encodeSetElements,
	flushSet,
	getSetElement,
	type SetElement,
	type SetElements,
	setElements,
} from './nf-tables-set-element.ts';
export {
	decodeTable,
	deleteTable,
	dumpTables,
	encodeTable,
	getTable,
	type NfTablesTable,
} from './nf-tables-table.ts';
export { PacketQueue, type QueueListener, type QueueOptions } from './packet-queue.ts';
export type { QueuedPacket } from './queue-packet.ts';
export { type Refusal, refusalOf } from './refusal.ts';
export { isDefaultRouteEvent } from './route-default.ts';
export { decodeRoute, getRoute, type Route } from './route-get.ts';
export {
	decodeLink,
	decodeLinkEvent,
	dumpLinks,
	encodeLink,
	getLink,
	type Link,
	type LinkEvent,
} from './route-link.ts';
export {
	decodeNeighbour,
	decodeNeighbourEvent,
	deleteNeighbour,
	dumpNeighbours,
	encodeNeighbour,
	getBridgeEntry,
	getNeighbour,
	type Neighbour,
	type NeighbourEvent,
	type NeighbourState,
	probeNeighbour,
	resolveNeighbour,
} from './route-neighbour.ts';
export type { NetlinkSocket, SocketListener } from './socket.ts';
export {
	extendedErrorsAvailable,
	limitFreeMemory,
	setSocketOption,
	socketsOfProcess,
} from './socket-option.ts';
export {
	decodeHtbClass,
	deleteClass,
	dumpClasses,
	encodeHtbClass,
	type HtbClass,
	type HtbClassFigures,
	setHtbClass,
} from './tc-class.ts';
export type { LeafQueue } from './tc-leaf.ts';
export type { QueueFigures } from './tc-message.ts';
export {
	decodeQdisc,
	deleteRoot,
	encodeHtbRoot,
	getRoot,
	type HtbRoot,
	newHtbRoot,
	probeQdisc,
	type Qdisc,
	setLeafQueue,
} from './tc-qdisc.ts';
