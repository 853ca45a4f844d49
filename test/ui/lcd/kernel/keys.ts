import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { examplePicture, FakeAgent } from '../fake-agent.ts';
import { hasLcdd, LCDD, writeLcddConfig } from './real-lcdd.ts';

const program = fileURLToPath(new URL('../../../../agent/main.js', import.meta.url));
const POLL_MS = 100;

/** The keys of a display with buttons: LCDd's curses driver takes those of the terminal, here one of tmux. */
export default async function keys(): Promise<{ missing: true } | { chosen: string; left: string }> {
	if (!hasLcdd() || !hasTmux()) {
		return { missing: true };
	}
	execFileSync('ip', ['link', 'set', 'lo', 'up']);
	const directory = mkdtempSync(join(tmpdir(), 'octroi-keys-'));
	const config = join(directory, 'LCDd.conf');
	writeLcddConfig(config, { driver: 'curses', size: '20x4', port: 13666 });
	const tmux = (...words: string[]) => execFileSync('tmux', ['-S', join(directory, 'tmux'), ...words]).toString();
	const agent = new FakeAgent({ directory, picture: examplePicture(), intervalMs: 200 });
	await agent.start();
	tmux('-f', '/dev/null', 'new-session', '-d', '-x', '40', '-y', '10', LCDD, '-c', config, '-f');
	const line = ['lcd', '--socket', join(directory, 'status.sock')];
	const octroi = spawn(process.execPath, [program, ...line], { stdio: 'ignore' });
	const shows = async (wanted: RegExp): Promise<string> => {
		for (;;) {
			const screen = tmux('capture-pane', '-p');
			if (wanted.test(screen)) {
				return screen;
			}
			await passed(POLL_MS);
		}
	};
	try {
		await shows(/Sold today|working|Stations|Uplink/);
		tmux('send-keys', 'Down');
		const chosen = await shows(/room-1/);
		tmux('send-keys', 'Up');
		const left = await shows(/Sold today|working|Stations|Uplink/);
		return { chosen, left };
	} finally {
		const gone = new Promise((resolve) => octroi.once('exit', resolve));
		octroi.kill('SIGTERM');
		await gone;
		tmux('kill-server');
		await agent.stop();
		rmSync(directory, { recursive: true });
	}
}

function hasTmux(): boolean {
	try {
		execFileSync('tmux', ['-V']);
		return true;
	} catch {
		// Not installed.
		return false;
	}
}
