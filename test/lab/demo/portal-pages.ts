import { fileURLToPath } from 'node:url';
import type { Lab } from '../lab.ts';
import { giveServers, takeServers } from '../namespace/loopback-servers.ts';
import { ROUTER_LAN_IPV4 } from '../topology.ts';

const PROXY = fileURLToPath(new URL('./portal-proxy.js', import.meta.url));
const PORTAL_PORT = 2050;

/** Of the machine that the demo runs on, one for each station; where one is taken, any other. */
export const PORTAL_PAGE_PORTS = [8081, 8082, 8083, 8084];

export type PortalPage = { station: string; url: string };

/** The portal as each station sees it, at loopback ports of this machine. They end with the lab. */
export async function openPortalPages(lab: Lab): Promise<PortalPage[]> {
	const servers = await takeServers(PORTAL_PAGE_PORTS.length);
	return lab.stations.map(({ name, namespace }, index) => {
		const loopback = servers[index];
		if (loopback === undefined) throw new RangeError(`no loopback port for ${name}`);
		const proxy = namespace.spawn(process.execPath, [PROXY, ROUTER_LAN_IPV4, String(PORTAL_PORT)], {
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
		});
		giveServers(proxy, [loopback.server]);
		return { station: name, url: `http://127.0.0.1:${loopback.port}/` };
	});
}
