import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import type { Namespace } from '../../lab/namespace/namespace.ts';
import { LAB_DIRECTORY } from '../../lab/namespace/private-namespaces.ts';
import { runProgram } from '../../lab/namespace/program.ts';
import { HANG_MS, until } from '../../lab/until.ts';

const START_TIMEOUT_MS = HANG_MS;
const ASSOCIATION_TIMEOUT_MS = HANG_MS;
const LOG_TAIL_CHARACTERS = 1500;

/** Channel 1, which the world's regulatory domain allows everywhere. */
const CHANNEL = 1;
const FREQUENCY_MEGAHERTZ = 2412;

export type AccessPoint = { space: Namespace; device: string; bridge: string; ssid: string };

/** Moves radio `number` (phy0 is 0) into a namespace. Its device gets a new name, and a hardware address unless undefined. */
export async function moveRadio(number: number, to: { space: Namespace; device: string; mac?: string }): Promise<void> {
	await runProgram('iw', ['phy', `phy${number}`, 'set', 'netns', 'name', to.space.name]);
	const device = `wlan${number}`;
	const address = to.mac === undefined ? [] : [`link set ${device} address ${to.mac}`];
	const name = to.device === device ? [] : [`link set ${device} name ${to.device}`];
	await to.space.ip([`link set ${device} down`, ...address, ...name]);
}

/** An open access point, as OpenWrt runs one: hostapd makes the device a port of the bridge. */
export async function startAccessPoint({ space, device, bridge, ssid }: AccessPoint): Promise<ChildProcess> {
	const lines = [
		`interface=${device}`,
		`bridge=${bridge}`,
		'driver=nl80211',
		`ssid=${ssid}`,
		'hw_mode=g',
		`channel=${CHANNEL}`,
	];
	const file = join(LAB_DIRECTORY, `hostapd-${device}.conf`);
	writeFileSync(file, `${lines.join('\n')}\n`);
	return await startUntil(space, 'hostapd', [file], 'AP-ENABLED');
}

/** A station that joins the open network by itself; resolves when it is associated. */
export async function joinNetwork(space: Namespace, device: string, ssid: string): Promise<ChildProcess> {
	const file = join(LAB_DIRECTORY, `station-${space.name}.conf`);
	const network = `ssid="${ssid}" key_mgmt=NONE scan_freq=${FREQUENCY_MEGAHERTZ}`;
	writeFileSync(file, `network={\n${network.replaceAll(/ (?=\w+=)/g, '\n')}\n}\n`);
	return await startUntil(space, 'wpa_supplicant', ['-i', device, '-c', file], 'CTRL-EVENT-CONNECTED');
}

/** Resolves when the access point has that station and lets its data pass. */
export async function authorized(access: AccessPoint, mac: string): Promise<void> {
	await until(`${mac} to be authorized`, ASSOCIATION_TIMEOUT_MS, async () => {
		const text = await access.space.run('iw', ['dev', access.device, 'station', 'dump']);
		return text.includes(mac) && /authorized:\s+yes/.test(text);
	});
}

/** What the access point's radio has sent to that station since it associated, with 802.11's own headers. */
export async function sentBytes(access: AccessPoint, mac: string): Promise<number> {
	const text = await access.space.run('iw', ['dev', access.device, 'station', 'get', mac]);
	return Number(/tx bytes:\s*(\d+)/.exec(text)?.[1]);
}

/** Starts a program that stays in the foreground; resolves when it has said `word`. */
async function startUntil(space: Namespace, program: string, words: string[], word: string): Promise<ChildProcess> {
	const child = space.spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
	let log = '';
	const failure = (what: string) => new OctroiError('internal', `${program} ${what}: ${log.trim()}`);
	await new Promise<void>((resolve, reject) => {
		const timer = setTimeout(() => reject(failure(`did not say ${word}`)), START_TIMEOUT_MS);
		child.once('error', reject);
		child.once('exit', () => reject(failure('ended')));
		for (const stream of [child.stdout, child.stderr]) {
			stream?.setEncoding('utf8').on('data', (text: string) => {
				log = (log + text).slice(-LOG_TAIL_CHARACTERS);
				if (!log.includes(word)) return;
				clearTimeout(timer);
				resolve();
			});
		}
	});
	return child;
}
