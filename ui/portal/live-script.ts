/**
 * Keeps the figures of a page fresh, where there is JavaScript: by a stream while the page is seen; where that is refused, cut off or
 * held back on its way, by asking every two seconds, less often when nobody answers. The page works without it.
 */
export const LIVE_SCRIPT = `'use strict';
(() => {
	const now = document.querySelector('[data-source]');
	if (!now) return;
	const all = (selector) => document.querySelectorAll(selector);
	let failures = 0;
	let stream;
	let silence;
	const mark = (isLive) => {
		for (const element of all('[data-live-mark]')) element.hidden = !isLive;
		for (const element of all('[data-live-off]')) element.hidden = isLive;
	};
	const show = (figures) => {
		if (figures.state !== now.dataset.state) return location.replace(location.pathname);
		for (const element of all('[data-live]')) {
			const text = figures.text[element.dataset.live];
			if (element.textContent !== text) element.textContent = text;
		}
		for (const element of all('[data-live-percent]')) element.value = figures.percent;
	};
	const look = async () => {
		try {
			if (!document.hidden) {
				const answer = await fetch(now.dataset.source, { cache: 'no-store', signal: AbortSignal.timeout(5000) });
				if (!answer.ok) throw new Error(answer.status);
				show(await answer.json());
				failures = 0;
			}
		} catch {
			failures += 1;
		}
		mark(failures === 0);
		setTimeout(look, Math.min(30000, 2000 * 2 ** failures));
	};
	const close = () => {
		clearTimeout(silence);
		stream?.close();
		stream = undefined;
	};
	const giveUp = () => {
		close();
		document.removeEventListener('visibilitychange', listen);
		look();
	};
	const wait = () => {
		clearTimeout(silence);
		silence = setTimeout(giveUp, 25000);
	};
	const listen = () => {
		close();
		if (document.hidden) return;
		stream = new EventSource(now.dataset.events);
		stream.onmessage = ({ data }) => {
			wait();
			mark(true);
			show(JSON.parse(data));
		};
		stream.onerror = () => {
			mark(false);
			if (stream?.readyState === 2) giveUp();
		};
		wait();
	};
	if (!now.dataset.events || !window.EventSource) return look();
	document.addEventListener('visibilitychange', listen);
	listen();
})();
`;
