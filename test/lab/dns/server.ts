import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { ipAddressBytes } from '../../../agent/netlink/index.ts';
import { GARDEN_IPV4, GARDEN_IPV6, ZERO_RATED_IPV4, ZERO_RATED_IPV6 } from '../topology.ts';
import { decodeQuestion, encodeAnswer, type Question, TYPE, textData } from './message.ts';
import { DOWN_LABEL, GARDEN_NAME, HOST_PATTERN, TUNNEL_DOMAIN, ZERO_RATED_NAME } from './names.ts';
import { framed, messagesOf } from './stream.ts';

/**
 * `server.js ADDRESS`: the name server of the lab's internet, and the far end of tunnels through DNS. Each line on stdin is
 * answered by one on stdout: how many bytes came through each tunnel in names.
 */
const ADDRESSES: Record<string, { ipv4: string; ipv6: string }> = {
	[ZERO_RATED_NAME]: { ipv4: ZERO_RATED_IPV4, ipv6: ZERO_RATED_IPV6 },
	[GARDEN_NAME]: { ipv4: GARDEN_IPV4, ipv6: GARDEN_IPV6 },
};

const seen = new Set<string>();
/** By the tunnel's tag. Every letter counts as a byte: more than any encoding carries. */
const upBytes: Record<string, number> = {};

/** None: a tunnel that only sends wants nothing back. */
function answerTo(question: Question & { end: number }): Buffer | undefined {
	const { name, type } = question;
	if (name.endsWith(`.${DOWN_LABEL}.${TUNNEL_DOMAIN}`)) {
		return encodeAnswer(question, type === TYPE.TXT ? textData(question) : undefined);
	}
	if (name.endsWith(`.${TUNNEL_DOMAIN}`)) {
		const labels = name.slice(0, -TUNNEL_DOMAIN.length - 1).split('.');
		const tag = labels.pop() ?? '';
		if (!seen.has(name)) upBytes[tag] = (upBytes[tag] ?? 0) + labels.join('').length;
		seen.add(name);
		return undefined;
	}
	const host = HOST_PATTERN.exec(name)?.[1];
	const known = ADDRESSES[name] ?? (host ? { ipv4: `192.0.2.${host}`, ipv6: `2001:db8:77::${host}` } : undefined);
	const address = type === TYPE.A ? known?.ipv4 : type === TYPE.AAAA ? known?.ipv6 : undefined;
	return encodeAnswer(question, address === undefined ? undefined : ipAddressBytes(address));
}

const address = process.argv[2];
const socket = createSocket('udp4');
socket.on('message', (message, from) => {
	const answer = answerTo(decodeQuestion(message));
	if (answer !== undefined) socket.send(answer, from.port, from.address);
});
socket.bind(53, address);
await once(socket, 'listening');
// The resolver asks by TCP what it was asked by TCP.
const listener = createServer((connection) => {
	connection.on('error', () => connection.destroy());
	const take = (message: Buffer) => {
		const question = decodeQuestion(message);
		// It waits for one answer before it asks for the next.
		connection.write(framed(answerTo(question) ?? encodeAnswer(question, undefined)));
	};
	connection.on('data', messagesOf(take));
});
listener.listen(53, address);
await once(listener, 'listening');
process.stdout.write('{}\n');
for await (const _ of createInterface({ input: process.stdin })) process.stdout.write(`${JSON.stringify(upBytes)}\n`);
process.exit(0);
