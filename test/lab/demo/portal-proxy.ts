import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { takeServers } from '../namespace/loopback-servers.ts';

/**
 * `portal-proxy HOST PORT`, in a station's network: whatever opens the loopback port that it is given sees the portal as that
 * station does. The portal answers requests for its own address only, so the name of the host is changed on the way.
 */
const [host, port] = process.argv.slice(2) as [string, string];
const portal = `${host}:${port}`;

const proxy = createServer((incoming, response) => {
	const { method, url: path } = incoming;
	const onward = request({
		host,
		port: Number(port),
		method,
		path,
		headers: headersOf(incoming.headers),
		agent: false,
	});
	onward.on('response', (answer) => passBack(answer, response));
	onward.on('error', () => {
		if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/plain' });
		response.end('The demo has ended, or its portal does not answer.\n');
	});
	response.on('close', () => onward.destroy());
	incoming.pipe(onward);
});

const [loopback] = await takeServers(1);
loopback?.server.on('connection', (socket) => {
	proxy.emit('connection', socket);
});

function headersOf(headers: IncomingHttpHeaders): IncomingHttpHeaders {
	const { origin, referer } = headers;
	return {
		...headers,
		host: portal,
		...(origin === undefined ? {} : { origin: `http://${portal}` }),
		...(referer === undefined ? {} : { referer: referer.replace(/^http:\/\/[^/]+/, `http://${portal}`) }),
	};
}

function passBack(answer: IncomingMessage, response: ServerResponse): void {
	const { location } = answer.headers;
	const own = location?.startsWith(`http://${portal}`) ? location.slice(`http://${portal}`.length) : location;
	response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...(own === undefined ? {} : { location: own }) });
	answer.pipe(response);
}
