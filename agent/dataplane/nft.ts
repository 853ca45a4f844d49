import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { OctroiError } from '../core/octroi-error.ts';

/** What nft prints is bounded by the ruleset that it complains about; an error message needs only its beginning. */
const OUTPUT_CHARACTERS_MAX = 4000;
/** A router's ruleset without the elements of its sets: firewall4's default has 40 kB. */
const RULESET_CHARACTERS_MAX = 8 * 1024 * 1024;
/**
 * A ruleset loads in some 10 ms, and on an emulated processor beside busy neighbours it took more than 30 s. Only a machine that is out
 * of memory or stuck in the kernel takes so long, and must not hold us for ever.
 */
const NFT_TIMEOUT_MS = 300_000;

/**
 * Gives a ruleset to `nft -f -`: all of it becomes effective in one transaction, or nothing. Only for what is rare (a start,
 * a device that comes): it forks.
 *
 * @param text the ruleset, on standard input
 * @param options `checkOnly`: the kernel checks it and then drops it
 * @throws OctroiError `feature_missing` when there is no nft, `permission_denied`, `ruleset_refused` with the words of nft
 */
export async function runNft(text: string, options: { checkOnly?: boolean } = {}): Promise<void> {
	const { status, errors: words } = await run(options.checkOnly ? ['-c', '-f', '-'] : ['-f', '-'], text);
	if (status === undefined) return;
	const denied = words.includes('Operation not permitted');
	throw new OctroiError(
		denied ? 'permission_denied' : 'ruleset_refused',
		`nft refused the ruleset: ${words || status}`,
		{
			fix: denied
				? 'run the agent as root, or with CAP_NET_ADMIN in the network namespace of the router'
				: 'run `octroi doctor` to see what the kernel lacks',
		},
	);
}

/** What nft says of its version. @throws OctroiError `feature_missing` when there is none that starts */
export async function nftVersion(): Promise<string> {
	const { status, output } = await run(['--version'], '');
	if (status !== undefined) throw noNft(new Error(status));
	return output;
}

/**
 * Reads all rules of the kernel as nft's JSON (libnftables-json(5)), without the elements of sets. It forks: only for what somebody
 * asks for, or what is rare.
 *
 * @throws OctroiError `feature_missing` when there is no nft, when it knows no JSON, or when it prints more than 8 MiB
 */
export async function readRuleset(): Promise<unknown> {
	const { status, output, errors } = await run(['-j', '-t', 'list', 'ruleset'], '', RULESET_CHARACTERS_MAX);
	const fix = 'install nftables with JSON (OpenWrt: nftables-json), and run as root';
	if (status !== undefined) {
		throw new OctroiError('feature_missing', `nft does not list the rules as JSON: ${errors || status}`, { fix });
	}
	try {
		return JSON.parse(output);
	} catch (cause) {
		throw new OctroiError('feature_missing', 'the list of rules of nft cannot be read', { fix, cause });
	}
}

type Ended = { readonly output: string; readonly errors: string; readonly status: string | undefined };

/** Main has put the system's folders into PATH, and taken npm's out of it. @returns without `status` if all went well */
function run(words: readonly string[], input: string, most = OUTPUT_CHARACTERS_MAX): Promise<Ended> {
	return new Promise((resolve, reject) => {
		// Not `timeout`: of a program that does not start, Node would go on waiting for the end.
		const nft = spawn('nft', words, { signal: AbortSignal.timeout(NFT_TIMEOUT_MS), killSignal: 'SIGKILL' });
		const output = beginning(nft.stdout, most);
		const errors = beginning(nft.stderr, OUTPUT_CHARACTERS_MAX);
		// One that was killed for its time closes, too, and says by which signal.
		nft.on('error', (cause) => cause.name === 'AbortError' || reject(noNft(cause)));
		nft.on('close', (code, signal) => {
			const end =
				signal === 'SIGKILL'
					? `did not end within ${NFT_TIMEOUT_MS / 1000} s, or was killed`
					: `ended by ${signal ?? `status ${code}`}`;
			const status = code === 0 ? undefined : `nft ${end}`;
			resolve({ output: output(), errors: errors(), status });
		});
		// nft may end before it has read everything; its status tells.
		nft.stdin.on('error', () => undefined).end(input);
	});
}

/** Reads all, keeps the beginning. */
function beginning(stream: Readable, most: number): () => string {
	let text = '';
	stream.setEncoding('utf8').on('data', (data: string) => {
		text = (text + data).slice(0, most);
	});
	return () => text.trim();
}

function noNft(cause: unknown): OctroiError {
	return new OctroiError('feature_missing', 'nft is not installed, or cannot be started', {
		fix: 'install the package nftables (Debian) or nftables-json (OpenWrt)',
		cause,
	});
}
