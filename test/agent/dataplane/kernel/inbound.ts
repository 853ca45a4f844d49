import { once } from 'node:events';
import { DataPlane } from '../../../../agent/dataplane/data-plane.ts';
import { attach, bytesRight, dataPlaneOptions, member, meter } from './playground.ts';
import { readRefused } from './refused.ts';
import { type Host, makeRouter, nft, passes, run, STATION_MAC } from './router.ts';

const ADDRESS = '10.1.0.2';
const RATE = 1000;
/** Ten of the rule, and one that the kernel adds to what comes at once (nft_limit_init). */
const BURST_SECONDS = 11;
/** More than comes at once at this rate. */
const FLOOD_PACKETS = 200;
const FLOOD_BYTES = 500;

const FLOOD = `
	const { createSocket } = require('node:dgram');
	const socket = createSocket('udp4').bind(4000, '10.2.0.2');
	let left = ${FLOOD_PACKETS};
	const one = () => socket.send(Buffer.alloc(${FLOOD_BYTES - 28}), 9, '${ADDRESS}', () => (--left === 0 ? socket.close() : one()));
	one();
`;

/** From the port that the flood goes to. */
const ANSWER = `
	const { createSocket } = require('node:dgram');
	const socket = createSocket('udp4').bind(9, '${ADDRESS}');
	socket.send('x', 4000, '10.2.0.2', () => socket.close());
`;

/** What the uplink begins with a station that has credit, and who pays for it. */
export default async function inbound() {
	const router = await makeRouter();
	const { station, uplink } = router;
	const plane = new DataPlane(dataPlaneOptions([], { inbound: { bytesPerSecond: RATE } }));
	await plane.start({ lowWater() {}, depleted() {}, resynchronise() {}, tableReplaced() {} });
	station.nft(`table inet floods {
		counter flood { }
		chain in { type filter hook input priority 0; udp dport 9 counter name "flood" drop
		}
	}`);
	const charged = async (number: number) => {
		const [{ up, down } = { up: 0, down: 0 }] = (await plane.gate.read(1, [meter(number)])).counters;
		return up + down;
	};
	const reached = () => isReached(uplink);

	await attach(plane.gate);
	const beforeAnyFlow = reached();
	const own = passes(router);
	const afterOne = reached();
	// All of ICMP that the station has seen is what it began and what the uplink began.
	const difference = (await charged(1)) - station.counted('received') - station.counted('sent');

	const floodBefore = await charged(1);
	const began = performance.now();
	await once(uplink.start(process.execPath, '-e', FLOOD), 'exit');
	const floodSeconds = (performance.now() - began) / 1000;
	const flood = Number(/bytes (\d+)/.exec(station.run('nft', 'list', 'counter', 'inet', 'floods', 'flood'))?.[1]);
	const floodCharged = (await charged(1)) - floodBefore;

	const forged = await forgedAnswer(station, uplink);

	nft(
		'table inet meddler {\nchain c { type filter hook prerouting priority 0; iifname "wan0" ct mark set 0x55\n}\n}\n',
	);
	const marked = reached();
	nft('delete table inet meddler');

	nft(`add element inet octroi pinned_tethered { ${STATION_MAC} }`);
	passes(router);
	const tethering = reached();
	nft(`delete element inet octroi pinned_tethered { ${STATION_MAC} }`);

	// An agent that ended may not have taken out what it should.
	const again = new DataPlane(dataPlaneOptions([], { inbound: { bytesPerSecond: RATE } }));
	await again.start({ lowWater() {}, depleted() {}, resynchronise() {}, tableReplaced() {} });
	again.stop();
	const afterReload = [reached(), passes(router), reached()];

	// Another account's, with another meter, under the same hardware and IP address.
	passes(router);
	await plane.gate.apply({ pool: 1, meters: [], right: { kind: 'nothing' } });
	await plane.gate.forget([meter(1)]);
	const afterItsEnd = reached();
	const leftOver = meterAt();
	await plane.gate.apply({ pool: 1, meters: [member(2, STATION_MAC)], right: bytesRight(1e9) });
	passes(router);
	const asAnother = { reached: reached(), former: await charged(1), charged: (await charged(2)) > 0 };
	await plane.gate.releaseAddresses([STATION_MAC as never]);
	const withoutAddress = { reached: reached(), leftOver: meterAt() };
	const { counts } = await readRefused();
	plane.stop();
	return {
		beforeAnyFlow,
		own,
		afterOne,
		difference,
		marked,
		tethering,
		afterReload,
		afterItsEnd,
		leftOver,
		asAnother,
		withoutAddress,
		flood: { bytes: flood, charged: floodCharged, bytesMax: RATE * (BURST_SECONDS + floodSeconds) + FLOOD_BYTES },
		forged,
		refused: counts.refused,
	};
}

/** Somebody else answers in the station's name, from its port: what then comes of the same flow, and what of his answer goes out. */
async function forgedAnswer(station: Host, uplink: Host) {
	uplink.nft(`table inet answers {
		counter answer { }
		chain in { type filter hook input priority 0; udp sport 9 counter name "answer"
		}
	}`);
	station.run('ip', 'link', 'set', 'eth0', 'address', '02:00:5e:10:00:66');
	station.run('ip', 'route', 'replace', 'default', 'via', '10.1.0.1');
	await once(station.start(process.execPath, '-e', ANSWER), 'exit');
	station.run('ip', 'link', 'set', 'eth0', 'address', STATION_MAC);
	station.run('ip', 'route', 'replace', 'default', 'via', '10.1.0.1');
	const flooded = () =>
		Number(/bytes (\d+)/.exec(station.run('nft', 'list', 'counter', 'inet', 'floods', 'flood'))?.[1]);
	const before = flooded();
	const began = performance.now();
	await once(uplink.start(process.execPath, '-e', FLOOD), 'exit');
	const seconds = (performance.now() - began) / 1000;
	const answer = Number(/bytes (\d+)/.exec(uplink.run('nft', 'list', 'counter', 'inet', 'answers', 'answer'))?.[1]);
	return { bytes: flooded() - before, bytesMax: RATE * (BURST_SECONDS + seconds) + FLOOD_BYTES, answer };
}

function meterAt(): boolean {
	return run('nft', 'list', 'map', 'inet', 'octroi', 'meter_at4').includes('elements');
}

/** Whether one of three pings of the uplink reaches the station and comes back. */
function isReached(uplink: Host): boolean {
	try {
		uplink.run('ping', '-n', '-q', '-c', '3', '-i', '0.05', '-W', '1', ADDRESS);
		return true;
	} catch {
		return false;
	}
}
