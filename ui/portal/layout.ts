import { type Content, type Html, html } from './html.ts';
import { LANGUAGES } from './language.ts';
import type { PageContext } from './page-context.ts';

export type Layout = {
	readonly title: string;
	readonly content: Content;
	/** With figures that the script keeps fresh. */
	readonly isLive?: true;
};

/** A whole document: head, venue, content, pages, languages. */
export function layout(page: PageContext, { title, content, isLive }: Layout): string {
	const { language, t, venue, assets, notice } = page;
	const { direction } = LANGUAGES[language];
	const document = html`<!DOCTYPE html>
<html lang="${language}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – ${venue.name}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assets.style}">
${isLive && html`<script src="${assets.script}" defer></script>`}
</head>
<body>
<a class="skip" href="#content">${t('skip')}</a>
<header>${brand(page)}</header>
<main id="content" tabindex="-1">
${notice && html`<p class="notice ${notice.kind}" id="notice" role="${notice.kind === 'bad' ? 'alert' : 'status'}">${notice.text}</p>`}
${content}
</main>
${navigation(page)}
<footer>
${languageLinks(page)}
<p>${t('footer')}</p>
</footer>
</body>
</html>
`;
	return document.text;
}

function brand({ venue, href }: PageContext): Html {
	return html`<a class="brand" href="${href('/')}">${venue.logo && html`<img src="${venue.logo}" alt="" height="32">`}<bdi>${venue.name}</bdi></a>`;
}

function navigation({ t, href, path, isConnected, features }: PageContext): Html | undefined {
	const pages = isConnected
		? ([
				['/', t('home')],
				['/top-up', t('topup_title')],
				['/devices', t('devices_title')],
				features.group && ['/group', t('group_title')],
				features.gift && ['/gift', t('gift_title')],
				features.alerts && ['/alerts', t('alerts_title')],
				['/receipt', t('receipt_title')],
				['/why', t('why_title')],
			] as const)
		: [];
	if (pages.length === 0)
		return path === '/'
			? undefined
			: html`<nav aria-label="${t('menu')}"><ul><li><a href="${href('/')}">${t('home')}</a></li></ul></nav>`;
	return html`<nav aria-label="${t('menu')}"><ul>${pages.map((entry) => entry && link(entry[0], entry[1]))}</ul></nav>`;

	function link(to: string, text: string): Html {
		return html`<li><a href="${href(to)}"${to === path && html` aria-current="page"`}>${text}</a></li>`;
	}
}

function languageLinks({ t, language, languages, path }: PageContext): Html | undefined {
	if (languages.length < 2) return undefined;
	const links = languages.map((tag) => {
		const { name, direction } = LANGUAGES[tag];
		return html`<li><a href="/${tag}${path === '/' ? '/' : path}" lang="${tag}" dir="${direction}" hreflang="${tag}"${tag === language && html` aria-current="true"`}>${name}</a></li>`;
	});
	return html`<nav aria-label="${t('languages')}"><ul class="languages">${links}</ul></nav>`;
}
