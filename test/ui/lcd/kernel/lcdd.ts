import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { examplePicture, FakeAgent } from '../fake-agent.ts';
import { hasLcdd, RealLcdd, writeLcddConfig } from './real-lcdd.ts';

const PORT = 13666;
const program = fileURLToPath(new URL('../../../../agent/main.js', import.meta.url));

type Frames = Record<string, string>;

/** `octroi lcd` as a process, on a real LCDd in a network of its own. */
export default async function lcdd(): Promise<{ missing: true } | { small: Frames; large: Frames; said: string[] }> {
	if (!hasLcdd()) {
		return { missing: true };
	}
	execFileSync('ip', ['link', 'set', 'lo', 'up']);
	const small = await onDisplay('16x2', 2, async (parts) => {
		const [home, sold] = await Promise.all([parts.lcdd.shows(/Octroi working/), parts.lcdd.shows(/Sold today/)]);
		return { home, sold };
	});
	const large = await onDisplay('20x4', 4, checkLarge);
	return { small: small.frames, large: large.frames, said: large.said };
}

type Parts = { agent: FakeAgent; lcdd: RealLcdd };

async function checkLarge({ agent, lcdd: first }: Parts): Promise<Frames> {
	const frames: Frames = {};
	frames.account = await first.shows(/room-1[\s\S]*44 %/);
	agent.picture = examplePicture({ warnings: ['br-lan is gone: \u001b[2Jcheck the "cable"'] });
	frames.alert = await first.shows(/Attention[\s\S]*"cable"/);
	agent.picture = examplePicture({ sold: { ...examplePicture().sold, count: 6 } });
	// A stopped process keeps its connection, and reads all of it when it goes on.
	first.signal('SIGSTOP');
	await agent.stop();
	first.signal('SIGCONT');
	frames.lost = await first.shows(/No agent/);
	await agent.start();
	frames.back = await first.shows(/Sold today +6/);
	await first.stop();
	first.start();
	frames.restarted = await first.shows(/Uplink eth0 +up/);
	return frames;
}

async function onDisplay(
	size: string,
	rows: number,
	check: (parts: Parts) => Promise<Frames>,
): Promise<{ frames: Frames; said: string[] }> {
	const directory = mkdtempSync(join(tmpdir(), 'octroi-lcdd-'));
	const config = join(directory, 'LCDd.conf');
	writeLcddConfig(config, { driver: 'text', size, port: PORT });
	const agent = new FakeAgent({ directory, picture: examplePicture(), intervalMs: 200 });
	const display = new RealLcdd({ config, rows });
	await agent.start();
	display.start();
	const line = ['lcd', '--socket', join(directory, 'status.sock'), ...(rows === 4 ? ['--account', 'room-1'] : [])];
	const octroi = spawn(process.execPath, [program, ...line], { stdio: ['ignore', 'ignore', 'pipe'] });
	const said: string[] = [];
	(octroi.stderr as Readable).setEncoding('utf8').on('data', (text: string) => said.push(text.trim()));
	try {
		return { frames: await check({ agent, lcdd: display }), said };
	} finally {
		const gone = new Promise((resolve) => octroi.once('exit', resolve));
		octroi.kill('SIGTERM');
		await gone;
		await display.stop();
		await agent.stop();
		rmSync(directory, { recursive: true });
	}
}
