import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { OctroiError } from '../core/octroi-error.ts';

/** What opens the connection. Read anew for each one, so that a file that was replaced is taken without a restart. */
export type Credentials = {
	readonly ca?: Buffer;
	readonly cert?: Buffer;
	readonly key?: Buffer;
	readonly username?: string;
	readonly password?: string;
};

/** A file that is larger is none of these. */
const FILE_BYTES_MAX = 1024 * 1024;

/** @throws OctroiError `invalid_value` for a file that cannot be read */
export function readCredentials({ ca, certificate, key, user, passwordFile }: Config['carrier']): Credentials {
	return {
		...(ca === undefined ? {} : { ca: readWhole('carrier.ca', ca) }),
		...(certificate === undefined ? {} : { cert: readWhole('carrier.certificate', certificate) }),
		...(key === undefined ? {} : { key: readWhole('carrier.key', key) }),
		...(user === undefined ? {} : { username: user }),
		...(passwordFile === undefined
			? {}
			: { password: readWhole('carrier.passwordFile', passwordFile).toString('utf8').split(/\r?\n/, 1)[0] as string }),
	};
}

/** Until when the client certificate is valid. Undefined: there is none, or it cannot be read. */
export function certificateEndMs({ cert }: Credentials): number | undefined {
	if (cert === undefined) return undefined;
	try {
		return Date.parse(new X509Certificate(cert).validTo);
	} catch {
		// TLS will say what is wrong with it.
		return undefined;
	}
}

function readWhole(option: string, path: string): Buffer {
	try {
		if (statSync(path).size > FILE_BYTES_MAX) throw new Error(`it is larger than ${FILE_BYTES_MAX} bytes`);
		return readFileSync(path);
	} catch (error) {
		throw new OctroiError('invalid_value', `${option}: ${path} cannot be read: ${(error as Error).message}`, {
			fix: `put the file there, readable for the agent, or change ${option}`,
			cause: error,
		});
	}
}
