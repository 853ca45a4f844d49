import type { Config } from '../config/config.ts';
import { OctroiError } from '../core/octroi-error.ts';
import { loadPcap } from '../sensor/pcap-binding.ts';
import type { Feature } from './feature.ts';

/** Can the sensor and `octroi capture` listen on the metered devices? Opens each for a moment. The agent meters without it. */
export function probeSensor(config: Config | undefined): Feature {
	const name = 'libpcap, for the sensor and captures';
	try {
		const { version, open } = loadPcap();
		for (const device of config?.devices.metered ?? []) {
			open({
				device,
				filter: 'arp',
				snapBytes: 64,
				bufferBytes: 65_536,
				isPromiscuous: false,
				isInboundOnly: true,
				onFrame() {},
			}).close();
		}
		return { name, ok: true, grade: 'should', detail: version, fix: '' };
	} catch (error) {
		const fix = error instanceof OctroiError ? error.fix : undefined;
		const detail = (error as Error).message.split('\n')[0] as string;
		return { name, ok: false, grade: 'should', detail, fix: fix ?? 'run as root, and name the right devices.metered' };
	}
}
