import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { NETLINK_NETFILTER, NetlinkConnection, type NetlinkMessage } from '../../../../agent/netlink/index.ts';

/** What the kernel scripts share: a small table of the meter's shape, and a way to send bytes through it. */
export const TABLE = 'octroi';

export function nft(rules: string): void {
	execFileSync('nft', ['-f', '-'], { input: rules, stdio: ['pipe', 'inherit', 'inherit'] });
}

export function ip(...words: string[]): void {
	execFileSync('ip', words);
}

export function makeTable(): void {
	nft(`table inet ${TABLE} {
		comment "meter of the guest network"
		map station { type ether_addr : mark; flags timeout; size 65536; }
		map quota_of { type mark : quota; flags timeout; size 65536; }
		map up_of { type mark : counter; size 65536; }
	}`);
}

/** Started; the script's process ends with it still open. */
export function netfilter(): NetlinkConnection {
	const connection = new NetlinkConnection({ protocol: NETLINK_NETFILTER });
	connection.start();
	return connection;
}

/** A mark's key: 4 bytes in host order. */
export function mark(meter: number): Buffer {
	const key = Buffer.alloc(4);
	key.writeUInt32LE((meter << 16) >>> 0);
	return key;
}

export const STATION = Buffer.from('02005e100001', 'hex');

/** Sends UDP datagrams over loopback, which nobody hears. */
export async function sendLoopback(count: number, payloadBytes: number): Promise<void> {
	const socket = createSocket('udp4');
	socket.bind(4001, '127.0.0.1');
	await once(socket, 'listening');
	for (let sent = 0; sent < count; sent++) {
		await new Promise<void>((resolve, reject) => {
			socket.send(Buffer.alloc(payloadBytes), 4000, '127.0.0.1', (error) => (error ? reject(error) : resolve()));
		});
	}
	socket.close();
}

/** Copies what would be gone with the moving view. */
export function kept(message: NetlinkMessage): NetlinkMessage {
	return { ...message };
}
