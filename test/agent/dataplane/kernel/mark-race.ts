import { DataPlane } from '../../../../agent/dataplane/data-plane.ts';
import { bytesRight, dataPlaneOptions, member } from './playground.ts';
import { makeRouter, STATION_MAC, until } from './router.ts';

/** Few bits, so that every other meter can be there. */
const MASK = 0x00ff0000;
const CHANGES = 3000;

/** Each packet is the first of a flow. */
const SENDER = `
	const socket = require('node:dgram').createSocket('udp4');
	let port = 2000;
	const send = () => {
		port = port === 60000 ? 2000 : port + 1;
		socket.send('x', port, '10.2.0.2', send);
	};
	send();
`;

/** A station comes and goes while it opens flows as fast as it can. */
export default async function markRace() {
	const { station } = await makeRouter();
	const plane = new DataPlane(dataPlaneOptions([], { mask: MASK }));
	const { gate } = plane;
	await plane.start({ lowWater() {}, depleted() {}, resynchronise() {}, tableReplaced() {} });
	const own = gate.meterMax;
	const others = Array.from({ length: own - 1 }, (_, index) => member(index + 1));
	await gate.apply({ pool: 50, meters: others, right: bytesRight(1e12) });
	const present = { pool: 1, meters: [member(own, STATION_MAC)], right: bytesRight(1e12) };
	await gate.apply(present);
	const bytes = async () => {
		const sums = { own: 0, others: 0 };
		await gate.sample((meter, _direction, count) => {
			sums[meter === own ? 'own' : 'others'] += count;
		});
		return sums;
	};
	const sender = station.start(process.execPath, '--eval', SENDER);
	await until('it sends', async () => (await bytes()).own > 0);
	for (let change = 0; change < CHANGES; change++) {
		await gate.apply({ pool: 1, meters: [], right: { kind: 'nothing' } });
		await gate.apply(present);
	}
	const found = await bytes();
	plane.stop();
	sender.kill('SIGKILL');
	return found;
}
