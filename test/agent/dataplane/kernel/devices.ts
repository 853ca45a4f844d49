import { DataPlane } from '../../../../agent/dataplane/data-plane.ts';
import { NetlinkConnection } from '../../../../agent/netlink/index.ts';
import { attach, dataPlaneOptions, meter } from './playground.ts';
import { ip, makeRouter, plug, run, STATION_MAC, until } from './router.ts';

const EVENTS = { lowWater() {}, depleted() {}, resynchronise() {}, tableReplaced() {} };

/** A metered device that goes and comes back under another index, while the station never stops sending. */
export default async function devices() {
	const router = await makeRouter();
	const { station, uplink } = router;
	const log: string[] = [];
	const plane = new DataPlane(dataPlaneOptions(log, { metered: ['lan0', 'later0'] }));
	await plane.start(EVENTS);
	await attach(plane.gate);
	const dumps = countDumps();

	const sender = station.start('ping', '-f', '-n', '-q', '-s', '1000', '10.2.0.2');
	await until('it sends', () => uplink.counted('received') > 0);
	for (let time = 0; time < 5; time++) {
		ip('link', 'delete', 'lan0');
		plug(station, 'lan0', { network: '10.1.0', mac: STATION_MAC });
		const before = uplink.counted('received');
		await until('the station is served again', () => uplink.counted('received') > before);
	}
	sender.kill('SIGINT');
	await until('everything has arrived', async () => (await counted(plane)).up === uplink.counted('received'));
	const bytes = { ...(await counted(plane)), received: uplink.counted('received'), sent: uplink.counted('sent') };

	const dumpsBefore = dumps.count();
	const storm = Array.from({ length: 300 }, (_, index) => `link add storm${index} type veth peer name mrots${index}`);
	run('sh', '-c', `printf '%s\\n' ${storm.map((line) => `'${line}'`).join(' ')} | ip -batch -`);
	ip('link', 'add', 'later0', 'type', 'bridge');
	await until('the rules name the last device', () => run('nft', 'list', 'ruleset').includes('"later0" }'));
	let quiet = { count: dumps.count(), sinceMs: performance.now() };
	await until('no more looks come', () => {
		if (quiet.count !== dumps.count()) quiet = { count: dumps.count(), sinceMs: performance.now() };
		return performance.now() - quiet.sinceMs > 200;
	});
	const dumpsOfStorm = dumps.count() - dumpsBefore;
	plane.stop();
	return { bytes, dumpsOfStorm, log };
}

async function counted(plane: DataPlane) {
	const { counters } = await plane.gate.read(1, [meter(1)]);
	return { up: counters[0]?.up ?? -1, down: counters[0]?.down ?? -1 };
}

/** Counts the dumps of network interfaces of all connections of this process. */
function countDumps() {
	let count = 0;
	const { dump } = NetlinkConnection.prototype;
	NetlinkConnection.prototype.dump = function (request, visit) {
		if (request.what === 'list the network interfaces') count += 1;
		return dump.call(this, request, visit);
	};
	return { count: () => count };
}
