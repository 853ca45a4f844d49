import { type Content, html } from './html.ts';

const PAGES = [
	['/', 'Access points'],
	['/accounts', 'Accounts'],
	['/policy', 'Policy'],
	['/reviews', 'To be looked at'],
] as const;

export type Layout = {
	readonly title: string;
	readonly path: string;
	readonly user: string | undefined;
	readonly content: Content;
	readonly notice?: string | undefined;
	/** The notice says what went wrong. */
	readonly isWrong?: boolean;
};

/** A whole page. Nothing in it comes from anywhere else, and there is no script. */
export function layout({ title, path, user, content, notice, isWrong = false }: Layout): string {
	return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – Octroi carrier</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><strong>Octroi carrier</strong>${
		user !== undefined &&
		html`<nav aria-label="Pages"><ul>${PAGES.map(([to, name]) => html`<li><a href="${to}"${to === path && html` aria-current="page"`}>${name}</a></li>`)}</ul></nav><span class="user">${user}</span>`
	}</header>
<main>
<h1>${title}</h1>
${notice !== undefined && (isWrong ? html`<p class="notice wrong" role="alert">${notice}</p>` : html`<p class="notice" role="status">${notice}</p>`)}
${content}
</main>
</body>
</html>
`.text;
}

export const STYLE = `:root{--paper:#fbfbfa;--card:#fff;--ink:#14171c;--soft:#545b66;--line:#c9cdd3;--accent:#0b5cad;--good:#0b6b3a;--bad:#a3261b;color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{--paper:#14171c;--card:#1d2128;--ink:#f2f4f7;--soft:#aab2bf;--line:#434a55;--accent:#7db8f5;--good:#5ed39a;--bad:#ff9d92}}
*{box-sizing:border-box}
html{font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
body{margin:0 auto;max-width:72rem;padding:0 1.25rem 3rem;background:var(--paper);color:var(--ink);overflow-wrap:anywhere}
a{color:var(--accent)}
header{display:flex;gap:1.5rem;align-items:center;flex-wrap:wrap;padding:1rem 0;border-bottom:1px solid var(--line)}
header ul{display:flex;gap:1.25rem;list-style:none;margin:0;padding:0}
[aria-current=page]{color:var(--ink);font-weight:650;text-decoration:none}
.user{margin-inline-start:auto;color:var(--soft)}
h1{font-size:1.6rem;margin:1.25rem 0 1rem}
h2{font-size:1.1rem;margin:2rem 0 .6rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.75rem;margin:0}
.figures div{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.75rem 1rem}
.figures dt{color:var(--soft);font-size:.875rem}
.figures dd{margin:0;font-size:1.4rem;font-weight:650;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:start;padding:.4rem .75rem;overflow-wrap:break-word;border-bottom:1px solid var(--line);vertical-align:top}
th:first-child,td:first-child{padding-inline-start:0}
th{color:var(--soft);font-weight:600;font-size:.875rem}
.number{text-align:end}
.good{color:var(--good)}
.bad{color:var(--bad)}
.hint{color:var(--soft)}
.notice{border:1px solid var(--good);border-inline-start-width:6px;border-radius:.4rem;padding:.6rem 1rem;background:var(--card)}
.notice.wrong{border-color:var(--bad)}
.chart{display:block;width:100%;height:9rem;background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.5rem}
.chart rect{fill:var(--accent)}
.axis{display:flex;justify-content:space-between;color:var(--soft);font-size:.875rem;margin:.25rem 0}
label{display:block;font-weight:600;margin:.75rem 0 .25rem}
input,textarea,select{font:inherit;width:100%;padding:.5rem .7rem;border:1px solid var(--line);border-radius:.4rem;background:var(--card);color:var(--ink)}
textarea{font:.9rem/1.45 ui-monospace,Menlo,Consolas,monospace;min-height:24rem}
button{font:inherit;font-weight:650;margin-top:.9rem;padding:.6rem 1.2rem;border:0;border-radius:.4rem;background:var(--accent);color:var(--paper);cursor:pointer}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
code,pre{font:.9rem/1.45 ui-monospace,Menlo,Consolas,monospace}
.before{color:var(--bad)}
.after{color:var(--good)}
`;
