import type { Screen, ScreenPriority, ScreenWidget } from '../lcdproc/screen.ts';
import type { CharacterDisplay } from '../lcdproc/server-message.ts';
import { bigFigure } from './big-figure.ts';
import { centre, fitted, justify, wrap } from './cells.ts';
import type { AccountFigure, DisplayModel, Figures } from './display-model.ts';
import { shareLeft } from './display-model.ts';
import { amountFigure, bytesFigure, durationFigure, figureText, rateFigure } from './figure.ts';
import { transliterate } from './transliterate.ts';

/** What the user or an event has brought to the front for a while. */
export type Attention = { alert: string | undefined; account: boolean };

/** How long one screen is seen before the next. */
const SCREEN_SECONDS = 5;

type Page = Pick<Screen, 'id' | 'name' | 'widgets'> & { priority?: ScreenPriority };

/** The screens for a character display of any size, in the order in which they rotate. */
export function characterScreens(model: DisplayModel, display: CharacterDisplay, attention: Attention): Screen[] {
	return pagesOf(model, display, attention).map((page) => ({
		priority: 'info',
		durationSeconds: SCREEN_SECONDS,
		backlight: page.priority === 'alert' ? 'blink' : 'open',
		...page,
	}));
}

function pagesOf(model: DisplayModel, display: CharacterDisplay, attention: Attention): Page[] {
	if (model.link.state === 'lost') {
		return [lostPage(model.link.seconds, display)];
	}
	const { figures } = model;
	if (figures === undefined) {
		return [
			textPage('home', 'Octroi', [centre('Octroi', display.columns), centre('is starting', display.columns)], display),
		];
	}
	return [
		...alertPages(model, display, attention),
		...(model.pairingCode === undefined ? [] : [pairingPage(model.pairingCode, display)]),
		...(model.account === undefined ? [] : [accountPage(model.account, model, display, attention)]),
		homePage(figures, model, display),
		peoplePage(figures, model, display),
		soldPage(figures, model, display),
		linkPage(figures, model, display),
	];
}

/** Rows beyond the display's are left out; the first is always there. */
function textPage(id: string, name: string, rows: readonly string[], display: CharacterDisplay): Page {
	const widgets = rows
		.slice(0, display.rows)
		.map((text, index): ScreenWidget => ({ kind: 'string', column: 1, row: index + 1, text }));
	return { id, name, widgets };
}

/** The heart stands in the upper right corner; it beats while figures arrive. */
function header(columns: number, model: DisplayModel, ...pairs: readonly (readonly [string, string])[]): string {
	return `${justify(columns - 2, ...pairs)} ${model.beat ? '*' : '.'}`;
}

function homePage(figures: Figures, model: DisplayModel, display: CharacterDisplay): Page {
	const { columns, rows } = display;
	const { active, throttled } = figures.counts;
	const down = figureText(rateFigure(figures.downBytesPerSecond));
	const up = figureText(rateFigure(figures.upBytesPerSecond));
	const people = `${active + throttled} on`;
	const word = model.warnings.length > 0 ? 'look' : 'working';
	const first = header(columns, model, ['Octroi', word], ['Octroi', 'ok'], ['Octroi', '']);
	if (rows < 4) {
		const small = down.replace('bit/s', 'b/s');
		const second = justify(columns, [people, down], [people, small], [String(active + throttled), small]);
		return textPage('home', 'Octroi', rows === 1 ? [second] : [first, second], display);
	}
	return textPage(
		'home',
		'Octroi',
		[
			first,
			justify(columns, [people, `${throttled} slow`]),
			justify(columns, ['down', down]),
			justify(columns, ['up', up]),
		],
		display,
	);
}

function peoplePage(figures: Figures, model: DisplayModel, display: CharacterDisplay): Page {
	const { columns, rows } = display;
	const { active, throttled, walled, blocked, unknown } = figures.counts;
	const half = Math.floor((columns - 1) / 2);
	const gap = ' '.repeat(columns - 2 * half);
	const both = [
		cell(half, active, ['active', 'on', '+']) + gap + cell(half, throttled, ['slow', '-']),
		cell(half, walled, ['walled', 'wall', '#']) + gap + cell(half, blocked, ['blocked', 'stop', 'x']),
	];
	if (rows < 4) {
		return textPage('people', 'Stations', both, display);
	}
	const total = String(active + throttled + walled + blocked + unknown);
	const first = header(columns, model, ['Stations', total]);
	return textPage('people', 'Stations', [first, ...both, justify(columns, ['just seen', String(unknown)])], display);
}

/** The longest of the words that leaves room for the number. */
function cell(columns: number, count: number, words: readonly string[]): string {
	return justify(columns, ...words.map((word) => [word, String(count)] as const));
}

function soldPage({ sold }: Figures, model: DisplayModel, display: CharacterDisplay): Page {
	const { columns, rows } = display;
	const bytes = figureText(bytesFigure(sold.byte));
	const time = figureText(durationFigure(sold.second));
	const first = header(columns, model, ['Sold today', String(sold.count)], ['Sold', String(sold.count)]);
	if (rows < 4) {
		const both: [string, string] = sold.second === 0 ? ['', bytes] : sold.byte === 0 ? ['', time] : [bytes, time];
		const second = justify(columns, both, ['', bytes]);
		return textPage(
			'sold',
			'Sold',
			rows === 1 ? [justify(columns, ['sold', bytes], ['', bytes])] : [first, second],
			display,
		);
	}
	const best = sold.plans.toSorted((left, right) => right.count - left.count)[0];
	const third = best === undefined ? fitted('', columns) : justify(columns, [best.plan, `x${best.count}`]);
	return textPage(
		'sold',
		'Sold',
		[first, justify(columns, ['data', bytes]), justify(columns, ['time', time]), third],
		display,
	);
}

function linkPage({ uplink, carrier, upSeconds }: Figures, model: DisplayModel, display: CharacterDisplay): Page {
	const { columns, rows } = display;
	const up = uplink === null ? 'none' : uplink.up ? 'up' : 'DOWN';
	const device = uplink === null || columns < 20 ? 'Uplink' : `Uplink ${uplink.device}`;
	const state = { connected: 'connected', offline: 'OFFLINE', not_configured: 'none' }[carrier.state];
	const short = { connected: 'up', offline: 'DOWN', not_configured: 'none' }[carrier.state];
	const carrierRow = justify(columns, ['Carrier', state], ['Carrier', short]);
	if (rows < 4) {
		return textPage(
			'link',
			'Links',
			rows === 1 ? [carrierRow] : [justify(columns, ['Uplink', up]), carrierRow],
			display,
		);
	}
	const first = header(columns, model, [device, up], ['Uplink', up]);
	const page = textPage('link', 'Links', [first, carrierRow], display);
	const detail: ScreenWidget = { kind: 'scroller', column: 1, row: 3, columns, text: transliterate(carrier.text) };
	const running = justify(columns, ['Agent up', figureText(durationFigure(upSeconds))]);
	return { ...page, widgets: [...page.widgets, detail, { kind: 'string', column: 1, row: 4, text: running }] };
}

/** Big digits where four rows allow; a bar that LCDd draws where they do not. */
function accountPage(
	account: AccountFigure,
	model: DisplayModel,
	display: CharacterDisplay,
	attention: Attention,
): Page {
	const { columns, rows } = display;
	const priority = attention.account ? 'foreground' : 'info';
	const figure = amountFigure(account.unit, account.amount);
	const share = shareLeft(account);
	const percent = share === undefined ? '' : `${Math.floor(share * 100)} %`;
	const state = account.isMissing ? 'unknown' : account.blocked ? 'blocked' : account.throttled ? 'slow' : percent;
	const page = { id: 'account', name: 'Left', priority } as const;
	const big = rows < 4 || account.isMissing ? undefined : bigFigure(figure.text, columns);
	if (big !== undefined) {
		const width = columns - big.columns - 1;
		const bought =
			account.amountBought === undefined ? '' : figureText(amountFigure(account.unit, account.amountBought));
		const side = [account.account, `${figure.unit} left`, bought === '' ? '' : `/${bought}`, state];
		const words = side.map((text, index): ScreenWidget => {
			const line = index === 0 ? `${fitted(text, width - 1)}${model.beat ? '*' : '.'}` : fitted(text, width);
			return { kind: 'string', column: big.columns + 2, row: index + 1, text: line };
		});
		return { ...page, widgets: [...big.widgets, ...words] };
	}
	const left = justify(columns, [`${figureText(figure)} left`, ''], [figureText(figure), '']);
	const first = header(columns, model, [account.account, state]);
	if (rows === 1) {
		return { ...page, ...textPage('account', 'Left', [left], display) };
	}
	const barColumns = columns - figureText(figure).length - 1;
	const bar: ScreenWidget | undefined =
		share === undefined || barColumns < 3
			? undefined
			: {
					kind: 'hbar',
					column: columns - barColumns + 1,
					row: 2,
					length: Math.round(share * barColumns * display.cellWidth),
				};
	const second = bar === undefined ? left : fitted(figureText(figure), columns - barColumns);
	const text = textPage('account', 'Left', [first, second], display);
	return { ...page, widgets: [...text.widgets, ...(bar === undefined ? [] : [bar])] };
}

function pairingPage(code: string, display: CharacterDisplay): Page {
	const { columns, rows } = display;
	const spaced = code.length <= Math.floor((columns + 1) / 2) ? [...transliterate(code)].join(' ') : code;
	const text = [centre('Pairing code', columns), centre(spaced, columns)];
	const lines =
		rows < 4
			? rows === 1
				? text.slice(1)
				: text
			: [text[0] as string, fitted('', columns), text[1] as string, fitted('', columns)];
	return { ...textPage('pairing', 'Pairing code', lines, display), priority: 'foreground' };
}

/** A new alert takes over for a while; then it rotates with the rest for as long as it lasts. */
function alertPages(model: DisplayModel, display: CharacterDisplay, attention: Attention): Page[] {
	const { columns, rows } = display;
	// LCDd does not rotate screens of this class: the one that is new stands alone in it.
	const fresh = model.warnings.filter((warning) => warning === attention.alert);
	const warnings = [...new Set([...fresh, ...model.warnings])];
	return warnings.slice(0, ALERTS_MAX).map((warning, index) => {
		const priority = warning === attention.alert ? 'alert' : 'info';
		const id = `alert${index}`;
		const count = warnings.length === 1 ? '' : `${index + 1}/${warnings.length}`;
		const first = header(columns, model, ['! Attention', count], ['! Alert', count]);
		if (rows < 3) {
			const row = Math.min(2, rows);
			const moving: ScreenWidget = { kind: 'scroller', column: 1, row, columns, text: transliterate(warning) };
			const head: ScreenWidget[] = rows === 1 ? [] : [{ kind: 'string', column: 1, row: 1, text: first }];
			return { id, name: 'Alert', priority, widgets: [...head, moving] };
		}
		const lines = [first, ...wrap(warning, { columns, rows: rows - 1 })];
		return { ...textPage(id, 'Alert', lines, display), priority };
	});
}

/** More would keep the figures away for minutes. */
const ALERTS_MAX = 4;

function lostPage(seconds: number, display: CharacterDisplay): Page {
	const { columns, rows } = display;
	const since = figureText(durationFigure(seconds));
	const first = fitted('! No agent', columns);
	const last = justify(columns, ['no figures for', since], ['away', since], ['', since]);
	const lines =
		rows < 4
			? [first, last]
			: [first, fitted('Octroi does not', columns), fitted('answer. Limits hold.', columns), last];
	return { ...textPage('lost', 'No agent', lines, display), priority: 'alert' };
}
