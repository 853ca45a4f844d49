import { writeFileSync } from 'node:fs';
import { DataPlane } from '../../../../agent/dataplane/data-plane.ts';
import { dataPlaneOptions } from './playground.ts';
import { readRefused } from './refused.ts';
import { type Host, ip, makeHost, makeRouter, nft, plug, run, until } from './router.ts';

/** A datagram: from an address that the host takes for it, to one of the router's, or to all. */
type Datagram = { from: string; to: string; sourcePort?: number; port?: number };

const SENDER = `
	const { createSocket } = require('node:dgram');
	const send = ({ from, to, sourcePort = 0, port }) =>
		new Promise((resolve, reject) => {
			const socket = createSocket({ type: from.includes(':') ? 'udp6' : 'udp4', reuseAddr: true });
			socket.on('error', reject);
			socket.bind(sourcePort, from, () => {
				if (to.endsWith('.255')) socket.setBroadcast(true);
				socket.send('x', port, to, (error) => (error ? reject(error) : resolve(socket.close())));
			});
		});
	(async () => {
		for (const datagram of JSON.parse(process.argv[1])) await send(datagram);
	})();
`;

/** What comes in, from whom, and where; what looks at sources stands before it. */
const ARRIVED = `table inet arrived {
	set seen { type ifname . inet_service; flags dynamic; size 1000; }
	chain in { type filter hook input priority filter; udp dport 4000-4999 add @seen { iifname . udp dport }
		udp dport 67 add @seen { iifname . udp dport }
	}
	chain through { type filter hook forward priority filter; udp dport 4000-4999 add @seen { iifname . udp dport }
	}
}`;

const FROM_STATION: Readonly<Record<string, Datagram>> = {
	'its own address': { from: '10.1.0.2', to: '10.1.0.1' },
	'its own address, to the uplink of the router': { from: '10.1.0.2', to: '10.2.0.1' },
	'its own IPv6 address': { from: '2001:db8:1::2', to: '2001:db8:1::1' },
	'an address behind it, by a route of the router': { from: '10.5.0.7', to: '10.2.0.1' },
	'the second prefix of its network': { from: '2001:db8:51::2', to: '2001:db8:1::1' },
	'an address of the internet': { from: '203.0.113.7', to: '10.2.0.1' },
	'an address of the internet, IPv6': { from: '2001:db8:7::7', to: '2001:db8:2::1' },
	'an address of the internet, to the internet': { from: '203.0.113.7', to: '10.2.0.2' },
	"the router's own": { from: '10.6.0.1', to: '10.1.0.1' },
	"the other metered device's": { from: '10.3.0.9', to: '10.1.0.1' },
	'an address without a lease': { from: '169.254.3.4', to: '10.2.0.1' },
	'an address of before, for a new lease': { from: '192.168.9.9', to: '255.255.255.255', sourcePort: 68, port: 67 },
	'an address of before, to all': { from: '192.168.9.9', to: '255.255.255.255' },
};

const FROM_UPLINK: Readonly<Record<string, Datagram>> = {
	'its own address': { from: '10.2.0.2', to: '10.2.0.1' },
	'an address of the internet': { from: '203.0.113.7', to: '10.2.0.1' },
	'an address to which another uplink leads': { from: '198.51.100.7', to: '10.2.0.1' },
	"a station's": { from: '10.1.0.2', to: '10.2.0.1' },
	"a station's, IPv6": { from: '2001:db8:1::2', to: '2001:db8:2::1' },
	"a station's, to another one": { from: '10.1.0.2', to: '10.3.0.2' },
	"the router's own, IPv6": { from: '2001:db8:1::1', to: '2001:db8:2::1' },
	"one of the stations' network that lives here": { from: '10.1.0.200', to: '10.2.0.1' },
};

/** Who may come with which source, by which device. @returns the names of those that came in */
export default async function sources() {
	const { station, uplink } = await makeRouter();
	const other = await makeHost();
	const secondUplink = await makeHost();
	plug(other, 'lan1', { network: '10.3.0' });
	plug(secondUplink, 'wan1', { network: '10.6.0' });
	for (const [device, prefix, host] of [
		['lan0', '2001:db8:1::', station],
		['wan0', '2001:db8:2::', uplink],
	] as const) {
		ip('-6', 'address', 'add', `${prefix}1/64`, 'dev', device, 'nodad');
		host.run('ip', '-6', 'address', 'add', `${prefix}2/64`, 'dev', 'eth0', 'nodad');
		host.run('ip', '-6', 'route', 'replace', 'default', 'via', `${prefix}1`);
	}
	ip('-6', 'address', 'add', '2001:db8:51::1/64', 'dev', 'lan0', 'nodad');
	ip('route', 'add', '10.5.0.0/24', 'via', '10.1.0.2');
	ip('route', 'add', 'default', 'via', '10.2.0.2');
	ip('-6', 'route', 'add', 'default', 'via', '2001:db8:2::2');
	ip('route', 'add', '198.51.100.0/24', 'via', '10.6.0.2');
	ip('route', 'add', '10.1.0.200/32', 'via', '10.2.0.2');
	// As OpenWrt has it: several uplinks do not bear the kernel's own check.
	for (const device of ['all', 'lan0', 'lan1', 'wan0', 'wan1']) {
		writeFileSync(`/proc/sys/net/ipv4/conf/${device}/rp_filter`, '0');
	}
	nft(ARRIVED);
	const without = {
		station: await arrived(station, 'lan0', FROM_STATION),
		uplink: await arrived(uplink, 'wan0', FROM_UPLINK),
	};
	const plane = new DataPlane(dataPlaneOptions([], { metered: ['lan0', 'lan1'] }));
	await plane.start({ lowWater() {}, depleted() {}, resynchronise() {}, tableReplaced() {} });
	nft('flush set inet arrived seen');
	const answer = {
		without,
		station: await arrived(station, 'lan0', FROM_STATION),
		uplink: await arrived(uplink, 'wan0', FROM_UPLINK),
		duplicate: await detectsDuplicate(station),
	};
	const { refused } = (await readRefused()).counts;
	plane.stop();
	return { ...answer, refused: Object.keys(refused).toSorted() };
}

/** Each datagram goes to a port of its own, and the last one is one that comes in. */
async function arrived(host: Host, device: string, datagrams: Readonly<Record<string, Datagram>>): Promise<string[]> {
	const names = Object.keys(datagrams);
	const [own] = Object.values(datagrams) as [Datagram];
	const ports = names.map((name, index) => datagrams[name]?.port ?? 4000 + index);
	const last = 4900;
	const all = [...Object.values(datagrams), own].map((datagram, index) => ({
		...datagram,
		port: ports[index] ?? last,
	}));
	for (const { from } of all) {
		const words = from.includes(':') ? [`${from}/128`, 'dev', 'eth0', 'nodad'] : [`${from}/32`, 'dev', 'eth0'];
		host.run('ip', 'address', 'replace', ...words);
	}
	host.run(process.execPath, '-e', SENDER, JSON.stringify(all));
	const seen = () => run('nft', 'list', 'set', 'inet', 'arrived', 'seen');
	await until('the last one comes in', () => seen().includes(`"${device}" . ${last}`));
	return names.filter((_, index) => new RegExp(`"${device}" \\. ${ports[index]}\\b`).test(seen()));
}

/** A host that takes the router's own address asks from no address whether anybody has it, and hears that somebody has. */
async function detectsDuplicate(host: Host): Promise<boolean> {
	host.run('ip', '-6', 'address', 'add', '2001:db8:51::1/64', 'dev', 'eth0');
	const shown = () => host.run('ip', '-6', 'address', 'show', 'dev', 'eth0');
	try {
		await until('the address is known to be taken', () => shown().includes('dadfailed'));
		return true;
	} catch {
		return false;
	}
}
