import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type Mosquitto, startMosquitto } from '../../carrier/mosquitto.ts';
import { PROJECT_ROOT } from '../project-root.ts';

/** Of every user of the lab's broker. */
const PASSWORD = 'lab';
const PLATFORM_USER = 'platform';
/** Where the documents keep the broker's files. */
const DOCUMENTED_FOLDER = '/etc/octroi/broker';
/** Ports of the documents: of access points, and of the platform. */
const ACCESS_POINT_PORT = '8883';
const PLATFORM_PORT = '8884';

export type GuardedBroker = Mosquitto & {
	/** The address for the platform, and for applications. */
	readonly platformUrl: string;
	/** The address for an access point, with its name and password in it. */
	urlOf(accessPoint: string): string;
};

/** The broker of docs/mosquitto.conf, on other ports and without TLS: all that it says of rights, names and bounds is as it stands there. */
export async function startGuardedBroker(accessPoints: readonly string[]): Promise<GuardedBroker> {
	const platformPort = await freePort();
	const broker = await startMosquitto(({ directory, port }) => {
		makePasswords(join(directory, 'access-points.passwords'), accessPoints);
		makePasswords(join(directory, 'platform.passwords'), [PLATFORM_USER]);
		for (const name of ['access-points', 'platform'])
			writeFileSync(join(directory, `${name}.acl`), documented(`mosquitto-${name}.acl`));
		return documented('mosquitto.conf')
			.replaceAll(DOCUMENTED_FOLDER, directory)
			.replace(/^(?:cafile|certfile|keyfile) .*\n/gm, '')
			.replace('persistence_location /var/lib/mosquitto/', `persistence_location ${directory}/`)
			.replace(`listener ${ACCESS_POINT_PORT}`, `listener ${port} 127.0.0.1`)
			.replace(`listener ${PLATFORM_PORT}`, `listener ${platformPort} 127.0.0.1`)
			.split('\n');
	});
	const withUser = (url: string, user: string) => url.replace('mqtt://', `mqtt://${user}:${PASSWORD}@`);
	return {
		...broker,
		platformUrl: withUser(`mqtt://127.0.0.1:${platformPort}`, PLATFORM_USER),
		urlOf: (accessPoint) => withUser(broker.url, accessPoint),
	};
}

function makePasswords(file: string, users: readonly string[]): void {
	writeFileSync(file, '', { mode: 0o600 });
	for (const user of users) execFileSync('mosquitto_passwd', ['-b', file, user, PASSWORD]);
}

function documented(name: string): string {
	return readFileSync(join(PROJECT_ROOT, 'docs', name), 'utf8');
}
