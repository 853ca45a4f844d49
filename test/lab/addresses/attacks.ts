import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { LEASES_FILE } from '../dhcp-server.ts';
import { arpRequest, dhcpRelease, dhcpRequest, synFrame } from '../frames/ethernet.ts';
import { HostProcess } from '../tether/host-process.ts';
import { ROUTER_LAN_IPV4, ROUTER_LAN_MAC } from '../topology.ts';
import { HANG_MS, until } from '../until.ts';
import { type Change, GUESTS, guest, hex, isLeased, privacyAddress } from './changes.ts';
import type { Tally } from './tally.ts';
import type { Venue } from './venue.ts';

/** Of packets with a customer's hardware address, each by an invented address. */
const INVENTED = 20;
/** Connections that somebody begins between those of the customer whose hardware address he has taken. */
const THEFTS = 3;
/** Longer than the router asks. */
const CLAIMS_MS = 5000;
const CLAIMS_AT_ONCE = 5;

/** Somebody sends with the customer's hardware address and invented addresses: nothing of it leaves, and his next address is his all the same. */
export const invented: Change = async (venue, tally, turn) => {
	const { customer, customerAddress, thief } = venue;
	await tally.served('a flow', customer, customerAddress);
	const before = await venue.stolen();
	const ends = { source: customer.station.mac, destination: ROUTER_LAN_MAC };
	await venue.thiefSends(
		...Array.from({ length: INVENTED }, (_, index) =>
			synFrame(ends, {
				from: `2001:db8:10::bad:${hex(turn)}:${hex(index + 1)}`,
				to: thief.station.server('ipv6'),
				ports: [40_000 + index, 443],
			}),
		),
	);
	await privacyAddress(venue, tally, turn);
	tally.stolenBytes += (await venue.stolen()) - before;
};

/** Somebody releases the customer's lease in his name, and leases his address himself. */
export const forgedRelease: Change = async (venue, tally) => {
	const { customer, customerAddress: address, thief } = venue;
	const { mac } = customer.station;
	const ends = { source: mac, destination: ROUTER_LAN_MAC };
	await venue.thiefSends(dhcpRelease(ends, { mac, address, server: ROUTER_LAN_IPV4 }));
	await until('the lease to be gone', HANG_MS, () => !isLeased(address, mac));
	await thief.ip('address flush dev eth0 scope global');
	const clientId = 'ffdd01';
	const got = await thief.leases({ clientId, address });
	await until('the agent to have seen the lease', HANG_MS, async () => {
		const row = (await venue.agent.stations()).find((one) => one.mac === thief.station.mac);
		return row?.addresses.includes(got) ?? false;
	});
	const before = await venue.stolen();
	if (got === address) tally.forged += 1;
	await thief.connects(got);
	await thief.sheds(got);
	await tally.served('after a forged release', customer, address);
	tally.stolenBytes += (await venue.stolen()) - before;
	const release = { mac: thief.station.mac, address: got, server: ROUTER_LAN_IPV4, clientId };
	await venue.thiefSends(dhcpRelease({ source: thief.station.mac, destination: ROUTER_LAN_MAC }, release));
	await until("the thief's lease to be gone", HANG_MS, () => !isLeased(got, thief.station.mac));
	await customer.ip('neighbour flush dev eth0');
	await customer.leases({ address });
	await tally.served('after he has asked again', customer, address);
};

/** Somebody asks for another lease in a customer's name, as the client of DHCP that the customer is, and spends by it. */
export const forgedRequest: Change = async (venue, tally, turn) => {
	const { other, thief } = venue;
	const { mac, address } = await leaseholder(venue, tally, turn);
	const wanted = freeAddress();
	await venue.thiefSends(dhcpRequest(thief.station.mac, { mac, address: wanted, server: ROUTER_LAN_IPV4 }));
	await until('the forged lease', HANG_MS, () => isLeased(wanted, mac));
	await tally.served('after a forged request', other, address);
	await thefts({ venue, tally, mac }, async () => {
		await thief.wears(wanted);
		return wanted;
	});
	await other.ip('neighbour flush dev eth0');
	await tally.served('after somebody used the forged lease', other, address);
};

/** The same, while somebody says without an end that the customer's address is his, so that the router hears no answer of the customer. */
export const drownedOut: Change = async (venue, tally, turn) => {
	const { other, thief } = venue;
	const { mac, address } = await leaseholder(venue, tally, turn);
	const wanted = freeAddress();
	const claim = arpRequest({ source: thief.station.mac, from: address, address });
	const host = new HostProcess(thief.station.namespace, 'eth0');
	await host.ready();
	let isOver = false;
	const claims = (async () => {
		while (!isOver) {
			await host.send(...Array.from({ length: CLAIMS_AT_ONCE }, () => claim));
			await delay(1);
		}
	})();
	await venue.thiefSends(dhcpRequest(thief.station.mac, { mac, address: wanted, server: ROUTER_LAN_IPV4 }));
	await until('the forged lease', HANG_MS, () => isLeased(wanted, mac));
	await delay(CLAIMS_MS);
	isOver = true;
	await claims;
	host.stop();
	await thefts({ venue, tally, mac }, async () => {
		await thief.wears(wanted);
		return wanted;
	});
	await other.ip('neighbour flush dev eth0');
	await tally.served('after somebody has claimed his address', other, address);
};

/** Of the pool, the first that nobody leases. */
function freeAddress(): string {
	const leases = readFileSync(LEASES_FILE, 'utf8');
	const last = Array.from({ length: 250 }, (_, index) => index + 1).find((one) => !leases.includes(` 10.77.2.${one} `));
	return `10.77.2.${last}`;
}

/** A clone of the customer, by a lease and addresses of its own. */
export const clone: Change = async (venue, tally, turn) => {
	const { customer, customerAddress, thief } = venue;
	const before = await venue.stolen();
	await thief.becomes(customer.station.mac);
	const lease = await thief.leases({ clientId: `ffcc${hex(turn % GUESTS)}` });
	const own = `2001:db8:10::4:${hex(turn)}:1`;
	await thief.wears(own);
	for (const from of [lease, own]) {
		const { outcome, ms } = await thief.connects(from);
		tally.progress(`a clone by ${from}: ${outcome} after ${Math.round(ms)} ms`);
	}
	await thief.becomes(thief.station.mac);
	tally.stolenBytes += (await venue.stolen()) - before;
	await customer.ip('neighbour flush dev eth0');
	await tally.served('the customer beside a clone', customer, customerAddress);
};

/** A clone leases an address in the name of a customer who has none of the DHCP server: a static one, or IPv6 alone. */
export const cloneOfUnleased: Change = async (venue, tally, turn) => {
	const { agent, other, thief } = venue;
	const mac = await guest(agent, other, turn);
	const address = turn % 2 === 0 ? `10.77.10.${1 + (turn % 200)}` : `2001:db8:10::5:${hex(turn)}:1`;
	await other.wears(address);
	await tally.pays('a customer without a lease', other, { code: await venue.code(), from: address });
	await thefts(
		{ venue, tally, mac },
		() => thief.leases({ clientId: `ff77${hex(turn % GUESTS)}` }),
		() => other.connects(address),
	);
	await other.ip('neighbour flush dev eth0');
	await tally.served('a customer without a lease beside a clone', other, address);
	await other.sheds(address);
};

/** Somebody comes in by his code, at the address that he leases. */
async function leaseholder(venue: Venue, tally: Tally, turn: number): Promise<{ mac: string; address: string }> {
	const { agent, other } = venue;
	const mac = await guest(agent, other, turn);
	const address = await other.leases();
	await tally.pays('a customer by his lease', other, { code: await venue.code(), from: address });
	return { mac, address };
}

/** The thief takes a hardware address, and an address with it, and goes to the internet some times, in turns with its owner. */
async function thefts(
	{ venue, tally, mac }: { venue: Venue; tally: Tally; mac: string },
	takesAddress: () => Promise<string>,
	between: () => Promise<unknown> = async () => undefined,
): Promise<void> {
	const { thief } = venue;
	const before = await venue.stolen();
	await thief.becomes(mac);
	const from = await takesAddress();
	for (let count = 0; count < THEFTS; count++) {
		await thief.connects(from);
		await between();
	}
	await thief.becomes(thief.station.mac);
	tally.stolenBytes += (await venue.stolen()) - before;
}
