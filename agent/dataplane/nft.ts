import { spawn } from 'node:child_process';
import { OctroiError } from '../core/octroi-error.ts';

/** What nft prints is bounded by the ruleset that it complains about; an error message needs only its beginning. */
const OUTPUT_CHARACTERS_MAX = 4000;

/**
 * Gives a ruleset to `nft -f -`: all of it becomes effective in one transaction, or nothing. Only for what is rare (a start,
 * a device that comes): it forks.
 *
 * @param text the ruleset, on standard input
 * @param options `checkOnly`: the kernel checks it and then drops it
 * @throws OctroiError `feature_missing` when there is no nft, `ruleset_refused` with the words of nft
 */
export async function runNft(text: string, options: { checkOnly?: boolean } = {}): Promise<void> {
	const words = await new Promise<string | undefined>((resolve, reject) => {
		const nft = spawn('nft', options.checkOnly ? ['-c', '-f', '-'] : ['-f', '-'], {
			stdio: ['pipe', 'ignore', 'pipe'],
		});
		let output = '';
		nft.stderr.setEncoding('utf8').on('data', (data: string) => {
			output = (output + data).slice(0, OUTPUT_CHARACTERS_MAX);
		});
		nft.on('error', (cause) => reject(noNft(cause)));
		nft.on('close', (code) => resolve(code === 0 ? undefined : output || `nft ended with status ${code}`));
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

function noNft(cause: unknown): OctroiError {
	return new OctroiError('feature_missing', 'the program nft cannot be started', {
		fix: 'install the package nftables (Debian) or nftables-json (OpenWrt)',
		cause,
	});
}
