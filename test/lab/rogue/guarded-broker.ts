import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mosquitto, startMosquitto } from '../../carrier/mosquitto.ts';

/** Of every user of the lab's broker. */
const PASSWORD = 'lab';
export const PLATFORM_USER = 'platform';

/** A broker as docs/carrier-platform.md asks for: each access point publishes and reads below its own name only. */
export async function startGuardedBroker(accessPoints: readonly string[]): Promise<Mosquitto> {
	return await startMosquitto((directory) => {
		const passwords = join(directory, 'passwords');
		const rules = join(directory, 'rules');
		writeFileSync(passwords, '', { mode: 0o600 });
		for (const user of [PLATFORM_USER, ...accessPoints])
			execFileSync('mosquitto_passwd', ['-b', passwords, user, PASSWORD]);
		const own = accessPoints.map(
			(ap) =>
				`user ${ap}\ntopic write octroi/1/${ap}/up/#\ntopic read octroi/1/${ap}/down/#\ntopic read octroi/1/all/down/policy\n`,
		);
		writeFileSync(rules, `user ${PLATFORM_USER}\ntopic readwrite #\n\n${own.join('\n')}`);
		return ['allow_anonymous false', `password_file ${passwords}`, `acl_file ${rules}`];
	});
}

/** The broker's address with the user's name and password in it. */
export function urlOf({ url }: Mosquitto, user: string): string {
	return url.replace('mqtt://', `mqtt://${user}:${PASSWORD}@`);
}
