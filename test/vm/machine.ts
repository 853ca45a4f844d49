import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { OctroiError } from '../../agent/core/octroi-error.ts';
import { PROJECT_ROOT } from '../lab/project-root.ts';
import type { Kernel } from './kernel-package.ts';
import { findProgram } from './programs.ts';
import { ARTIFACTS, type Job, NODE_IS_UP, type Result } from './vm-scenario.ts';

const MEMORY_MEBIBYTES = 2048;
const PROCESSORS = 2;
const CONSOLE_TAIL_CHARACTERS = 3000;

export type MachineOptions = {
	kernel: Kernel;
	initramfs: string;
	/** A directory of the caller's, which outlives the machine. */
	directory: string;
	timeoutSeconds: number;
	progress: (line: string) => void;
};

/** One virtual machine for one job: QEMU without hardware help, Debian's kernel, the host's root read-only. */
export class Machine {
	readonly #options: MachineOptions;
	readonly #exchange: string;
	readonly #console: string;
	#bootSeconds = Number.NaN;

	constructor(options: MachineOptions) {
		this.#options = options;
		this.#exchange = join(options.directory, 'exchange');
		this.#console = join(options.directory, 'console.log');
	}

	/** From the start of QEMU to Node's first line; NaN before. */
	get bootSeconds(): number {
		return this.#bootSeconds;
	}

	/** Files that the guest left for the host. */
	get artifacts(): string {
		return join(this.#exchange, ARTIFACTS);
	}

	/** Boots, waits for the job's end and the machine's. @throws OctroiError `internal` if the guest left no result */
	async run(job: Job): Promise<Result> {
		this.#prepare(job);
		const qemu = spawn(findProgram('qemu-system-x86_64') ?? 'qemu-system-x86_64', this.#words(), {
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		const timer = setTimeout(() => {
			this.#options.progress(`not done after ${this.#options.timeoutSeconds} s: killing the machine`);
			qemu.kill('SIGKILL');
		}, this.#options.timeoutSeconds * 1000);
		try {
			await this.#follow(qemu);
		} finally {
			clearTimeout(timer);
			qemu.kill('SIGKILL');
		}
		const file = join(this.#exchange, 'result.json');
		if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Result;
		throw new OctroiError('internal', `the guest left no result; the end of its console:\n${this.#consoleTail()}`);
	}

	/** Symbolic links, so that paths need no quoting on their way into the guest. */
	#prepare(job: Job): void {
		mkdirSync(this.artifacts, { recursive: true });
		symlinkSync(PROJECT_ROOT, join(this.#exchange, 'project'));
		symlinkSync(process.execPath, join(this.#exchange, 'node'));
		symlinkSync(this.#options.kernel.modules, join(this.#exchange, 'modules'));
		writeFileSync(join(this.#exchange, 'job.json'), JSON.stringify(job));
	}

	#words(): string[] {
		const share = (path: string, tag: string, more: string) =>
			`local,path=${path.replaceAll(',', ',,')},mount_tag=${tag},security_model=none,multidevs=remap${more}`;
		return [
			...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-nic', 'none'],
			...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', `${PROCESSORS}`, '-m', `${MEMORY_MEBIBYTES}`],
			...['-kernel', this.#options.kernel.image, '-initrd', this.#options.initramfs],
			...['-append', 'console=ttyS0 quiet panic=-1 mitigations=off'],
			...['-serial', `file:${this.#console}`, '-chardev', 'stdio,id=lines,signal=off', '-serial', 'chardev:lines'],
			...['-virtfs', share('/', 'host', ',readonly=on'), '-virtfs', share(this.#exchange, 'exchange', '')],
		];
	}

	async #follow(qemu: ChildProcess): Promise<void> {
		const start = performance.now();
		const { progress } = this.#options;
		if (qemu.stdout === null) throw new OctroiError('internal', 'qemu without stdout');
		createInterface({ input: qemu.stdout }).on('line', (line) => {
			if (line === NODE_IS_UP) {
				this.#bootSeconds = Math.round((performance.now() - start) / 10) / 100;
				progress(`the guest has booted and Node is up after ${this.#bootSeconds} s`);
			} else {
				progress(line);
			}
		});
		await new Promise<void>((resolve, reject) => {
			qemu.once('error', reject);
			qemu.once('close', () => resolve());
		});
	}

	#consoleTail(): string {
		if (!existsSync(this.#console)) return '(it has none)';
		return readFileSync(this.#console, 'utf8').slice(-CONSOLE_TAIL_CHARACTERS).trim();
	}
}
