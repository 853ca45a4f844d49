import { CAST } from './cast.ts';
import type { PortalPage } from './portal-pages.ts';

export type BannerFacts = { pages: readonly PortalPage[]; news: string; columns: number };

const NEWS_LINES = 2;
const STORY_CELLS = 40;

/** What stands above the dashboard: the fate of each station, where its portal page is, and what happens now. */
export function bannerLines({ pages, news, columns }: BannerFacts): string[] {
	return [
		'A real router, four real stations, real traffic. What will happen to each:',
		...pages.map(({ station, url }, index) => {
			const fate = `${station} ${CAST[index]?.story ?? ''}`.padEnd(STORY_CELLS);
			return `${fate}portal page ${url}`;
		}),
		...wrap(news, columns - 2, NEWS_LINES),
	];
}

/** Always so many lines, so that what stands below does not jump. */
function wrap(text: string, cells: number, count: number): string[] {
	const lines = [''];
	for (const word of text.split(' ')) {
		const line = lines.at(-1) as string;
		if (line === '') lines[lines.length - 1] = word;
		else if (line.length + 1 + word.length <= cells || lines.length === count)
			lines[lines.length - 1] = `${line} ${word}`;
		else lines.push(word);
	}
	while (lines.length < count) lines.push('');
	return lines;
}
