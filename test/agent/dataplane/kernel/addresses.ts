import type { MacAddress } from '../../../../agent/core/units.ts';
import { DataPlane } from '../../../../agent/dataplane/data-plane.ts';
import { attach, dataPlaneOptions } from './playground.ts';
import { makeRouter, passes, run, STATION_MAC } from './router.ts';

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
	const other = comesWith(OTHER);
	await plane.gate.releaseAddresses([mac]);
	const otherAfterMove = comesWith(OTHER);
	const firstAfterMove = comesWith(FIRST);

	await plane.gate.apply({ pool: 1, meters: [], right: { kind: 'nothing' } });
	const left = ['bound', 'bound4', 'owned4', 'has_ipv4', 'present', 'claims', 'attached', 'entitled'].filter((set) =>
		run('nft', 'list', 'set', 'inet', 'octroi', set).includes('elements'),
	);
	known.push('192.0.2.7', FIRST, 'fe80::1', '2001:db8::7');
	await attach(plane.gate);
	const bound = ['bound4', 'bound6'].map(
		(set) => /elements = \{ ([^ ]+ \. [^ ]+)/.exec(run('nft', 'list', 'set', 'inet', 'octroi', set))?.[1],
	);
	const otherThanKnown = comesWith(OTHER);
	const asKnown = comesWith(FIRST);
	plane.stop();
	return { foreignFirst, first, other, otherAfterMove, firstAfterMove, left, bound, otherThanKnown, asKnown };
}
