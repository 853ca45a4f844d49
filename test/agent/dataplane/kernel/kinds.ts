import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { DataPlane } from '../../../../agent/dataplane/data-plane.ts';
import { markKinds } from '../../../../agent/dataplane/mark.ts';
import { attach, dataPlaneOptions } from './playground.ts';
import { type Host, makeRouter, nft, run, STATION_MAC, until } from './router.ts';

const MASK = 0xffff8000;
const GARDEN = '10.2.0.2';
const GARDEN_RATE = 1000;
const PORT = 4000;
const FOREIGN_BITS = 0x7fff;
/** As version 7 of the ruleset marked a question of this station. */
const FORMER_QUESTION = 0x80010000;

const SEND = `
	const { createSocket } = require('node:dgram');
	const { from, to, sourcePort, port, count, bytes } = JSON.parse(process.argv[1]);
	const socket = createSocket('udp4').bind(sourcePort, from);
	let left = count;
	for (let turn = 0; turn < count; turn++) socket.send(Buffer.alloc(bytes), port, to, () => --left === 0 && socket.close());
`;
type Datagrams = { from: string; to: string; sourcePort: number; port: number; count?: number; bytes?: number };

/** The marks that flows really get, and what passes with them. */
export default async function kinds() {
	const { station, uplink } = await makeRouter();
	const garden = { ipv4: [`${GARDEN}/32`], ipv6: [] };
	const options = dataPlaneOptions([], { mask: MASK, garden, gardenBytesPerSecond: GARDEN_RATE });
	const plane = new DataPlane(options);
	await plane.start({ lowWater() {}, depleted() {}, resynchronise() {}, tableReplaced() {} });
	for (const host of [station, uplink]) host.nft(WITNESS);
	const resolver = createSocket('udp4').bind(53, '10.1.0.1');
	await once(resolver, 'listening');
	const question = { from: '10.1.0.2', to: '10.1.0.1', sourcePort: PORT, port: 53 };
	const toGarden = { from: '10.1.0.2', to: GARDEN, sourcePort: PORT, port: PORT };
	const fromGarden = { ...toGarden, from: GARDEN, to: '10.1.0.2' };

	// Nobody has asked for it.
	send(uplink, fromGarden);
	const unsolicited = uplinkArrivals(station);
	send(station, question);
	send(station, toGarden);
	const marks = { question: await markOf('10.1.0.1'), garden: await markOf(GARDEN) };
	send(uplink, { ...fromGarden, count: 400, bytes: 972 });
	await until('something of the garden has come', () => uplinkArrivals(station) > 0);
	const gardenBytes = uplinkArrivals(station);

	// A flow that an agent of the version before has marked, with bits of somebody else.
	run('conntrack', '-U', '-p', 'udp', '-d', '10.1.0.1', '-m', String(FORMER_QUESTION | 0x55));
	send(station, question);
	const former = await markOf('10.1.0.1');
	await attach(plane.gate);
	send(station, question);
	const entitled = await markOf('10.1.0.1');
	nft('flush set inet octroi garden4');
	send(station, toGarden);
	const afterGarden = await markOf(GARDEN);
	resolver.close();
	plane.stop();
	const { stationMark, kindOf } = markKinds(MASK);
	return {
		marks,
		former,
		entitled: kindOf(entitled),
		unsolicited,
		gardenBytes,
		afterGarden: kindOf(afterGarden),
		expected: { question: stationMark('question', STATION_MAC), garden: stationMark('garden', STATION_MAC) },
		gardenBytesMax: GARDEN_RATE * 60,
		foreign: former & entitled & FOREIGN_BITS,
	};
}

const WITNESS = `table inet arrivals {
	counter datagrams { }
	chain in { type filter hook input priority 0; iifname "eth0" udp sport ${PORT} udp dport ${PORT} counter name "datagrams"
	}
}`;

function uplinkArrivals(host: Host): number {
	return Number(/bytes (\d+)/.exec(host.run('nft', 'list', 'counter', 'inet', 'arrivals', 'datagrams'))?.[1]);
}

function send(host: Host, datagrams: Datagrams): void {
	host.run(process.execPath, '-e', SEND, JSON.stringify({ count: 1, bytes: 8, ...datagrams }));
}

/** The mark of the flow to that address, when it is there. */
async function markOf(destination: string): Promise<number> {
	let mark = Number.NaN;
	await until(`there is a flow to ${destination}`, () => {
		const listed = run('conntrack', '-L', '-p', 'udp', '--orig-dst', destination);
		mark = Number(/mark=(\d+)/.exec(listed)?.[1]);
		return !Number.isNaN(mark);
	});
	return mark;
}
