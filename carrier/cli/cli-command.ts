/** What a command line gave, split. */
export type Given = { readonly words: readonly string[]; readonly options: Readonly<Record<string, string>> };

/** How commands reach the machine; `main` fills it in. */
export type CliEnvironment = {
	readonly version: string;
	readonly writeOut: (text: string) => void;
	readonly writeError: (text: string) => void;
	readonly readFile: (path: string) => string;
	readonly random: (bytes: number) => Uint8Array;
	readonly fetch: typeof fetch;
	/** Resolves when the service has stopped. */
	readonly serve: (options: { configPath: string; withHttp: boolean }) => Promise<void>;
};

export type CliCommand = {
	/** `['policy', 'diff']` */
	readonly words: readonly string[];
	/** What follows them: `AUDIENCE FILE`. */
	readonly arguments: readonly string[];
	/** One line, no full stop. */
	readonly summary: string;
	readonly options: readonly CliOption[];
	readonly run: (given: Given, environment: CliEnvironment) => Promise<unknown>;
};

export type CliOption = { readonly name: string; readonly value: string; readonly about: string };

export const CONFIG_OPTION: CliOption = {
	name: 'config',
	value: 'FILE',
	about: 'configuration of the platform (default /etc/octroi/carrier.json)',
};
/** For commands that ask the running platform. */
export const API_OPTIONS: readonly CliOption[] = [
	{ name: 'api', value: 'URL', about: 'of the platform (default http://127.0.0.1:2080)' },
	{ name: 'token-file', value: 'FILE', about: 'whose first line is the token (default /etc/octroi/carrier-token)' },
];

export const CONFIG_PATH_DEFAULT = '/etc/octroi/carrier.json';
export const API_URL_DEFAULT = 'http://127.0.0.1:2080';
export const TOKEN_PATH_DEFAULT = '/etc/octroi/carrier-token';
