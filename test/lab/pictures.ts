import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { terminalPicture } from '../picture/terminal-picture.ts';
import { withLab } from './lab.ts';
import { inPrivateNamespaces } from './namespace/private-namespaces.ts';
import { PROJECT_ROOT } from './project-root.ts';
import { openDashboard } from './terminal/dashboard-check.ts';
import { TetheredDevice } from './tethered-device.ts';

/** Pictures of the dashboard for the documents, taken from a real terminal of the lab: `npm run pictures`. */

const TRAFFIC_SECONDS = 45;
const SIZE = { columns: 110, rows: 30 };
const SCREENS = [
	{ name: 'overview', keys: ['1'], shows: 'Sold today' },
	{ name: 'stations', keys: ['2', 'Down'], shows: 'by rate' },
	{ name: 'station', keys: ['2', 'Home', 'Enter'], shows: ' of ' },
	{ name: 'ledger', keys: ['3'], shows: 'Recent transfers' },
	{ name: 'system', keys: ['4'], shows: ' core' },
];

await inPrivateNamespaces(async () => {
	await withLab({ stations: 6 }, async (lab) => {
		const agent = await lab.startAgent({ tethered: { detect: true } });
		const device = await new TetheredDevice(lab.station(1), lab.station(6)).start();
		const plans = ['large', 'fair', 'ten-mb', 'large', undefined];
		for (const [index, plan] of plans.entries()) {
			if (plan === undefined) continue;
			const station = lab.station(index + 1);
			await agent.admit(`room-${index + 1}`, plan, [station.mac]);
			if (index === 3) continue;
			for (const [direction, bitsPerSecond] of [
				['down', 6_000_000 / (index + 1)],
				['up', 700_000],
			] as const) {
				await lab.flow(station, { protocol: 'udp', direction, bitsPerSecond });
			}
		}
		await lab.flow(device, { protocol: 'udp', direction: 'down', bitsPerSecond: 1_500_000 });
		await agent.ask('account.block', { account: 'room-4' });
		const terminal = await openDashboard(lab, agent, SIZE);
		await delay(TRAFFIC_SECONDS * 1000);
		for (const { name, keys, shows } of SCREENS) {
			await terminal.keys(...keys);
			await terminal.shows(shows);
			// The station's graph begins when it is opened.
			await delay(name === 'station' ? 15_000 : 1500);
			const folder = join(PROJECT_ROOT, 'docs/images');
			mkdirSync(folder, { recursive: true });
			writeFileSync(
				join(folder, `top-${name}.svg`),
				terminalPicture(await terminal.ansi(), { title: `octroi top: ${name}`, ...SIZE }),
			);
			process.stdout.write(`docs/images/top-${name}.svg\n`);
		}
		await terminal.stop();
		await device.stop();
	});
	return 0;
});
