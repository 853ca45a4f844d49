import { StatusFeed } from '../feed/status-feed.ts';
import { Attention } from './attention.ts';
import { type DisplayModel, displayModelOf, type Join } from './display-model.ts';
import type { Panel } from './panel.ts';
import { RateHistory } from './rate-history.ts';

/** Once a second is what a person can read, and what a slow panel can show. */
const DRAW_INTERVAL_MS = 1000;

export type LcdTimer = { bootMs(): number; after(delayMs: number, call: () => void): () => void };

export type LcdOptions = {
	/** The agent's status socket. */
	socket: string;
	timer: LcdTimer;
	random: () => number;
	/** The account to show large from the start. */
	account: string | undefined;
	join: Join | undefined;
	restAfterMs: number | undefined;
};

/** Follows the agent, and keeps every panel up to date. */
export class Lcd {
	readonly #options: LcdOptions;
	readonly #feed: StatusFeed;
	readonly #history = new RateHistory();
	readonly #attention: Attention;
	readonly #panels: Panel[] = [];
	#account: string | undefined;
	#cancel: (() => void) | undefined;

	constructor(options: LcdOptions) {
		this.#options = options;
		this.#account = options.account;
		this.#attention = new Attention({ restAfterMs: options.restAfterMs });
		this.#feed = new StatusFeed({
			path: options.socket,
			timer: options.timer,
			random: options.random,
			onChange: () => this.#remember(),
		});
	}

	add(panel: Panel): void {
		this.#panels.push(panel);
	}

	start(): void {
		if (this.#cancel === undefined) {
			this.#feed.start();
			for (const panel of this.#panels) {
				panel.start();
			}
			this.#tick();
		}
	}

	/** May be called twice. */
	stop(): void {
		this.#cancel?.();
		this.#cancel = undefined;
		for (const panel of this.#panels.toReversed()) {
			panel.stop();
		}
		this.#feed.stop();
	}

	/** Up and Down go through the accounts that have a station, and through none. */
	press(key: string): void {
		const step = ({ Down: 1, Up: -1 } as Record<string, number>)[key];
		if (step === undefined) {
			return;
		}
		const choices = [undefined, ...this.#busyAccounts()];
		const at = Math.max(0, choices.indexOf(this.#account));
		this.#account = choices[(at + step + choices.length) % choices.length];
		this.#attention.chosen(this.#options.timer.bootMs());
		this.draw();
	}

	draw(): void {
		const nowMs = this.#options.timer.bootMs();
		const model = this.#model(nowMs);
		const attention = this.#attention.see(model, nowMs);
		for (const panel of this.#panels) {
			panel.draw(model, attention, nowMs);
		}
	}

	#tick(): void {
		this.#cancel = this.#options.timer.after(DRAW_INTERVAL_MS, () => this.#tick());
		this.draw();
	}

	#remember(): void {
		const { model } = this.#feed;
		if (model !== undefined) {
			this.#history.add(model.sequence, model.traffic);
		}
	}

	#model(nowMs: number): DisplayModel {
		const { join } = this.#options;
		const { link, model } = this.#feed;
		return displayModelOf({ link, model, nowMs, account: this.#account, history: this.#history, join });
	}

	#busyAccounts(): string[] {
		const accounts = [...(this.#feed.model?.accounts.values() ?? [])];
		return accounts
			.filter(({ stations }) => stations > 0)
			.map(({ account }) => account)
			.sort();
	}
}
