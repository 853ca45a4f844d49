import { readFileSync } from 'node:fs';
import { LEASES_FILE } from '../dhcp-server.ts';
import { SECOND_BRIDGE } from '../impostor/thief.ts';
import type { Customer } from './customer.ts';
import type { Tally } from './tally.ts';
import type { Venue } from './venue.ts';

export type Change = (venue: Venue, tally: Tally, turn: number) => Promise<void>;

/** As many as are in use at once; then the oldest goes. */
const PRIVACY_ADDRESSES = 22;
/** Hardware addresses that come again: the pool of leases is no larger. */
export const GUESTS = 40;
const privacy: string[] = [];
let made = 0;

/** One hardware address asks as one client and then as another, and types a code from the second address; then the first one renews. */
export const clientIds: Change = async (venue, tally, turn) => {
	const { agent, other } = venue;
	const mac = await guest(agent, other, turn);
	await other.leases({ clientId: `01aa${hex(turn % GUESTS)}` });
	await other.ip('address flush dev eth0 scope global');
	const second = await other.leases({ clientId: `ffbb${hex(turn % GUESTS)}` });
	await tally.pays(`${mac} with two client ids`, other, { code: await venue.code(), from: second });
	await other.leases({ clientId: `01aa${hex(turn % GUESTS)}` });
	await tally.served(`${mac}, after the first client has renewed`, other, second);
};

/** The customer takes another address by hand: he is refused there, is told so, and his code opens it. */
export const byHand: Change = async ({ customer, customerCode, customerAddress }, tally, turn) => {
	const address = `10.77.9.${1 + (turn % 200)}`;
	await customer.wears(address);
	await customer.sheds(customerAddress);
	await customer.wears(address);
	await tally.refused('a static address', customer, address);
	await tally.pays('the code from a static address', customer, { code: customerCode, from: address });
	await customer.wears(customerAddress);
	await customer.sheds(address);
	await customer.wears(customerAddress);
	await tally.served('the lease again', customer, customerAddress);
};

/** A second device behind the customer's repeater comes with his hardware address: it is told; the first one goes on. */
export const behindRepeater: Change = async ({ customer, customerAddress }, tally, turn) => {
	const address = `10.77.8.${1 + (turn % 200)}`;
	await customer.wears(address);
	await tally.refused('the second device of a repeater', customer, address);
	await tally.served('the first device of a repeater', customer, customerAddress);
	await customer.sheds(address);
};

/** A telephone makes itself another address of IPv6, and its first connection by it is served. */
export const privacyAddress: Change = async ({ customer }, tally) => {
	const address = `2001:db8:10::1:${hex(privacy.length + 1)}:${hex(++made)}`;
	await customer.wears(address);
	privacy.push(address);
	await tally.served('another address of IPv6', customer, address);
	if (privacy.length > PRIVACY_ADDRESSES) await customer.sheds(privacy.shift() as string);
};

/** The customer's device is plugged in elsewhere, with all its addresses and one more. */
export const otherPort: Change = async ({ customer, other, customerAddress }, tally, turn) => {
	await customer.ip('link set eth0 down');
	await other.becomes(customer.station.mac);
	const address = await other.leases();
	await tally.served('the same lease at another port', other, address);
	const more = `2001:db8:10::2:${hex(turn)}:1`;
	await other.wears(more);
	await tally.served('another address at another port', other, more);
	await other.becomes(other.station.mac);
	await other.ip('link set eth0 down');
	await customer.ip('link set eth0 up');
	await customer.wears(customerAddress);
	for (const one of privacy) await customer.wears(one);
	await tally.served('at the first port again', customer, customerAddress);
	await other.ip('link set eth0 up');
};

/** A customer goes to the other bridge and back, with another lease each time. */
export const otherBridge: Change = async ({ lab, mover }, tally, turn) => {
	const port = `lan${mover.station.number}`;
	const bridge = turn % 2 === 0 ? SECOND_BRIDGE : 'br-lan';
	await lab.router.ip([`link set ${port} master ${bridge}`]);
	await mover.ip('address flush dev eth0 scope global');
	const address = await mover.leases();
	await tally.served(`at ${bridge}`, mover, address);
};

/** Who has had an address is gone, or is not; a newcomer pays by it. */
export const newcomer: Change = async (venue, tally, turn) => {
	const { agent, thief, other } = venue;
	const address = `2001:db8:10::3:${hex(turn)}:1`;
	const isThere = turn % 2 === 1;
	await agent.ask('station.attach', { mac: thief.station.mac, account: 'holder' });
	await thief.ip('address flush dev eth0 scope global');
	await thief.leases();
	await thief.wears(address);
	await tally.served('the holder of an address', thief, address);
	if (!isThere) await thief.sheds(address);
	await guest(agent, other, turn);
	const lease = await other.leases();
	await other.wears(address);
	const code = await venue.code();
	if (isThere) {
		// What the router answers goes to one of both: perhaps he sees nothing of it.
		const { status } = await other.types(code, address, false);
		if (status !== 422 && status !== 0) tally.falselySold += 1;
		await tally.pays('a newcomer by his lease', other, { code, from: lease });
	} else await tally.pays('a newcomer by the address of one who is gone', other, { code, from: address });
	await other.sheds(address);
	if (isThere) await thief.sheds(address);
	await agent.ask('station.detach', { mac: thief.station.mac });
};

/** The portal knows the customer by each of his addresses. */
export async function knownByAll({ customer }: Venue, tally: Tally): Promise<void> {
	for (const address of privacy) {
		const { online } = await customer.isTold(address);
		if (!online) tally.unknownAddresses += 1;
	}
}

/** A device that nobody knows, with a hardware address that may have been another guest's. */
export async function guest(agent: Venue['agent'], device: Customer, turn: number): Promise<string> {
	const mac = `02:00:5e:1a:00:${hex(turn % GUESTS).padStart(2, '0')}`;
	await device.becomes(mac);
	if ((await agent.stations()).some((row) => row.mac === mac && row.account !== undefined)) {
		await agent.ask('station.detach', { mac });
	}
	return mac;
}

export function isLeased(address: string, mac: string): boolean {
	return readFileSync(LEASES_FILE, 'utf8').includes(` ${mac} ${address} `);
}

export function hex(value: number): string {
	return value.toString(16).padStart(2, '0');
}
