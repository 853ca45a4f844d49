import { silentLog } from '../../../../agent/core/log.ts';
import { Warnings } from '../../../../agent/core/warnings.ts';
import { Announcement } from '../../../../agent/dataplane/announcement.ts';
import { DataPlane } from '../../../../agent/dataplane/data-plane.ts';
import type { DataPlaneOptions } from '../../../../agent/dataplane/data-plane-options.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { attach, dataPlaneOptions, meter } from './playground.ts';
import { makeRouter, run, until } from './router.ts';

const QUEUE = 4301;
const EVENTS = { lowWater() {}, depleted() {}, resynchronise() {}, tableReplaced() {} };

/** The portal gets a certificate, loses it, and gets it again: three agents after each other, over one table. */
export default async function announced() {
	await makeRouter();
	const log: string[] = [];
	const agent = async (changes: Partial<DataPlaneOptions>) => {
		const plane = new DataPlane({ ...dataPlaneOptions(log), ...changes });
		const { epoch } = await plane.start(EVENTS);
		return { plane, epoch };
	};
	const shown = async ({ plane, epoch }: Awaited<ReturnType<typeof agent>>) => ({
		epoch,
		flows: plane.queueMode('flows'),
		mode: plane.queueMode('advertisements'),
		rule: run('nft', 'list', 'chain', 'inet', 'octroi', 'from_router').includes(
			'nd-router-advert goto to_announcement',
		),
		counts: (await plane.gate.read(1, [meter(1)])).missing.length === 0,
	});

	const plain = await agent({});
	await attach(plain.plane.gate);
	const before = await shown(plain);
	plain.plane.stop();
	const secured = await agent({ announced: { queue: QUEUE } });
	const withUri = await shown(secured);
	const reader = await readers(secured.plane);
	secured.plane.stop();
	const again = await agent({});
	const withoutUri = await shown(again);
	again.plane.stop();
	const beside = await agent({ announced: { queue: QUEUE }, tethered: { queue: QUEUE + 1, flowsPerSecond: 20 } });
	const withFlows = await shown(beside);
	beside.plane.stop();
	return { before, withUri, withoutUri, withFlows, reader, log };
}

/** The queue of an agent is another one's when that has ended. */
async function readers(dataPlane: DataPlane) {
	const clock = new FakeClock();
	const portal = { port: 80, name: 'portal.home.arpa', listen: [], languages: [], advertisementQueue: QUEUE };
	const reader = (httpsPort: { httpsPort?: number } = { httpsPort: 443 }) => {
		const warnings = new Warnings();
		const announcement = new Announcement(
			{ portal: { ...portal, ...httpsPort } },
			{ dataPlane, clock, warnings, log: silentLog },
		);
		return { announcement, warnings };
	};
	const idle = reader({});
	await idle.announcement.start();
	const first = reader();
	const second = reader();
	await first.announcement.start();
	await second.announcement.start();
	const warned = [idle, first, second].map(({ warnings }) => warnings.list());
	first.announcement.stop();
	first.announcement.stop();
	await until('the other one has it', async () => {
		await clock.pass(1000, () => new Promise((resolve) => setTimeout(resolve, 5)));
		return second.warnings.list().length === 0;
	});
	const isThere = run('cat', '/proc/net/netfilter/nfnetlink_queue').trim().split('\n').length;
	second.announcement.stop();
	idle.announcement.stop();
	return { warned, isThere };
}
