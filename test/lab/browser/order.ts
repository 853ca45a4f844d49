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

/** What one page costs, and whether it fits. */
export type Measure = {
	/** Bytes of all responses since the page was opened, with headers. */
	loadedBytes: number;
	/** Requests to any other host than the page's own. */
	foreignRequests: string[];
	/** Wider than its window: it must be scrolled sideways. */
	overflowPixels: number;
	/** Violations of the page's own security policy, and errors of its script. */
	complaints: string[];
};
