import { createServer } from 'node:http';

/** `bare-page.js PORT`: the floor under a page of the portal: node:http answers every request with the same page, given on stdin. */
let page = '';
for await (const part of process.stdin.setEncoding('utf8')) page += part;
const server = createServer((_request, response) => {
	response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': Buffer.byteLength(page) });
	response.end(page);
});
server.listen(Number(process.argv[2]), '::', () => process.stdout.write('ready\n'));
