import type { Framebuffer } from '../framebuffer/framebuffer.ts';
import type { Geometry } from '../framebuffer/geometry.ts';
import type { LcdprocClient } from '../lcdproc/lcdproc-client.ts';
import type { CharacterDisplay } from '../lcdproc/server-message.ts';
import { rotated, shifted } from '../pixels/canvas.ts';
import { drawPage, type PageName, pagesNow } from '../pixels/pages.ts';
import { encodePixels } from '../pixels/pixel-format.ts';
import type { AttentionNow } from './attention.ts';
import { characterScreens } from './character-screens.ts';
import type { DisplayModel } from './display-model.ts';

/** One display, of whatever kind. */
export type Panel = {
	start(): void;
	stop(): void;
	/** Called at most about once a second; `nowMs` is of the boot clock. */
	draw(model: DisplayModel, attention: AttentionNow, nowMs: number): void;
};

/** A character display; LCDd rotates the screens. */
export class CharacterPanel implements Panel {
	readonly #client: LcdprocClient;
	#display: CharacterDisplay | undefined;

	constructor(client: LcdprocClient) {
		this.#client = client;
	}

	/** Called when LCDd has said how large its display is. */
	resize(display: CharacterDisplay): void {
		this.#display = display;
	}

	start(): void {
		this.#client.start();
	}

	stop(): void {
		this.#client.stop();
	}

	draw(model: DisplayModel, attention: AttentionNow): void {
		if (this.#display !== undefined) {
			const screens = characterScreens(model, this.#display, attention);
			this.#client.show(attention.isResting ? screens.map((screen) => ({ ...screen, backlight: 'off' })) : screens);
		}
	}
}

/** How long a page is seen before the next. */
const PAGE_MS = 8000;
/** How long a resting mark, or a picture that moves against burn-in, stays where it is. */
const TURN_MS = 60_000;
/** By how many pixels the picture moves, turn by turn: around its place, never far. */
const ORBIT = [
	[0, 0],
	[1, 0],
	[1, 1],
	[0, 1],
	[-1, 1],
	[-1, 0],
	[-1, -1],
	[0, -1],
	[1, -1],
] as const;

export type PixelPanelOptions = {
	framebuffer: Framebuffer;
	geometry: Geometry;
	/** Clockwise, as the panel is mounted. */
	rotateDegrees: 0 | 90 | 180 | 270;
	isInverted: boolean;
	/** Move the picture by a pixel each minute. */
	isOrbiting: boolean;
	/** Show only this page, unless an alert is new or the agent is gone. */
	only: PageName | undefined;
};

/** A panel of pixels; we rotate the pages. */
export class PixelPanel implements Panel {
	readonly #options: PixelPanelOptions;

	constructor(options: PixelPanelOptions) {
		this.#options = options;
	}

	start(): void {
		this.#options.framebuffer.start();
	}

	stop(): void {
		this.#options.framebuffer.stop();
	}

	draw(model: DisplayModel, attention: AttentionNow, nowMs: number): void {
		const { geometry, rotateDegrees, isInverted, isOrbiting, framebuffer } = this.#options;
		const isUpright = rotateDegrees % 180 === 0;
		const size = isUpright ? geometry : { width: geometry.height, height: geometry.width };
		const turn = Math.floor(nowMs / TURN_MS);
		const canvas = drawPage(this.#page(model, attention, nowMs), model, { size, turn });
		const [x, y] = (isOrbiting ? ORBIT[turn % ORBIT.length] : undefined) ?? [0, 0];
		const mounted = rotated(shifted(canvas, { x, y }), rotateDegrees);
		framebuffer.show(encodePixels(mounted, { ...geometry, isInverted }));
	}

	#page(model: DisplayModel, attention: AttentionNow, nowMs: number): PageName {
		if (attention.isResting) {
			return 'resting';
		}
		const pages = pagesNow(model, attention);
		const { only } = this.#options;
		if (only !== undefined && pages.includes(only)) {
			return only;
		}
		return pages[Math.floor(nowMs / PAGE_MS) % pages.length] as PageName;
	}
}
