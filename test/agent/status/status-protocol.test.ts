import { readFileSync } from 'node:fs';
import test from 'ava';
import { COMMAND_SHAPES } from '../../../agent/status/commands.ts';
import {
	CONNECTIONS_MAX,
	READ_TIMEOUT_MS,
	REQUEST_BYTES_MAX,
	REQUEST_TIMEOUT_MS,
	WATCH_UNREAD_BYTES_MAX,
	WATCH_UNREAD_MS_MAX,
} from '../../../agent/status/limits.ts';
import { HELLO } from '../../../agent/status/protocol.ts';

const document = readFileSync('docs/status-protocol.md', 'utf8');

test('docs/status-protocol.md has every command with its socket and arguments, and no other', (t) => {
	const rows = document.matchAll(/^\| `([a-z.]+)` \| (status|control) \| (.+?) \| .+ \|$/gm);
	const documented = [...rows].map(([, name, socket, given]) => `${name} ${socket} ${given}`);
	const real = Object.entries(COMMAND_SHAPES).map(([name, { readOnly, argumentsSchema }]) => {
		const given = Object.entries(argumentsSchema).map(
			([key, { optional, default: value }]) => `\`${key}\`${optional || value !== undefined ? ' (optional)' : ''}`,
		);
		return `${name} ${readOnly ? 'status' : 'control'} ${given.length === 0 ? 'none' : given.join(', ')}`;
	});
	t.deepEqual(documented, real);
});

test('docs/status-protocol.md has the limits and the greeting of the code', (t) => {
	t.true(document.includes(`at most ${REQUEST_BYTES_MAX} bytes`));
	t.true(document.includes(`complete ${REQUEST_TIMEOUT_MS} ms`));
	t.true(document.includes(`${CONNECTIONS_MAX} connections for each socket`));
	t.true(document.includes(`read within ${READ_TIMEOUT_MS} ms`));
	t.true(document.includes(`at most ${WATCH_UNREAD_BYTES_MAX} bytes unread`));
	t.true(document.includes(`nothing unread for ${WATCH_UNREAD_MS_MAX} ms`));
	t.deepEqual(JSON.parse(/^S: (.+)$/m.exec(document)?.[1] ?? ''), HELLO);
});
