import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';
import { ipAddressBytes } from '../../../agent/netlink/index.ts';
import { GARDEN_IPV4, GARDEN_IPV6, ZERO_RATED_IPV4, ZERO_RATED_IPV6 } from '../topology.ts';
import { decodeQuestion, encodeAnswer, type Question, TYPE, textData } from './message.ts';
import { GARDEN_NAME, HOST_PATTERN, TUNNEL_DOMAIN, ZERO_RATED_NAME } from './names.ts';

/**
 * `server.js ADDRESS`: the name server of the lab's internet, and the far end of a tunnel through DNS. Each line on stdin is
 * answered by one on stdout: how many bytes came through the tunnel in names, and how many different questions.
 */
const ADDRESSES: Record<string, { ipv4: string; ipv6: string }> = {
	[ZERO_RATED_NAME]: { ipv4: ZERO_RATED_IPV4, ipv6: ZERO_RATED_IPV6 },
	[GARDEN_NAME]: { ipv4: GARDEN_IPV4, ipv6: GARDEN_IPV6 },
};
/** Five bits a letter. */
const BASE32_BYTES_PER_LETTER = 5 / 8;
/** What a TXT answer of the tunnel carries: with its headers it fills what UDP may carry. */
const TEXT_BYTES = 900;

const seen = new Set<string>();
let upBytes = 0;

function answerTo(question: Question): Buffer {
	const { name, type } = question;
	if (name.endsWith(`.${TUNNEL_DOMAIN}`)) {
		if (!seen.has(name)) upBytes += Math.floor(payloadLetters(name) * BASE32_BYTES_PER_LETTER);
		seen.add(name);
		return encodeAnswer(question, type === TYPE.TXT ? textData(TEXT_BYTES) : undefined);
	}
	const host = HOST_PATTERN.exec(name)?.[1];
	const known = ADDRESSES[name] ?? (host ? { ipv4: `192.0.2.${host}`, ipv6: `2001:db8:77::${host}` } : undefined);
	const address = type === TYPE.A ? known?.ipv4 : type === TYPE.AAAA ? known?.ipv6 : undefined;
	return encodeAnswer(question, address === undefined ? undefined : ipAddressBytes(address));
}

function payloadLetters(name: string): number {
	return name.slice(0, -TUNNEL_DOMAIN.length - 1).replaceAll('.', '').length;
}

const socket = createSocket('udp4');
socket.on('message', (message, from) => {
	socket.send(answerTo(decodeQuestion(message)), from.port, from.address);
});
socket.bind(53, process.argv[2], () => process.stdout.write('{}\n'));
for await (const _ of createInterface({ input: process.stdin })) {
	process.stdout.write(`${JSON.stringify({ upBytes, questions: seen.size })}\n`);
}
process.exit(0);
