import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { silentLog } from '../../../../agent/core/log.ts';
import { DataPlane } from '../../../../agent/dataplane/data-plane.ts';
import type { Feature } from '../../../../agent/doctor/feature.ts';
import { probeFeatures } from '../../../../agent/doctor/kernel-features.ts';
import { dataPlaneOptions } from './playground.ts';
import { ip } from './router.ts';

export type Found = {
	readonly features: readonly Feature[];
	/** What the start of the data plane throws. */
	readonly refusal: { readonly code: string; readonly message: string; readonly fix: string | undefined } | undefined;
};

/** Probes as we are, where nft is hidden, and without any capability. */
export default async function poorHost() {
	ip('link', 'add', 'lan0', 'type', 'bridge');
	const child = (words: string[], setUp = 'true') => {
		const node = [process.execPath, fileURLToPath(import.meta.url), 'probe'];
		const script = `${setUp} && exec ${words.join(' ')} "$@"`;
		const output = execFileSync('unshare', ['--mount', 'sh', '-c', script, 'sh', ...node], { encoding: 'utf8' });
		return JSON.parse(output) as Found;
	};
	return {
		here: await probe({ httpsPort: 443, advertisementQueue: 7211 }),
		withoutNft: child([], 'mount --bind /dev/null "$(readlink -f "$(command -v nft)")"'),
		withoutCapabilities: child(['setpriv', '--bounding-set=-all', '--inh-caps=-all']),
	};
}

async function probe(portal: object = {}): Promise<Found> {
	const none = { ipv4: [], ipv6: [], names: [] };
	const config = {
		devices: { metered: ['lan0', 'absent0'], free: [] },
		portal,
		plans: [],
		mark: { mask: 0xffff8000 },
		garden: none,
		zeroRated: none,
		tethered: { detect: true },
	} as never;
	const features = await probeFeatures(config);
	const plane = new DataPlane({ ...dataPlaneOptions([]), log: silentLog });
	try {
		await plane.start({ lowWater() {}, depleted() {}, resynchronise() {}, tableReplaced() {} });
		return { features, refusal: undefined };
	} catch (error) {
		const { code, message, fix } = error as { code: string; message: string; fix?: string };
		return { features, refusal: { code, message, fix } };
	} finally {
		plane.stop();
	}
}

if (process.argv[2] === 'probe') process.stdout.write(JSON.stringify(await probe()));
