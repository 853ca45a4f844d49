/**
 * Keeps the figures of a page fresh, where there is JavaScript. Asks every two seconds while the page is seen, less often when
 * nobody answers; the page works without it.
 */
export const LIVE_SCRIPT = `'use strict';
(() => {
	const now = document.querySelector('[data-source]');
	if (!now) return;
	const all = (selector) => document.querySelectorAll(selector);
	let failures = 0;
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
		for (const element of all('[data-live-mark]')) element.hidden = failures > 0;
		for (const element of all('[data-live-off]')) element.hidden = failures === 0;
		setTimeout(look, Math.min(30000, 2000 * 2 ** failures));
	};
	look();
})();
`;
