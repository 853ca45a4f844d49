import { mkdirSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import {
	decodeNfTablesEvent,
	dumpFlowtables,
	NETLINK_NETFILTER,
	NetlinkConnection,
	NetlinkEvents,
	NFNLGRP_NFTABLES,
} from '../../../agent/netlink/index.ts';
import { openSocket } from '../../../agent/netlink/socket.ts';
import { runProgram } from '../../lab/namespace/program.ts';
import { ARTIFACTS, EXCHANGE } from '../vm-scenario.ts';

const TABLE = `table inet fw4 {
	flowtable ft { hook ingress priority 0; devices = { lan1, wan }; }
	flowtable low { hook ingress priority filter - 10; devices = { phy0-ap0 }; counter; }
	chain forward { type filter hook forward priority filter; meta l4proto tcp flow add @ft
	}
}
`;

type Listener = Parameters<typeof openSocket>[1];

/**
 * The kernel's own bytes of a dump of flowtables and of the events of a new and of a deleted one, as files for the host:
 * datagrams in hexadecimal. In the network namespace of this process, which nobody else uses.
 */
export async function captureFlowtables(): Promise<string[]> {
	let heard: string[] = [];
	const tapped = (groups: number[]) => ({
		protocol: NETLINK_NETFILTER,
		groups,
		open: (listener: Listener) =>
			openSocket(
				{ protocol: NETLINK_NETFILTER, groups, receiveBufferBytes: 1 << 20 },
				{
					...listener,
					datagram(bytes) {
						heard.push(bytes.toString('hex'));
						listener.datagram(bytes);
					},
				},
			),
	});
	const names: string[] = [];
	const save = async (name: string, what: string, act: () => Promise<unknown>) => {
		heard = [];
		await act();
		const text = `# ${what}; Linux ${release()}\n${heard.join('\n')}\n`;
		mkdirSync(join(EXCHANGE, ARTIFACTS), { recursive: true });
		writeFileSync(join(EXCHANGE, ARTIFACTS, `${name}.hex`), text);
		names.push(name);
	};
	/** Resolves when both flowtables' events have come. */
	const listen = (event: 'flowtable-new' | 'flowtable-deleted', act: () => Promise<unknown>) => async () => {
		const events = new NetlinkEvents(tapped([NFNLGRP_NFTABLES]));
		let missing = 2;
		await new Promise<void>((resolve, reject) => {
			events.start(
				(message) => {
					if (decodeNfTablesEvent(message)?.event === event && --missing === 0) resolve();
				},
				() => reject(new Error('events were lost')),
			);
			act().catch(reject);
		});
		events.stop();
	};
	const ports = [
		['lan1', 'lan1-peer'],
		['wan', 'wan-peer'],
		['phy0-ap0', 'phy0-peer'],
	] as const;
	const links = ports.map(([name, peer]) => `link add ${name} type veth peer name ${peer}`);
	await runProgram('ip', ['-batch', '-'], `${links.join('\n')}\n`);

	await save(
		'flowtable-event-new',
		'events of a new table with two flowtables and a rule',
		listen('flowtable-new', () => runProgram('nft', ['-f', '-'], TABLE)),
	);
	const netfilter = new NetlinkConnection(tapped([]));
	netfilter.start();
	await save('flowtable-dump', 'dump of the flowtables', () => netfilter.dump(dumpFlowtables(), () => {}));
	netfilter.stop();
	await save(
		'flowtable-event-deleted',
		'events of the deleted table',
		listen('flowtable-deleted', () => runProgram('nft', ['delete', 'table', 'inet', 'fw4'])),
	);
	// The lab's own devices begin their life in this namespace, with the same names.
	await runProgram('ip', ['-batch', '-'], `${ports.map(([name]) => `link delete ${name}`).join('\n')}\n`);
	return names;
}
