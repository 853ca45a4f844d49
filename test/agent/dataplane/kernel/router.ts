import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** What the scripts of this folder share: this namespace as a router, with a station and an uplink in two more. */

export const STATION_MAC = '02:00:5e:10:00:01';

export function run(program: string, ...words: string[]): string {
	return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

export function ip(...words: string[]): void {
	run('ip', ...words);
}

export function nft(rules: string): void {
	execFileSync('nft', ['-f', '-'], { input: rules, stdio: ['pipe', 'ignore', 'pipe'] });
}

/** Another namespace, that ends with our process. */
export type Host = {
	readonly pid: string;
	run(...words: string[]): string;
	start(...words: string[]): ChildProcess;
	nft(rules: string): void;
	/** Bytes that its own counter of this name has seen. */
	counted(counter: string): number;
};

export async function makeHost(): Promise<Host> {
	// Ends when the pipe to it closes, so when we end, however that is.
	const keeper = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec cat'], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	await once(keeper.stdout, 'data');
	const pid = String(keeper.pid);
	const enter = ['-t', pid, '-n'];
	const host: Host = {
		pid,
		run: (...words) => run('nsenter', ...enter, ...words),
		start(...words) {
			const child = spawn('nsenter', [...enter, ...words], { stdio: 'ignore' });
			// Also when a condition was awaited in vain: a flood must not go on without us.
			process.once('exit', () => child.kill('SIGKILL'));
			return child;
		},
		nft: (rules) => {
			execFileSync('nsenter', [...enter, 'nft', '-f', '-'], { input: rules, stdio: ['pipe', 'ignore', 'pipe'] });
		},
		counted: (counter) =>
			Number(/bytes (\d+)/.exec(host.run('nft', 'list', 'counter', 'inet', 'witness', counter))?.[1]),
	};
	host.nft(`table inet witness {
		counter received { }
		counter sent { }
		chain in { type filter hook input priority 0; iifname "eth0" ip protocol icmp counter name "received"
		}
		chain out { type filter hook output priority 0; oifname "eth0" ip protocol icmp counter name "sent"
		}
	}`);
	return host;
}

/** Gives the host an interface `eth0` behind our `device`; an existing one is replaced. */
export function plug(host: Host, device: string, { network, mac }: { network: string; mac?: string }): void {
	ip('link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host.pid);
	if (mac) host.run('ip', 'link', 'set', 'eth0', 'address', mac);
	ip('address', 'add', `${network}.1/24`, 'dev', device);
	ip('link', 'set', device, 'up');
	host.run('ip', 'address', 'add', `${network}.2/24`, 'dev', 'eth0');
	host.run('ip', 'link', 'set', 'eth0', 'up');
	host.run('ip', 'route', 'replace', 'default', 'via', `${network}.1`);
}

export type Router = { readonly station: Host; readonly uplink: Host };

/** A station 10.1.0.2 behind lan0, an uplink 10.2.0.2 behind wan0. */
export async function makeRouter(): Promise<Router> {
	ip('link', 'set', 'lo', 'up');
	writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
	const [station, uplink] = await Promise.all([makeHost(), makeHost()]);
	plug(station, 'lan0', { network: '10.1.0', mac: STATION_MAC });
	plug(uplink, 'wan0', { network: '10.2.0' });
	return { station, uplink };
}

/** Whether one of three pings of the station reaches the uplink and comes back. */
export function passes({ station }: Router): boolean {
	try {
		station.run('ping', '-n', '-q', '-c', '3', '-i', '0.05', '-W', '1', '10.2.0.2');
		return true;
	} catch {
		return false;
	}
}

/** Only what hangs takes so long, also on a busy machine. */
const HANG_MS = 120_000;

/** Waits for a condition of the kernel. @throws Error after {@link HANG_MS} */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
	for (const end = performance.now() + HANG_MS; performance.now() < end; ) {
		if (await holds()) return;
		await pause(10);
	}
	throw new Error(`waited in vain until ${what}`);
}

/** A log that keeps the messages of warnings and errors. */
export function listLog(lines: string[]) {
	const note = (fields: object, message: string) => {
		const { error } = fields as { error?: Error };
		lines.push(error ? `${message}: ${error.message}` : message);
	};
	const log = { debug() {}, info() {}, warn: note, error: note, fatal: note, child: () => log };
	return log as never;
}
