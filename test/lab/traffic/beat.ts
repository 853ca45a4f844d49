import { createSocket } from 'node:dgram';

/**
 * One datagram a millisecond, and when each arrived: `beat.js send ADDRESS PORT` and `beat.js hear ADDRESS PORT`. The hearer prints
 * a line `SENT HEARD` for each, in milliseconds of CLOCK_MONOTONIC, which all processes of a machine share.
 */
const [role, address = '', port = ''] = process.argv.slice(2);
const now = () => Number(process.hrtime.bigint() / 1000n) / 1000;
const socket = createSocket('udp4');

if (role === 'send') {
	const text = () => Buffer.from(now().toFixed(3).padStart(20));
	// What is refused on the way is what is measured.
	socket.on('error', () => undefined);
	setInterval(() => socket.send(text(), Number(port), address, () => undefined), 1);
} else {
	socket.on('message', (sent) => process.stdout.write(`${sent.toString().trim()} ${now().toFixed(3)}\n`));
	socket.bind(Number(port), address, () => process.stdout.write('ready\n'));
}
