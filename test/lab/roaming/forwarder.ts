import { connect, createServer } from 'node:net';

/** `forwarder PORT SOCKET`: the uplink to the broker. Namespaces have no network in common, but the file system. */
const [port, socket] = process.argv.slice(2) as [string, string];

const server = createServer((near) => {
	const far = connect(socket);
	near.pipe(far).pipe(near);
	for (const end of [near, far]) {
		end.on('error', () => undefined);
		end.on('close', () => {
			near.destroy();
			far.destroy();
		});
	}
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
