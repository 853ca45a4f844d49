import type { MacAddress } from '../../../../agent/core/units.ts';
import { DataPlane } from '../../../../agent/dataplane/data-plane.ts';
import { attach, dataPlaneOptions } from './playground.ts';
import { readRefused } from './refused.ts';
import { makeRouter, passes, run, STATION_MAC, until } from './router.ts';

const FIRST = '10.1.0.2';
const OTHER = '10.1.0.9';
const FOREIGN = '10.9.0.9';

/** One station under one hardware address, and the addresses that it comes with. */
export default async function addresses() {
	const router = await makeRouter();
	const { station } = router;
	const known: string[] = [];
	const plane = new DataPlane({ ...dataPlaneOptions([]), addressesOf: () => known });
	await plane.start({ lowWater() {}, depleted() {}, resynchronise() {}, tableReplaced() {} });
	const use = (address: string) => {
		station.run('ip', 'address', 'flush', 'dev', 'eth0', 'scope', 'global');
		station.run('ip', 'address', 'add', `${address}/24`, 'dev', 'eth0');
		station.run('ip', 'route', 'replace', 'default', 'via', '10.1.0.1', 'dev', 'eth0', 'onlink');
	};
	const comesWith = (address: string) => {
		use(address);
		return passes(router);
	};
	const mac = STATION_MAC as MacAddress;

	await attach(plane.gate);
	const foreignFirst = comesWith(FOREIGN);
	const first = comesWith(FIRST);
	const other = comesWith(OTHER) || (await comesAgain(comesWith, OTHER));
	await plane.gate.releaseAddresses([mac]);
	const otherAfterMove = comesWith(OTHER);
	const firstAfterMove = comesWith(FIRST);

	await plane.gate.apply({ pool: 1, meters: [], right: { kind: 'nothing' } });
	const left = ['bound', 'bound4', 'owned4', 'placed', 'attached', 'entitled'].filter((set) =>
		run('nft', 'list', 'set', 'inet', 'octroi', set).includes('elements'),
	);
	known.push('192.0.2.7', FIRST, 'fe80::1', '2001:db8::7');
	await attach(plane.gate);
	const bound = ['bound4', 'bound6'].map(
		(set) => /elements = \{ ([^ ]+ \. [^ ]+)/.exec(run('nft', 'list', 'set', 'inet', 'octroi', set))?.[1],
	);
	const otherThanKnown = comesWith(OTHER);
	const asKnown = comesWith(FIRST);
	const senders = await leasesAndDevices(plane, comesWith);
	const { ofStation: refused } = await readRefused();
	plane.stop();
	return {
		refused,
		senders,
		foreignFirst,
		first,
		other,
		otherAfterMove,
		firstAfterMove,
		left,
		bound,
		otherThanKnown,
		asKnown,
	};
}

/** The station has FIRST, by device lan0; then the DHCP server has its say. */
async function leasesAndDevices(plane: DataPlane, comesWith: (address: string) => ReturnType<typeof passes>) {
	const mac = STATION_MAC as MacAddress;
	const { senders } = plane.gate;
	const lease = (address: string, holder: MacAddress = mac, expiresSeconds = 1) => {
		return { mac: holder, address, name: undefined, expiresSeconds };
	};
	const owns = async (address: string, device = 'lan0', who = mac) => await senders.owns({ mac: who, address, device });
	const owned = [await owns(FIRST), await owns(FIRST, 'lan1'), await owns(OTHER), await owns('fe80::1')];
	const stranger = '02:00:5e:10:00:77' as MacAddress;
	await plane.gate.leased([lease(FIRST, stranger)]);
	const leasedAway = [await comesAgain(comesWith, FIRST), await owns(FIRST)];
	await plane.gate.leased([lease(OTHER), lease(FIRST, stranger)]);
	// Nobody answers for what the session has besides, so its device has gone with the lease: asked, and decided then.
	comesWith(OTHER);
	await senders.decide({ mac, address: OTHER, device: 'lan0' });
	const byLease = [await comesWith(OTHER), await owns(OTHER)];
	// A second lease of the same hardware address, by a client id of its own, is newer and gets nothing.
	await plane.gate.leased([lease(OTHER), lease('10.1.0.77', mac, 9)]);
	const bySecondLease = await comesWith('10.1.0.77');
	await senders.take({ mac, address: FIRST, device: 'lan0' });
	const taken = [await owns(FIRST), await owns(OTHER)];
	await senders.take({ mac, address: '10.1.0.78', device: 'lan1' });
	const elsewhere = [await owns('10.1.0.78', 'lan1'), await owns(FIRST), await comesAgain(comesWith, '10.1.0.78')];
	return { owned, leasedAway, byLease, bySecondLease, taken, elsewhere };
}

/** The first packet is dropped in silence, and the agent asked; what it has refused is refused at once. */
async function comesAgain(comesWith: (address: string) => ReturnType<typeof passes>, address: string) {
	const isFirst = await comesWith(address);
	await until(`${address} is refused`, () =>
		run('nft', 'list', 'set', 'inet', 'octroi', 'denied4').includes(` . ${address} `),
	);
	return isFirst || (await comesWith(address));
}
