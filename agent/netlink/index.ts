export { BATCH_BYTES_MAX, batchBytes, splitBatches } from './batch.ts';
export { ANSWER_TIMEOUT_MS, type ConnectionOptions, DUMP_ATTEMPTS_MAX, NetlinkConnection } from './connection.ts';
export * from './constants.ts';
export { type CounterVisit, visitCounters } from './counter-visitor.ts';
export type { NetlinkMessage, NetlinkRequest } from './message.ts';
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
export {
	decodeSetElements,
	deleteSetElements,
	dumpSetElements,
	encodeSetElements,
	getSetElement,
	type SetElement,
	type SetElements,
	setElements,
} from './nf-tables-set-element.ts';
export { type Refusal, refusalOf } from './refusal.ts';
export { extendedErrorsAvailable } from './socket-option.ts';
