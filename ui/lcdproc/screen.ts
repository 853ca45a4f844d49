/**
 * A screen as LCDd keeps it. We say what is to be seen, and {@link screenCommands} what to send for it.
 */

/** Only the highest class that any client has is shown; `alert` does not rotate. */
export type ScreenPriority = 'hidden' | 'background' | 'info' | 'foreground' | 'alert';

/** Columns and rows begin at 1. */
export type ScreenWidget =
	| { kind: 'string'; column: number; row: number; text: string }
	/** `length` in pixels. LCDd draws it with characters of its own making. */
	| { kind: 'hbar'; column: number; row: number; length: number }
	/** A digit (10 is a colon) of three columns and all rows. LCDd cannot draw bars on the same screen. */
	| { kind: 'num'; column: number; digit: number }
	/** Text of one row that moves when it is longer than `columns`. */
	| { kind: 'scroller'; column: number; row: number; columns: number; text: string };

export type Screen = {
	id: string;
	/** What LCDd's menu calls it. */
	name: string;
	priority: ScreenPriority;
	/** How long it is seen in each turn. */
	durationSeconds: number;
	/** `open` leaves it to the user's configuration of LCDd. */
	backlight: 'open' | 'blink' | 'off';
	widgets: readonly ScreenWidget[];
};

export type Command = readonly (string | number)[];

/** LCDd's clock ticks eight times a second. */
const TICKS_PER_SECOND = 8;
/** Ticks between two movements of a scroller: a character every 3/8 s can be read. */
const SCROLLER_TICKS = 3;

/** The commands that turn what is shown into what shall be shown. Unchanged parts cost nothing. */
export function screenCommands(shown: readonly Screen[], wanted: readonly Screen[]): Command[] {
	const before = new Map(shown.map((screen) => [screen.id, screen]));
	const kept = new Set(wanted.map(({ id }) => id));
	return [
		...shown.filter(({ id }) => !kept.has(id)).map(({ id }) => ['screen_del', id]),
		...wanted.flatMap((screen) => commandsOf(before.get(screen.id), screen)),
	];
}

function commandsOf(before: Screen | undefined, screen: Screen): Command[] {
	const commands: Command[] = before === undefined ? [['screen_add', screen.id]] : [];
	const attributes = attributesOf(screen);
	const attributesBefore = before === undefined ? {} : attributesOf(before);
	for (const [name, value] of Object.entries(attributes)) {
		if (attributesBefore[name] !== value) {
			commands.push(['screen_set', screen.id, name, value]);
		}
	}
	const widgetsBefore = before?.widgets ?? [];
	for (let index = 0; index < Math.max(widgetsBefore.length, screen.widgets.length); index += 1) {
		commands.push(...widgetCommands([screen.id, `w${index}`], widgetsBefore[index], screen.widgets[index]));
	}
	return commands;
}

/** One `screen_set` each, so that every command has exactly one answer. */
function attributesOf(screen: Screen): Record<string, string | number> {
	return {
		'-name': screen.name,
		'-priority': screen.priority,
		'-duration': Math.round(screen.durationSeconds * TICKS_PER_SECOND),
		'-backlight': screen.backlight,
		// LCDd's heartbeat says that LCDd is alive, and covers a character; ours says that the figures are fresh.
		'-heartbeat': 'off',
	};
}

function widgetCommands(
	path: readonly [screen: string, widget: string],
	before: ScreenWidget | undefined,
	widget: ScreenWidget | undefined,
): Command[] {
	const commands: Command[] = [];
	if (before !== undefined && before.kind !== widget?.kind) {
		commands.push(['widget_del', ...path]);
	}
	if (widget === undefined) {
		return commands;
	}
	if (before?.kind !== widget.kind) {
		commands.push(['widget_add', ...path, widget.kind]);
	}
	const values = valuesOf(widget);
	if (before?.kind !== widget.kind || valuesOf(before).join('\n') !== values.join('\n')) {
		commands.push(['widget_set', ...path, ...values]);
	}
	return commands;
}

function valuesOf(widget: ScreenWidget): (string | number)[] {
	switch (widget.kind) {
		case 'string':
			return [widget.column, widget.row, widget.text];
		case 'hbar':
			return [widget.column, widget.row, widget.length];
		case 'num':
			return [widget.column, widget.digit];
		case 'scroller': {
			const last = widget.column + widget.columns - 1;
			return [widget.column, widget.row, last, widget.row, 'm', SCROLLER_TICKS, widget.text];
		}
	}
}
