import {
	counterObject,
	dumpObjects,
	NETLINK_NETFILTER,
	NetlinkConnection,
	refusalOf,
	splitBatches,
	visitCounters,
} from '../../../../agent/netlink/index.ts';
import { makeTable, netfilter, TABLE } from './playground.ts';

/** Dumps of thousands of counters while another socket changes the table, and one over a tiny receive buffer. */
export default async function concurrency() {
	makeTable();
	const writer = netfilter();
	const reader = netfilter();
	const counters = Array.from({ length: 4096 }, (_, index) => [`u${index + 1}`, `d${index + 1}`])
		.flat()
		.map((name) => counterObject(TABLE, name, { bytes: 1, packets: 1 }));
	for (const batch of splitBatches(counters)) await writer.batch(batch);

	const datagrams = new Set<Buffer>();
	const count = async (connection: NetlinkConnection) => {
		const numbers = new Set<number>();
		let visits = 0;
		await connection.dump(dumpObjects(TABLE, 'counter'), (message) => {
			datagrams.add(message.buffer);
			visitCounters(message, (letter, number) => {
				visits++;
				numbers.add(letter * 100_000 + number);
			});
		});
		return visits === numbers.size ? visits : -1;
	};
	const whole = await count(reader);
	const held = {
		datagrams: datagrams.size,
		bytes: [...datagrams].reduce((sum, { byteLength }) => sum + byteLength, 0),
	};
	let changing = true;
	const changes = (async () => {
		let changed = 0;
		for (; changing; changed++) {
			await writer.batch([counterObject(TABLE, `other-${changed}`)]);
			await new Promise((resolve) => setTimeout(resolve, 1));
		}
		return changed;
	})();
	const during: (number | string | undefined)[] = [];
	for (let round = 0; round < 5; round++) {
		during.push(await count(reader).catch((error) => refusalOf(error)[0]?.errno));
	}
	changing = false;
	const tiny = new NetlinkConnection({ protocol: NETLINK_NETFILTER, receiveBufferBytes: 4096 });
	tiny.start();
	return { whole, held, changed: await changes, during, overTinyBuffer: await count(tiny) };
}
