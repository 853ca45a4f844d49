import { StatusFeed } from '../feed/status-feed.ts';
import { AgentActions, type AgentSockets } from './agent-actions.ts';
import { bodyArea, frameOf } from './frame.ts';
import type { Glyphs } from './glyphs.ts';
import { History } from './history.ts';
import { type Line, pressAt } from './line.ts';
import { type PressContext, press } from './press.ts';
import { StationOrder } from './station-order.ts';
import { readSystemFigures, type SystemFigures } from './system-figures.ts';
import type { Terminal } from './terminal.ts';
import { FIRST_STATE, type TopState } from './top-state.ts';
import type { StationDetail, ViewInput } from './view-input.ts';
import { stationListRows } from './views/stations.ts';

/** Between two redraws that no key has asked for. */
export const REDRAW_INTERVAL_MS = 500;
/** While its screen is open: reading them costs more than all else here. */
const SYSTEM_INTERVAL_MS = 3000;
const DETAIL_INTERVAL_MS = 2000;

export type TopParts = {
	readonly terminal: Terminal;
	readonly sockets: AgentSockets;
	readonly glyphs: Glyphs;
	readonly timer: { bootMs(): number; after(delayMs: number, call: () => void): () => void };
	readonly random: () => number;
	readonly newTransferId: () => string;
	readonly timeText: (wallMs: number) => string;
	/** What is open first, and in which order stations are listed; default: the overview, by rate. */
	readonly start?: Partial<Pick<TopState, 'screen' | 'sort'>>;
	/** Lines above every screen, asked for at each redraw; default: none. */
	readonly banner?: () => readonly string[];
	/** Default: of this machine. */
	readonly readSystem?: () => Promise<SystemFigures>;
};

/** How the dashboard ended: by a key, by Ctrl-C, or because {@link Top.stop} was called. */
export type TopEnding = 'key' | 'interrupt' | 'stopped';

/** The dashboard: collects, has the views make lines, and has the terminal draw them. */
export class Top {
	readonly #parts: TopParts;
	readonly #feed: StatusFeed;
	readonly #actions: AgentActions;
	readonly #history = new History();
	readonly #order = new StationOrder();
	#state: TopState;
	#detail: StationDetail | undefined;
	#system: SystemFigures | undefined;
	#refusal: string | undefined = 'read-only: the agent has not answered yet';
	#askedControl = false;
	#lines: readonly Line[] = [];
	#drawnAtMs = Number.NEGATIVE_INFINITY;
	readonly #due = { detail: 0, system: 0 };
	readonly #cancels = new Map<string, () => void>();
	#end: ((ending: TopEnding) => void) | undefined;

	constructor(parts: TopParts) {
		this.#parts = parts;
		this.#state = { ...FIRST_STATE, ...parts.start };
		this.#actions = new AgentActions(parts.sockets);
		const { timer, random, sockets } = parts;
		this.#feed = new StatusFeed({ path: sockets.status, timer, random, onChange: () => this.#changed() });
	}

	/** Resolves when the operator quits or {@link stop} is called; the terminal is then as it was. */
	async run(): Promise<TopEnding> {
		const { terminal } = this.#parts;
		const ended = new Promise<TopEnding>((resolve) => {
			this.#end = resolve;
		});
		terminal.start({
			onKey: (key) => this.#press(key),
			onClick: (column, row) => {
				const key = pressAt(this.#lines, column, row);
				if (key !== undefined) this.#press(key);
			},
			onResize: () => this.#draw(),
		});
		try {
			this.#draw();
			this.#feed.start();
			this.#tick();
			return await ended;
		} finally {
			this.#end = undefined;
			this.#feed.stop();
			for (const cancel of this.#cancels.values()) cancel();
			this.#cancels.clear();
			terminal.stop();
		}
	}

	stop(): void {
		this.#end?.('stopped');
	}

	#changed(): void {
		if (this.#feed.model) this.#history.note(this.#feed.model, this.#state.selected);
		if (this.#feed.link.state !== 'live') this.#askedControl = false;
		else if (!this.#askedControl) void this.#askControl();
		this.#drawSoon();
	}

	async #askControl(): Promise<void> {
		this.#askedControl = true;
		this.#refusal = await this.#actions.refusal();
		this.#drawSoon();
	}

	#press(key: string): void {
		const { state, effect } = press(this.#state, key, this.#context());
		this.#state = state;
		if (effect && 'quit' in effect) {
			this.#end?.(effect.quit);
			return;
		}
		if (effect) void this.#perform(effect.act);
		this.#due.detail = 0;
		void this.#collect();
		this.#draw();
	}

	#context(): PressContext {
		const { model } = this.#feed;
		return {
			rows: this.#order.of(model, this.#state),
			plans: model?.plans ?? [],
			pageRows: stationListRows(bodyArea(this.#parts.terminal.size, this.#banner().length)),
			refusal: this.#refusal,
		};
	}

	async #perform(action: Parameters<AgentActions['perform']>[0]): Promise<void> {
		const message = await this.#actions.perform(action, this.#parts.newTransferId);
		this.#state = { ...this.#state, message };
		this.#due.detail = 0;
		await this.#collect();
		this.#draw();
	}

	/** Each second: what only one screen needs, and the seconds of a lost link. */
	#tick(): void {
		void this.#collect();
		if (this.#feed.link.state === 'lost') this.#drawSoon();
		this.#after('tick', 1000, () => this.#tick());
	}

	/** Never rejects: what cannot be had is shown as it was. */
	async #collect(): Promise<void> {
		const now = this.#parts.timer.bootMs();
		const { screen, selected } = this.#state;
		if (screen === 'system' && now >= this.#due.system) {
			this.#due.system = now + SYSTEM_INTERVAL_MS;
			const read = this.#parts.readSystem ?? readSystemFigures;
			this.#system = await read().catch(() => this.#system);
			this.#drawSoon();
		}
		if (screen === 'station' && selected !== undefined && now >= this.#due.detail) {
			this.#due.detail = now + DETAIL_INTERVAL_MS;
			const account = this.#feed.model?.stations.get(selected)?.account;
			const detail = await this.#actions.detail(selected, account).catch(() => this.#detail);
			if (this.#state.selected === selected) this.#detail = detail;
			this.#drawSoon();
		}
	}

	#drawSoon(): void {
		if (this.#cancels.has('draw')) return;
		const waitMs = this.#drawnAtMs + REDRAW_INTERVAL_MS - this.#parts.timer.bootMs();
		if (waitMs <= 0) this.#draw();
		else this.#after('draw', waitMs, () => this.#draw());
	}

	#draw(): void {
		this.#cancels.get('draw')?.();
		this.#cancels.delete('draw');
		if (!this.#end) return;
		this.#drawnAtMs = this.#parts.timer.bootMs();
		this.#lines = frameOf(this.#input());
		this.#parts.terminal.draw(this.#lines);
	}

	#after(name: string, delayMs: number, call: () => void): void {
		const cancel = this.#parts.timer.after(delayMs, () => {
			this.#cancels.delete(name);
			call();
		});
		this.#cancels.set(name, cancel);
	}

	#banner(): readonly string[] {
		return this.#parts.banner?.() ?? [];
	}

	#input(): ViewInput {
		const { terminal, glyphs, timer, timeText } = this.#parts;
		const { model, link } = this.#feed;
		return {
			model,
			link,
			history: this.#history,
			state: this.#state,
			rows: this.#state.screen === 'stations' ? this.#order.of(model, this.#state) : [],
			detail: this.#detail,
			system: this.#system,
			banner: this.#banner(),
			nowMs: timer.bootMs(),
			glyphs,
			size: terminal.size,
			refusal: this.#refusal,
			timeText,
		};
	}
}
