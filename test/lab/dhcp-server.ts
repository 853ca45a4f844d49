import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { OctroiError } from '../../agent/core/octroi-error.ts';
import type { Namespace } from './namespace/namespace.ts';
import { LAB_DIRECTORY } from './namespace/private-namespaces.ts';

/** dnsmasq's own file of leases: `expiry mac address name client-id`. The agent reads it. */
export const LEASES_FILE = join(LAB_DIRECTORY, 'dhcp.leases');

/**
 * dnsmasq as an OpenWrt router runs it: DHCPv4 leases, router advertisements for autoconfiguration, no DNS here.
 *
 * @param configFile further lines, such as those that `octroi dnsmasq` prints
 */
export async function startDhcpServer(router: Namespace, configFile = '/dev/null'): Promise<ChildProcess> {
	const child = router.spawn(
		'dnsmasq',
		[
			// Debug mode: in the foreground, as the user that started it (a user namespace has no other).
			'--no-daemon',
			`--conf-file=${configFile}`,
			'--port=0',
			'--interface=br-lan',
			'--bind-dynamic',
			'--dhcp-authoritative',
			'--no-ping',
			'--dhcp-range=10.77.2.1,10.77.2.250,255.255.0.0,12h',
			'--dhcp-option=option:router,10.77.0.1',
			'--enable-ra',
			// Addresses configure themselves; everything else may be asked for.
			'--dhcp-range=2001:db8:10::,ra-stateless,64',
			`--dhcp-leasefile=${LEASES_FILE}`,
		],
		{ stdio: ['ignore', 'ignore', 'pipe'] },
	);
	let log = '';
	await new Promise<void>((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', () => reject(new OctroiError('internal', `dnsmasq ended: ${log.trim()}`)));
		child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			log = (log + text).slice(-4000);
			if (log.includes('started')) resolve();
		});
	});
	return child;
}
