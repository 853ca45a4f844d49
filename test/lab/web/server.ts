import { createServer } from 'node:http';

/** `server.js PORT WORD`: answers every request with the word, and keeps the connection. */
const [port, word] = process.argv.slice(2);
const server = createServer((_request, response) => response.end(word));
server.keepAliveTimeout = 60_000;
server.listen(Number(port), '::', () => process.stdout.write('ready\n'));
