import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseMacAddress } from '../../core/mac-address.ts';
import { OctroiError } from '../../core/octroi-error.ts';
import {
	CAPTURE_SECONDS_DEFAULT,
	CAPTURE_SECONDS_MAX,
	SNAP_BYTES_DEFAULT,
	SNAP_BYTES_MAX,
} from '../../status/commands.ts';
import type { CliCommand } from '../cli-command.ts';
import { readWhole } from '../read-whole.ts';

/** How often what was captured is fetched: the agent keeps 1 MiB. */
const FETCH_MS = 200;

export const capture: CliCommand = {
	words: ['capture'],
	summary: 'write what a station sends and gets into a pcap file',
	details: [
		'For support, to be opened with Wireshark or tcpdump; at most 16 MiB, one capture at a time. The file must not exist yet.',
		'It holds what the station talks about: ask its owner first, and delete it afterwards.',
	],
	arguments: [{ name: 'STATION', about: "the station's hardware address, in any usual spelling" }],
	options: [
		{
			name: 'seconds',
			value: 'N',
			about: `how long, 1 to ${CAPTURE_SECONDS_MAX} (default: ${CAPTURE_SECONDS_DEFAULT})`,
		},
		{
			name: 'snap-bytes',
			value: 'N',
			about: `of each frame at most, 14 to ${SNAP_BYTES_MAX} (default: ${SNAP_BYTES_DEFAULT}, which holds the headers)`,
		},
		{ name: 'output', value: 'FILE', about: 'where (default: STATION.pcap, with "-" for ":")' },
	],
	examples: [
		{ line: 'octroi capture 02:00:5e:10:00:01 --seconds 30', about: 'half a minute, headers only' },
		{ line: 'octroi capture 02:00:5e:10:00:01 --snap-bytes 1514 --output /tmp/a.pcap', about: 'whole frames' },
	],
	exits: [2, 3, 4, 5, 6],
	async run({ arguments: given, options }, { ask }) {
		const mac = parseMacAddress(given.STATION as string);
		const seconds =
			whole('--seconds', options.seconds, { min: 1, max: CAPTURE_SECONDS_MAX }) ?? CAPTURE_SECONDS_DEFAULT;
		const snapBytes =
			whole('--snap-bytes', options['snap-bytes'], { min: 14, max: SNAP_BYTES_MAX }) ?? SNAP_BYTES_DEFAULT;
		const path = options.output ?? `${mac.replaceAll(':', '-')}.pcap`;
		const file = createFile(path);
		let isWhole = false;
		try {
			let part = await ask('capture', { mac, seconds, snapBytes });
			for (;;) {
				writeSync(file, Buffer.from(part.data, 'base64'));
				if (part.done) break;
				await delay(FETCH_MS);
				part = await ask('capture', { mac, seconds, snapBytes, capture: part.capture });
			}
			const { frames, missed, floods } = part;
			const gaps = missed + floods === 0 ? '' : `; ${missed} frames and ${floods} floods are missing`;
			isWhole = true;
			return { text: `${path}: ${frames} frames${gaps}\n`, json: { file: path, frames, missed, floods } };
		} finally {
			closeSync(file);
			// Half a capture would only be in the way of the next one.
			if (!isWhole) unlinkSync(path);
		}
	},
};

function whole(name: string, text: string | undefined, range: { min: number; max: number }): number | undefined {
	return text === undefined ? undefined : readWhole(name, text, range);
}

/** For its owner only: others have no business in it. */
function createFile(path: string): number {
	try {
		return openSync(path, 'wx', 0o600);
	} catch (cause) {
		const { code } = cause as NodeJS.ErrnoException;
		throw new OctroiError('not_allowed', `${path} cannot be made: ${code === 'EEXIST' ? 'it exists already' : code}`, {
			fix: 'name another file with --output',
			cause,
		});
	}
}
