import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { decodeText } from '../../protocol/decode-text.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { Config } from './config.ts';
import { CONFIG_BYTES_MAX } from './options.ts';
import { readConfig } from './read-config.ts';

/**
 * Reads the configuration file.
 *
 * @throws OctroiError `config_invalid`; also when the file is missing or cannot be read
 */
export function loadConfig(path: string): Config {
	return readConfig(readText(path), path);
}

function readText(path: string): string {
	try {
		const file = openSync(path, 'r');
		try {
			const facts = fstatSync(file);
			if (!facts.isFile() || facts.size > CONFIG_BYTES_MAX) {
				throw new OctroiError('config_invalid', `${path} is not a file of at most ${CONFIG_BYTES_MAX} bytes`, {
					fix: 'name the configuration file, not another one',
				});
			}
			return decodeText(readFileSync(file));
		} finally {
			closeSync(file);
		}
	} catch (error) {
		if (error instanceof OctroiError) {
			throw error;
		}
		const code = (error as NodeJS.ErrnoException).code;
		throw new OctroiError('config_invalid', `the configuration ${path} cannot be read: ${whyUnreadable(code)}`, {
			fix:
				code === 'ENOENT'
					? 'name it with --config FILE, or copy docs/example-config.json there'
					: 'run octroi as a user who may read it',
			cause: error,
		});
	}
}

function whyUnreadable(code: string | undefined): string {
	if (code === 'ENOENT') {
		return 'there is no such file';
	}
	return code === 'EACCES' ? 'permission denied' : (code ?? 'unknown error');
}
