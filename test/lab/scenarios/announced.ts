import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentHandle } from '../agent-handle.ts';
import { type Advertisement, AdvertisementEar, type Configured } from '../dhcp/advertisement-ear.ts';
import { type Lab, withLab } from '../lab.ts';
import { LAB_DIRECTORY } from '../namespace/private-namespaces.ts';
import { PROJECT_ROOT } from '../project-root.ts';
import type { Scenario } from '../scenario.ts';
import type { Station } from '../station.ts';
import { ROUTER_LAN_IPV4 } from '../topology.ts';

const FACTS = fileURLToPath(new URL('../dhcp/network-facts.js', import.meta.url));
const CERTIFICATE = join(PROJECT_ROOT, 'test/agent/portal/certificate');
const HTTPS_PORT = 8443;
/** With it the portal is announced. */
export const SECURE_PORTAL = {
	httpsPort: HTTPS_PORT,
	certificate: join(CERTIFICATE, 'certificate.pem'),
	key: join(CERTIFICATE, 'key.pem'),
};
const URI = `https://portal.home.arpa:${HTTPS_PORT}/api/captive-portal`;
/** RFC 8910, section 2; RFC 2132, 8.4. */
const CAPTIVE_PORTAL_IPV4 = 114;
const CAPTIVE_PORTAL_IPV6 = 103;
const CAPTIVE_PORTAL_RA = 37;
const VENDOR = 43;
/** So many advertisements may wait for an agent. */
const QUEUED_MAX = 2;

type Captive = { type?: string; captive?: boolean; 'user-portal-url'?: string; 'bytes-remaining'?: number };

/** What `octroi dnsmasq` prints reaches clients: the options of RFC 8910, the API of RFC 8908 behind them, the metered hint. */
export const announced: Scenario = {
	name: 'announced',
	title:
		'clients of both families learn of the portal by DHCP and by router advertisements (RFC 8910) and what is left by its API (RFC 8908)',
	figures: {
		dhcp4_announced: { title: 'a DHCPv4 client got the address of the API (option 114)', bound: { equals: 1 } },
		dhcp6_announced: { title: 'a DHCPv6 client got it (option 103)', bound: { equals: 1 } },
		ra_announced: {
			title: "the router's own advertisement, as tcpdump hears it, has it (option 37) and a right checksum",
			bound: { equals: 1 },
		},
		ra_kept: {
			title: 'apart from that it is the advertisement that was heard before the agent started',
			bound: { equals: 1 },
		},
		ra_configures: {
			title: "a station's kernel makes the same route and address of it as of the one before, and counts no error",
			bound: { equals: 1 },
		},
		ra_without_agent: {
			title: 'when the agent was killed, the advertisement arrives as it was before',
			bound: { equals: 1 },
		},
		ra_agent_stands: {
			title: 'while the agent stands still (SIGSTOP), the third advertisement arrives as it was before',
			bound: { equals: 1 },
		},
		ra_after_restart: { title: 'after its restart it has the option again', bound: { equals: 1 } },
		metered_hinted: {
			title: 'clients that got the metered hint without asking for it (option 43)',
			bound: { equals: 1 },
		},
		captive_before: { title: 'the API says captive, and where to go, before login', bound: { equals: 1 } },
		captive_after: { title: 'after login it says that nothing captures, and what is left', bound: { equals: 1 } },
	},
	async run({ progress }) {
		return await withLab({ stations: 1 }, async (lab) => {
			const station = lab.station(1);
			const ear = new AdvertisementEar(station);
			try {
				return await figuresOf(lab, ear, progress);
			} finally {
				ear.stop();
			}
		});
	},
};

async function figuresOf(
	lab: Lab,
	ear: AdvertisementEar,
	progress: (line: string) => void,
): Promise<Record<string, number>> {
	const station = lab.station(1);
	await ear.ready();
	const ownWay = { heard: await ear.hear(), configured: await ear.configureAnew() };
	const agent = await lab.startAgent({ portal: SECURE_PORTAL });
	const { lines } = await agent.octroi<{ lines: string[] }>('dnsmasq');
	const file = join(agent.directory, 'dnsmasq.conf');
	writeFileSync(file, `${lines.join('\n')}\n`);
	await lab.restartDhcpServer(file);
	const plain = await leased(station);
	const informed = await facts<Record<string, string>>(station, 'eth0');
	progress(`DHCPv4 ${CAPTIVE_PORTAL_IPV4}: ${plain.get(CAPTIVE_PORTAL_IPV4)}`);
	progress(`DHCPv6 ${CAPTIVE_PORTAL_IPV6}: ${informed[CAPTIVE_PORTAL_IPV6]}`);
	progress(`DHCPv4 ${VENDOR}: ${plain.get(VENDOR)}`);
	const advertised = await advertisements(agent, ear, ownWay, progress);
	const before = await facts<Captive>(station, 'eth0', informed[CAPTIVE_PORTAL_IPV6] ?? URI, ROUTER_LAN_IPV4);
	await agent.admit('guest', 'ten-mb', [station.mac]);
	await agent.reaches(station.mac, 'active');
	const after = await facts<Captive>(station, 'eth0', informed[CAPTIVE_PORTAL_IPV6] ?? URI, ROUTER_LAN_IPV4);
	progress(`${JSON.stringify(before)} → ${JSON.stringify(after)}`);
	const isTyped = before.type === 'application/captive+json';
	return {
		dhcp4_announced: plain.get(CAPTIVE_PORTAL_IPV4) === URI ? 1 : 0,
		dhcp6_announced: informed[CAPTIVE_PORTAL_IPV6] === URI ? 1 : 0,
		...advertised,
		metered_hinted: plain.get(VENDOR) === 'ANDROID_METERED' ? 1 : 0,
		captive_before: isTyped && before.captive === true && before['user-portal-url'] !== undefined ? 1 : 0,
		captive_after: after.captive === false && (after['bytes-remaining'] ?? 0) > 0 ? 1 : 0,
	};
}

/** The advertisements of the agent's time, against one from before it. */
async function advertisements(
	agent: AgentHandle,
	ear: AdvertisementEar,
	before: { heard: Advertisement; configured: Configured },
	progress: (line: string) => void,
): Promise<Record<string, number>> {
	const heard = await ear.hear();
	const configured = await ear.configureAnew();
	await agent.kill('SIGKILL');
	const killed = await ear.hear();
	await agent.start();
	const restarted = await ear.hear();
	await agent.kill('SIGSTOP');
	const standing = await ear.hear(QUEUED_MAX + 1);
	await agent.kill('SIGCONT');
	progress(`advertised ${CAPTIVE_PORTAL_RA}: ${heard.captivePortal}; ${configured.route}; ${configured.address}`);
	const isAnnounced = (one: Advertisement) => one.captivePortal === URI && one.isChecksumRight;
	const isAsBefore = (one: object, other: object) => JSON.stringify(one) === JSON.stringify(other);
	return {
		ra_announced: isAnnounced(heard) && before.heard.captivePortal === undefined ? 1 : 0,
		ra_kept: heard.rest === before.heard.rest ? 1 : 0,
		ra_configures: isAsBefore(configured, before.configured) && configured.route.includes('proto ra') ? 1 : 0,
		ra_without_agent: isAsBefore(killed, before.heard) ? 1 : 0,
		ra_agent_stands: isAsBefore(standing, before.heard) ? 1 : 0,
		ra_after_restart: isAnnounced(restarted) && restarted.rest === before.heard.rest ? 1 : 0,
	};
}

/** The options that busybox' client hands to its script, as text: those that it does not know come in hexadecimal. */
async function leased(station: Station): Promise<Map<number, string>> {
	const script = join(LAB_DIRECTORY, 'print-options.sh');
	writeFileSync(script, '#!/bin/sh\n[ "$1" != bound ] || env\n', { mode: 0o755 });
	const words = [
		'-i',
		'eth0',
		'-s',
		script,
		'-n',
		'-q',
		'-f',
		'-t',
		'120',
		'-T',
		'1',
		'-A',
		'1',
		'-O',
		String(CAPTIVE_PORTAL_IPV4),
	];
	const text = await station.namespace.run('udhcpc', words);
	const options = [...text.matchAll(/^opt(\d+)=([0-9a-f]*)$/gm)];
	return new Map(options.map(([, code, hex]) => [Number(code), Buffer.from(hex ?? '', 'hex').toString('latin1')]));
}

async function facts<Facts>(station: Station, ...words: string[]): Promise<Facts> {
	return JSON.parse(await station.namespace.run(process.execPath, [FACTS, ...words])) as Facts;
}
