import { asking, at, LIMIT, PAGE, query } from './asking.ts';
import type { CliCommand } from './cli-command.ts';

/** Access points, commands, events, slices. */
export const FLEET_COMMANDS: readonly CliCommand[] = [
	asking({
		words: 'ap add',
		arguments: 'AP TITLE',
		summary: 'Let an access point report here',
		request: ({ words: [ap, title] }) => ({ method: 'POST', path: '/v1/access-points', body: { ap, title } }),
	}),
	asking({
		words: 'ap list',
		summary: 'Access points and how they are',
		options: PAGE,
		request: (given) => ({ method: 'GET', path: `/v1/access-points${query(given, 'after', 'limit')}` }),
	}),
	asking({
		words: 'ap show',
		arguments: 'AP',
		summary: 'One access point',
		request: (given) => ({ method: 'GET', path: `/v1/access-points/${at(given, 0)}` }),
	}),
	asking({
		words: 'ap block',
		arguments: 'AP',
		summary: 'Hear nothing from an access point any more',
		request: (given) => ({
			method: 'PUT',
			path: `/v1/access-points/${at(given, 0)}/state`,
			body: { state: 'blocked' },
		}),
	}),
	asking({
		words: 'ap unblock',
		arguments: 'AP',
		summary: 'Hear it again',
		request: (given) => ({ method: 'PUT', path: `/v1/access-points/${at(given, 0)}/state`, body: { state: 'active' } }),
	}),
	asking({
		words: 'command send',
		arguments: 'AP ID FILE',
		summary: 'Send a command to an access point; it takes effect once',
		request: (given, read) => ({
			method: 'POST',
			path: `/v1/access-points/${at(given, 0)}/commands`,
			body: { id: given.words[1], body: read(given.words[2] as string) },
		}),
	}),
	asking({
		words: 'command show',
		arguments: 'AP ID',
		summary: 'What became of a command',
		request: (given) => ({ method: 'GET', path: `/v1/access-points/${at(given, 0)}/commands/${at(given, 1)}` }),
	}),
	asking({
		words: 'event list',
		summary: 'The newest events of access points and of the platform',
		options: [{ name: 'before', value: 'MS', about: 'received before this time, in ms since 1970' }, LIMIT],
		request: (given) => ({ method: 'GET', path: `/v1/events${query(given, 'before', 'limit')}` }),
	}),
	asking({
		words: 'slice list',
		summary: 'Slices that are out, the oldest first',
		options: [{ name: 'state', value: 'STATE', about: 'only those that are given, revoking or silent' }],
		request: (given) => ({ method: 'GET', path: `/v1/slices${query(given, 'state')}` }),
	}),
	asking({
		words: 'slice revoke',
		arguments: 'SLICE',
		summary: 'Call a slice back',
		request: (given) => ({ method: 'POST', path: `/v1/slices/${at(given, 0)}/revoke` }),
	}),
	asking({
		words: 'slice release',
		arguments: 'SLICE',
		summary: 'Give its rest back: its access point will never say what it used',
		request: (given) => ({ method: 'POST', path: `/v1/slices/${at(given, 0)}/release` }),
	}),
];
