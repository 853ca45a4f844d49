import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AgentHandle } from '../agent-handle.ts';
import type { Lab } from '../lab.ts';
import { bannerLines } from './banner.ts';
import type { PortalPage } from './portal-pages.ts';

const PROGRAM = fileURLToPath(new URL('./dashboard.js', import.meta.url));
/** With which it ends by Ctrl-C; its terminal sends no signal then. */
const STATUS_INTERRUPTED = 130;

/** The dashboard on this terminal, with a banner that says what happens. */
export class DashboardProcess {
	readonly #child: ChildProcess;
	readonly #pages: readonly PortalPage[];
	readonly #ended: Promise<void>;
	#isOpen = true;
	#isInterrupted = false;

	constructor(lab: Lab, agent: AgentHandle, pages: readonly PortalPage[]) {
		this.#pages = pages;
		this.#child = lab.router.spawn(process.execPath, [PROGRAM, agent.statusPath, agent.controlPath], {
			stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
		});
		this.#ended = new Promise((resolve) => {
			this.#child.once('close', (status) => {
				this.#isOpen = false;
				this.#isInterrupted = status === STATUS_INTERRUPTED;
				resolve();
			});
		});
		this.#child.on('error', () => undefined);
	}

	/** False as soon as somebody has quit it. */
	get isOpen(): boolean {
		return this.#isOpen;
	}

	/** Ctrl-C was pressed: the one who looks wants the demo to end. */
	get isInterrupted(): boolean {
		return this.#isInterrupted;
	}

	/** Shows what happens now, in the banner. */
	announce(news: string): void {
		if (!this.#child.connected) return;
		this.#child.send(bannerLines({ pages: this.#pages, news, columns: process.stdout.columns ?? 80 }), () => undefined);
	}

	/** Resolves when the terminal is as it was. */
	async close(): Promise<void> {
		this.#child.kill('SIGTERM');
		await this.#ended;
	}
}
