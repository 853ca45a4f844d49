import {
	counterObject,
	decodeNfTablesEvent,
	decodeObject,
	dumpObjects,
	extendedErrorsAvailable,
	NETLINK_NETFILTER,
	NetlinkEvents,
	NFNLGRP_NFTABLES,
	quotaObject,
} from '../../../../agent/netlink/index.ts';
import { ip, makeTable, netfilter, nft, sendLoopback, TABLE } from './playground.ts';

export default async function events() {
	makeTable();
	const kernel = netfilter();
	await kernel.batch([quotaObject(TABLE, 'q1', { limitBytes: 1000, over: true })]);
	ip('link', 'set', 'lo', 'up');
	nft(`table inet ${TABLE} { chain out { type filter hook output priority 0; quota name "q1" counter\n}; }`);
	const depletion = await depletedQuota();
	return { depletion, ...(await lostEvents()), ...(await deletedTable()) };

	async function depletedQuota() {
		const listening = new NetlinkEvents({ protocol: NETLINK_NETFILTER, groups: [NFNLGRP_NFTABLES] });
		const depleted = new Promise((resolve) => {
			listening.start(
				(message) => {
					const event = decodeNfTablesEvent(message);
					if (event?.event === 'object-new' && event.object.kind === 'quota') resolve(event.object);
				},
				() => {},
			);
		});
		await sendLoopback(3, 500);
		const object = await depleted;
		listening.stop();
		return object;
	}

	/** nft runs while we do not read; thousands of events do not fit into a small buffer. */
	async function lostEvents() {
		if (!extendedErrorsAvailable()) return { wasLost: undefined, counterCount: undefined };
		const listening = new NetlinkEvents({
			protocol: NETLINK_NETFILTER,
			groups: [NFNLGRP_NFTABLES],
			receiveBufferBytes: 8192,
		});
		let heard = 0;
		const lost = new Promise<boolean>((resolve) => {
			listening.start(
				() => heard++,
				() => resolve(true),
			);
		});
		const names = Array.from({ length: 3000 }, (_, index) => `u${index + 100}`);
		// Root of a user namespace cannot widen the send buffer, and so not load all of them at once.
		for (let first = 0; first < names.length; first += 500) {
			const part = names.slice(first, first + 500);
			nft(part.map((name) => `add counter inet ${TABLE} ${name}`).join('\n'));
		}
		const wasLost = await lost;
		// The owner dumps anew and then knows all; and events still come.
		const counters = await kernel.list(dumpObjects(TABLE, 'counter'), decodeObject);
		const before = heard;
		await kernel.batch([counterObject(TABLE, 'u99')]);
		while (heard === before) await new Promise(setImmediate);
		listening.stop();
		return { wasLost, counterCount: counters.length };
	}

	async function deletedTable() {
		const listening = new NetlinkEvents({ protocol: NETLINK_NETFILTER, groups: [NFNLGRP_NFTABLES] });
		const heard: string[] = [];
		const deleted = new Promise<void>((resolve) => {
			listening.start(
				(message) => {
					const event = decodeNfTablesEvent(message);
					if (event === undefined) return;
					if ('table' in event) heard.push(`${event.event} ${event.table.table}`);
					if (event.event === 'table-deleted') resolve();
				},
				() => {},
			);
		});
		nft('add table inet other');
		nft(`delete table inet ${TABLE}`);
		await deleted;
		listening.stop();
		return { tables: heard };
	}
}
