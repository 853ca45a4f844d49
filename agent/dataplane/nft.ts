import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join, sep } from 'node:path';
import { OctroiError } from '../core/octroi-error.ts';

/** What nft prints is bounded by the ruleset that it complains about; an error message needs only its beginning. */
const OUTPUT_CHARACTERS_MAX = 4000;
/** A ruleset loads in some 10 ms; a machine that is out of memory or stuck in the kernel must not hold us for ever. */
const NFT_TIMEOUT_MS = 30_000;

/**
 * Gives a ruleset to `nft -f -`: all of it becomes effective in one transaction, or nothing. Only for what is rare (a start,
 * a device that comes): it forks.
 *
 * @param text the ruleset, on standard input
 * @param options `checkOnly`: the kernel checks it and then drops it
 * @throws OctroiError `feature_missing` when there is no nft, `permission_denied`, `ruleset_refused` with the words of nft
 */
export async function runNft(text: string, options: { checkOnly?: boolean } = {}): Promise<void> {
	const program = await findNft();
	const words = await new Promise<string | undefined>((resolve, reject) => {
		const nft = spawn(program, options.checkOnly ? ['-c', '-f', '-'] : ['-f', '-'], {
			// The words that we look for must not be translated.
			env: { ...process.env, LC_ALL: 'C' },
			stdio: ['pipe', 'ignore', 'pipe'],
			timeout: NFT_TIMEOUT_MS,
			killSignal: 'SIGKILL',
		});
		let output = '';
		nft.stderr.setEncoding('utf8').on('data', (data: string) => {
			output = (output + data).slice(0, OUTPUT_CHARACTERS_MAX);
		});
		nft.on('error', (cause) => reject(noNft(cause)));
		nft.on('close', (code, signal) => resolve(code === 0 ? undefined : output || `nft ended by ${signal ?? code}`));
		// nft may end before it has read everything; its status tells.
		nft.stdin.on('error', () => undefined).end(text);
	});
	if (words === undefined) return;
	const denied = words.includes('Operation not permitted');
	throw new OctroiError(denied ? 'permission_denied' : 'ruleset_refused', `nft refused the ruleset: ${words.trim()}`, {
		fix: denied
			? 'run the agent as root, or with CAP_NET_ADMIN in the network namespace of the router'
			: 'run `octroi doctor` to see what the kernel lacks',
	});
}

/**
 * Where nftables' program is. An ordinary user's PATH lacks sbin. And npm and npx put `node_modules/.bin` in front, where a
 * JavaScript bundler (@vercel/nft) installs a program of the same name: those folders are passed over.
 *
 * @throws OctroiError `feature_missing`
 */
export async function findNft(path: string = process.env.PATH ?? ''): Promise<string> {
	const folders = path.split(delimiter).filter((folder) => folder && !folder.split(sep).includes('node_modules'));
	for (const folder of [...folders, '/usr/sbin', '/sbin']) {
		try {
			await access(join(folder, 'nft'), constants.X_OK);
			return join(folder, 'nft');
		} catch {
			// Not in this folder; look in the next.
		}
	}
	throw noNft(undefined);
}

function noNft(cause: unknown): OctroiError {
	return new OctroiError('feature_missing', 'nft is not installed, or cannot be started', {
		fix: 'install the package nftables (Debian) or nftables-json (OpenWrt)',
		cause,
	});
}
