import {
	BATCH_BYTES_MAX,
	counterObject,
	decodeObject,
	decodeSetElements,
	decodeTable,
	deleteObject,
	deleteSetElements,
	deleteTable,
	dumpObjects,
	dumpSetElements,
	dumpTables,
	elementAt,
	extendedErrorsAvailable,
	getObject,
	getSetElement,
	getTable,
	limitObject,
	type NetlinkRequest,
	quotaObject,
	refusalOf,
	setElements,
	splitBatches,
} from '../../../../agent/netlink/index.ts';
import { makeTable, mark, netfilter, STATION, TABLE } from './playground.ts';

const many = Array.from({ length: 5000 }, (_, index) => index + 10);

export default async function transactions() {
	makeTable();
	const kernel = netfilter();
	const refusals = async (requests: NetlinkRequest[]) => {
		try {
			await kernel.batch(requests);
		} catch (error) {
			return { refusals: refusalOf(error), message: (error as Error).message, code: (error as { code: string }).code };
		}
		return undefined;
	};
	const list = async (kind: 'counter' | 'quota' | 'limit') => kernel.list(dumpObjects(TABLE, kind), decodeObject);
	const [table] = (await kernel.get(getTable(TABLE))).map(decodeTable);

	await kernel.batch([
		counterObject(TABLE, 'u1'),
		quotaObject(TABLE, 'q1', { limitBytes: 1000, usedBytes: 10, over: true }),
		limitObject(TABLE, 'slow', { rateBytesPerSecond: 250_000, burstBytes: 65_536, over: true }),
		...setElements(TABLE, 'quota_of', [{ key: mark(1), object: 'q1', timeoutMs: 3_600_000 }]),
		...setElements(TABLE, 'station', [{ key: STATION, data: mark(1), timeoutMs: 3_600_000 }]),
	]);
	await kernel.batch([quotaObject(TABLE, 'q1', { limitBytes: 5000, over: true, existing: 'update' })]);
	const raised = (await kernel.get(getObject(TABLE, 'q1', 'quota'))).map(decodeObject);
	const [station] = (await kernel.get(getSetElement(TABLE, 'station', STATION))).map(decodeSetElements);

	const refused = await refusals([
		counterObject(TABLE, 'u2'),
		counterObject(TABLE, 'u1'),
		deleteObject(TABLE, 'q1', 'quota'),
		deleteObject(TABLE, 'none', 'quota'),
	]);
	const countersAfterRefusal = (await list('counter')).map((object) => object.name);
	const words = await refusals([counterObject(TABLE, 'x'.repeat(300))]);
	const tooLong = await refusals(Array.from({ length: 4000 }, (_, index) => counterObject(TABLE, `u${index}`)));

	const additions = setElements(
		TABLE,
		'station',
		many.map((meter) => ({ key: address(meter), data: mark(meter) })),
	);
	for (const batch of splitBatches(additions)) await kernel.batch(batch);
	const elements = (await kernel.list(dumpSetElements(TABLE, 'station'), decodeSetElements)).flatMap((l) => l.elements);
	const deletions = deleteSetElements(TABLE, 'station', [
		{ key: address(10) },
		{ key: address(6000) },
		{ key: address(11) },
	]);
	const absent = await refusals(deletions);
	const pointedAt = elementAt(deletions[0] as NetlinkRequest, absent?.refusals[0]?.offset ?? 0)?.key.toString('hex');
	await kernel.batch([
		...deleteSetElements(TABLE, 'quota_of', [{ key: mark(1) }]),
		deleteObject(TABLE, 'q1', 'quota'),
		...setElements(TABLE, 'station', [{ key: STATION, data: mark(1) }], { existing: 'keep' }),
	]);
	const inFlight = await Promise.all([
		list('quota'),
		list('limit'),
		kernel.batch([counterObject(TABLE, 'u3')]),
		list('counter'),
		kernel.get(getObject(TABLE, 'u1', 'counter')),
	]);
	await kernel.batch([deleteTable(TABLE)]);
	const tablesAfter = await kernel.list(dumpTables(), decodeTable);
	return {
		tablesAfter,
		extendedErrors: { loaded: extendedErrorsAvailable(), set: kernel.extendedErrors },
		table,
		raised,
		station: station?.elements.map(({ key, data, timeoutMs }) => ({
			key: key.toString('hex'),
			data: data?.toString('hex'),
			timeoutMs,
		})),
		refused,
		countersAfterRefusal,
		words,
		tooLong: { ...tooLong, limit: BATCH_BYTES_MAX },
		elementCount: elements.length,
		absent,
		pointedAt,
		quotasAtTheEnd: inFlight[0].length,
		answersInFlight: inFlight[4].length,
	};
}

function address(meter: number): Buffer {
	const key = Buffer.from('020000000000', 'hex');
	key.writeUInt32BE(meter, 2);
	return key;
}
