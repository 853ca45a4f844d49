import type { MacAddress } from '../../../../agent/core/units.ts';
import { DataPlane } from '../../../../agent/dataplane/data-plane.ts';
import { attach, bytesRight, dataPlaneOptions, member, meter } from './playground.ts';
import { type Host, ip, makeHost, makeRouter, plug, STATION_MAC, until } from './router.ts';

const EVENTS = { lowWater() {}, depleted() {}, resynchronise() {}, tableReplaced() {} };
const OTHER_MAC = '02:00:5e:10:00:02';
const UPLINK = '10.2.0.2';

/** Two metered networks: stations of both, from one to the other, and one that moves to a third. */
export default async function severalDevices() {
	const { station } = await makeRouter();
	const other = await makeHost();
	plug(other, 'lan1', { network: '10.3.0', mac: OTHER_MAC });
	const log: string[] = [];
	const plane = new DataPlane(dataPlaneOptions(log, { metered: ['lan0', 'lan1', 'lan2'] }));
	await plane.start(EVENTS);
	await attach(plane.gate);
	await plane.gate.apply({ pool: 2, meters: [member(2, OTHER_MAC)], right: bytesRight(1e9) });

	const hosts = [station, other];
	const start = hosts.map(bytesOf);
	pings(station, UPLINK);
	pings(other, UPLINK);
	const seen = hosts.map((host, index) => since(start[index], bytesOf(host)));
	const counted = await counts(plane);

	pings(station, '10.3.0.2');
	pings(other, '10.1.0.2');
	const countedOfLocal = await counts(plane);

	ip('link', 'delete', 'lan0');
	plug(station, 'lan2', { network: '10.4.0', mac: STATION_MAC });
	// As the agent does when the DHCP server has moved the lease.
	await plane.gate.releaseAddresses([STATION_MAC as MacAddress]);
	await until('the moved station is served', () => answers(station));
	const beforeMove = bytesOf(station);
	const countedBefore = (await counts(plane))[0];
	pings(station, UPLINK);
	const seenMoved = since(beforeMove, bytesOf(station));
	const countedMoved = since(countedBefore, (await counts(plane))[0]);
	plane.stop();
	return { seen, counted, countedOfLocal, seenMoved, countedMoved, log };
}

/** Each must come back: what is lost on the way would be no difference of the meter's. */
function pings(host: Host, to: string): void {
	host.run('ping', '-n', '-q', '-c', '50', '-i', '0.002', '-s', '1000', '-W', '1', to);
}

function answers(host: Host): boolean {
	try {
		host.run('ping', '-n', '-q', '-c', '1', '-W', '1', UPLINK);
		return true;
	} catch {
		return false;
	}
}

type Bytes = { up: number; down: number };

/** What the station's own counters saw. */
function bytesOf(host: Host): Bytes {
	return { up: host.counted('sent'), down: host.counted('received') };
}

function since(before: Bytes | undefined, now: Bytes | undefined): Bytes {
	return { up: (now?.up ?? -1) - (before?.up ?? 0), down: (now?.down ?? -1) - (before?.down ?? 0) };
}

/** What the meter counted, for both stations. */
async function counts({ gate }: DataPlane): Promise<Bytes[]> {
	const readings = await Promise.all([1, 2].map((number) => gate.read(number, [meter(number)])));
	return readings.map(({ counters }) => ({ up: counters[0]?.up ?? -1, down: counters[0]?.down ?? -1 }));
}
