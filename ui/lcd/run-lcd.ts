import { wifiCode } from '../../agent/text/wifi-code.ts';
import { Framebuffer } from '../framebuffer/framebuffer.ts';
import type { Geometry } from '../framebuffer/geometry.ts';
import { LcdprocClient } from '../lcdproc/lcdproc-client.ts';
import type { PageName } from '../pixels/pages.ts';
import type { Join } from './display-model.ts';
import { Lcd, type LcdTimer } from './lcd.ts';
import { CharacterPanel, PixelPanel } from './panel.ts';

export type FramebufferRequest = {
	path: string;
	geometry: Geometry;
	rotateDegrees: 0 | 90 | 180 | 270;
	isInverted: boolean;
	isOrbiting: boolean;
	page: PageName | undefined;
};

/** What `octroi lcd` was asked for. */
export type LcdRequest = {
	/** The agent's status socket. */
	socket: string;
	lcdd: { host: string; port: number } | undefined;
	framebuffer: FramebufferRequest | undefined;
	account: string | undefined;
	/** Of the two, the Wi-Fi. */
	wifi: { name: string; password: string | undefined } | undefined;
	portal: string | undefined;
	restAfterMs: number | undefined;
};

export type RunLcdOptions = LcdRequest & {
	timer: LcdTimer;
	random: () => number;
	/** One line for the operator: a display was lost or found. */
	report(text: string): void;
	stop: AbortSignal;
};

/** Keys that are ours while one of our screens is seen; LCDd itself uses Left and Right to change screens. */
const KEYS = ['Up', 'Down'];
/** An LCDd that is wrongly configured refuses the same command again and again. */
const REFUSALS_REPORTED_MAX = 10;

/** Runs the displays until it is told to stop. */
export async function runLcd(options: RunLcdOptions): Promise<void> {
	const { stop, timer } = options;
	const lcd = new Lcd({
		...options,
		join: joinOf(options),
	});
	if (options.lcdd !== undefined) {
		lcd.add(characterPanel(options.lcdd, lcd, options));
	}
	if (options.framebuffer !== undefined) {
		const { path, page, ...rest } = options.framebuffer;
		const framebuffer = new Framebuffer({
			path,
			timers: timer,
			onLost: (reason) => options.report(`${path} cannot be written (${reason}); trying again`),
			onFound: () => options.report(`drawing on ${path}`),
		});
		lcd.add(new PixelPanel({ ...rest, framebuffer, only: page }));
	}
	lcd.start();
	if (!stop.aborted) {
		await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
	}
	lcd.stop();
}

function characterPanel(
	lcdd: { host: string; port: number },
	lcd: Lcd,
	{ timer, report }: Pick<RunLcdOptions, 'timer' | 'report'>,
): CharacterPanel {
	const name = `LCDd on ${lcdd.host}:${lcdd.port}`;
	let refusals = 0;
	let lostReason: string | undefined;
	const client = new LcdprocClient({
		...lcdd,
		name: 'octroi',
		keys: KEYS,
		timers: timer,
		onDisplay: (display) => {
			lostReason = undefined;
			report(`${name} has ${display.columns}x${display.rows} characters`);
			panel.resize(display);
			lcd.draw();
		},
		onKey: (key) => lcd.press(key),
		onLost: (reason) => {
			if (reason !== lostReason) {
				lostReason = reason;
				report(`${name} is lost (${reason}); trying again`);
			}
		},
		onRefused: (text) => {
			refusals += 1;
			if (refusals <= REFUSALS_REPORTED_MAX) {
				report(`${name} refuses: ${text}`);
			}
		},
	});
	const panel = new CharacterPanel(client);
	return panel;
}

function joinOf({ wifi, portal }: LcdRequest): Join | undefined {
	if (wifi !== undefined) {
		return { code: wifiCode(wifi), title: wifi.name, hint: 'Scan to join the Wi-Fi' };
	}
	return portal === undefined ? undefined : { code: portal, title: 'Get online', hint: `Scan, or open ${portal}` };
}
