import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { MacAddress } from '../../../../agent/core/units.ts';
import { DataPlane } from '../../../../agent/dataplane/data-plane.ts';
import { attach, dataPlaneOptions } from './playground.ts';
import { makeRouter, passes, run, STATION_MAC } from './router.ts';

const ADDRESS = '10.1.0.2';

/** What becomes of flows when an address goes to another station: those of who had it, and those of everybody else. */
export default async function lostAddress() {
	const router = await makeRouter();
	const plane = new DataPlane(dataPlaneOptions([]));
	await plane.start({ lowWater() {}, depleted() {}, resynchronise() {}, tableReplaced() {} });
	await attach(plane.gate);
	const isServed = passes(router);
	// Of the router itself: no station's, and no mark of ours.
	const own = createSocket('udp4').bind(4000, '10.2.0.1');
	await once(own, 'listening');
	await new Promise((resolve) => own.send('x', 4000, '10.2.0.2', resolve));
	const flows = () => ({ station: isTracked('-s', ADDRESS), router: isTracked('-s', '10.2.0.1', '-p', 'udp') });
	const before = flows();
	const lease = { mac: '02:00:5e:10:00:77' as MacAddress, address: ADDRESS, name: undefined, expiresSeconds: 1 };
	await plane.gate.leased([lease]);
	const isBound = await plane.gate.senders.owns({ mac: STATION_MAC as MacAddress, address: ADDRESS, device: 'lan0' });
	const after = flows();
	own.close();
	plane.stop();
	return { isServed, before, isBound, after };
}

function isTracked(...which: string[]): boolean {
	return run('conntrack', '-L', ...which).includes('src=');
}
