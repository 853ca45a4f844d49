import type { Faint } from './reading.ts';

/** What a browser in a station's namespace is told, one JSON object a line; each is answered by one line. */
export type BrowserOrder =
	| { order: 'open'; url: string }
	| { order: 'fill'; field: string; text: string }
	/** Clicks, and waits until the page that follows is there. */
	| { order: 'send'; button: string }
	| { order: 'click'; link: string }
	| { order: 'text'; of: string }
	| { order: 'attribute'; of: string; name: string }
	/** Resolves when the element's text matches, without any reload by the test. */
	| { order: 'wait'; of: string; pattern: string }
	| { order: 'screenshot'; path: string; isWhole?: boolean }
	/** Twice the zoom is half of the width. */
	| { order: 'resize'; width: number }
	/** Presses keys, one after the other. With `loads` waits for the page that follows. */
	| { order: 'press'; keys: string[]; loads?: boolean }
	| { order: 'type'; text: string }
	/** Whether the element has the focus. */
	| { order: 'focused'; field: string }
	/** By the Tab key through the whole page. */
	| { order: 'tour' }
	/** Contrast of all texts. */
	| { order: 'read' }
	| { order: 'measure' }
	| { order: 'close' };

export type BrowserOptions = {
	/** What the browser asks for. */
	language: string;
	hasScript: boolean;
	colours?: 'light' | 'dark';
	/** CSS pixels. */
	width?: number;
};

export type BrowserAnswer = { ok: true; value: unknown } | { ok: false; problem: string };

/** What somebody meets who has no pointer. */
export type Tour = {
	stops: number;
	/** What can be used and was not reached. */
	unreached: number;
	/** Stops that nothing shows, or that are out of the window. */
	unseen: string[];
	/** Stops that come earlier in the page than the one before. */
	backwards: string[];
};

export type Reading = { texts: number; least: number; faint: Faint[] };

/** What one page costs, and whether it fits. */
export type Measure = {
	/** Bytes of all responses since the page was opened, with headers. */
	loadedBytes: number;
	/** Requests to any other host than the page's own. */
	foreignRequests: string[];
	/** Wider than its window: it must be scrolled sideways. */
	overflowPixels: number;
	/** Streams of figures that were answered, and single figures that were asked for, since the start. */
	streams: number;
	polls: number;
	/** Violations of the page's own security policy, and errors of its script. */
	complaints: string[];
};
