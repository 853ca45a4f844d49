import { accentsOf, CARD, PAPER } from './contrast.ts';

/** Colours of text and lines, apart from the accent. A test computes their contrast. */
export const COLOURS = {
	light: {
		paper: PAPER.light,
		card: CARD.light,
		ink: '#14171c',
		soft: '#545b66',
		line: '#7d8590',
		good: '#0b6b3a',
		bad: '#a3261b',
	},
	dark: {
		paper: PAPER.dark,
		card: CARD.dark,
		ink: '#f2f4f7',
		soft: '#aab2bf',
		line: '#7c8593',
		good: '#5ed39a',
		bad: '#ff9d92',
	},
} as const;

/** The whole style, one colour of which is the venue's. */
export function styleSheet(accent: string): string {
	const accents = accentsOf(accent);
	const variables = (mode: 'light' | 'dark') =>
		Object.entries({ ...COLOURS[mode], accent: accents.text[mode] })
			.map(([name, value]) => `--${name}:${value}`)
			.join(';');
	return `:root{${variables('light')};--fill:${accents.fill};--on-fill:${accents.onFill};color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{${variables('dark')}}}
${RULES}`;
}

const RULES = `*{box-sizing:border-box}
html{font:1.0625rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans Arabic","Noto Sans Devanagari",sans-serif;-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:34rem;padding:0 1.25rem 2rem;background:var(--paper);color:var(--ink);overflow-wrap:anywhere}
a{color:var(--accent)}
h1{font-size:1.75rem;line-height:1.2;margin:.5rem 0 .75rem;letter-spacing:-.01em;text-wrap:balance}
h2{font-size:1.0625rem;margin:0 0 .5rem}
h2 small{font-weight:400;color:var(--soft)}
:lang(ar) h1,:lang(hi) h1{letter-spacing:0;line-height:1.4}
header{padding:1.25rem 0 1rem}
.brand{display:inline-flex;align-items:center;gap:.6rem;min-height:2.75rem;color:var(--ink);text-decoration:none;font-weight:650}
.brand img{display:block;max-height:2rem;width:auto}
main:focus{outline:none}
section{margin-block:1.75rem}
.lead{font-size:1.125rem;color:var(--soft);margin-block:0 1.25rem}
.hint{color:var(--soft);font-size:.9375rem;margin-block:.25rem}
.card{background:var(--card);border-radius:.9rem;padding:1.1rem;display:block}
label{display:block;font-weight:600;margin-bottom:.35rem}
input:not([type=hidden]),select{font:inherit;width:100%;min-height:3rem;padding:.5rem .8rem;border:1px solid var(--line);border-radius:.6rem;background:var(--paper);color:var(--ink)}
.code{font-family:ui-monospace,Menlo,Consolas,monospace;letter-spacing:.06em}
input.code{font-size:1.25rem}
input.code:lang(ar){text-align:start}
button,.button{font:inherit;font-weight:650;display:inline-block;min-height:3rem;padding:.7rem 1.3rem;border:2px solid transparent;border-radius:.6rem;background:var(--fill);color:var(--on-fill);text-decoration:none;cursor:pointer;text-align:center}
form>button:last-child{margin-top:.75rem}
.card>button{width:100%}
.quiet{background:none;color:var(--accent);border-color:currentColor}
.danger{color:var(--bad)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.actions{display:flex;flex-wrap:wrap;gap:.75rem;margin-block:1.5rem}
.notice{border-radius:.6rem;padding:.8rem 1rem;border:1px solid;border-inline-start-width:6px;background:var(--card)}
.notice.good{color:var(--good)}
.notice.bad{color:var(--bad)}
.now{margin-block:0 1.25rem}
.state{display:flex;align-items:center;gap:.55rem;margin:0;font-weight:600}
.state .live{margin-inline-start:auto;font-weight:400;font-size:.875rem;color:var(--soft)}
.dot{width:.7rem;height:.7rem;border-radius:50%;background:var(--soft)}
.active .dot{background:var(--good)}
.throttled .dot{background:var(--accent)}
.blocked .dot{background:var(--bad)}
.now h1{margin:.4rem 0 0}
.big{display:block;font-size:clamp(2.75rem,15vw,4.5rem);line-height:1.1;font-weight:700;font-variant-numeric:tabular-nums;letter-spacing:-.03em}
:lang(ar) .big,:lang(hi) .big{letter-spacing:0;line-height:1.3}
.big.code{font-size:2rem;letter-spacing:.06em;margin:.25rem 0}
.of{margin:0 0 .75rem;color:var(--soft)}
progress{appearance:none;-webkit-appearance:none;display:block;width:100%;height:.75rem;border:1px solid var(--line);border-radius:1rem;background:var(--card);overflow:hidden}
progress::-webkit-progress-bar{background:var(--card)}
progress::-webkit-progress-value{background:var(--accent);border-radius:1rem;transition:inline-size .6s}
progress::-moz-progress-bar{background:var(--accent)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(13rem,100%),1fr));gap:.75rem;margin:1.25rem 0}
.figures div{background:var(--card);border-radius:.9rem;padding:.9rem 1.1rem}
dt{color:var(--soft);font-size:.9375rem}
dd{margin:0;font-size:1.25rem;font-weight:650;font-variant-numeric:tabular-nums;display:flex;flex-wrap:wrap;gap:0 1rem}
ul,ol{padding:0;margin:0;list-style:none}
.plans li,.packages li{padding:.8rem 0;border-bottom:1px solid var(--card)}
.plans span{display:block;color:var(--soft)}
.line{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem}
.devices{display:grid;gap:1rem}
.devices form{margin-top:.75rem}
.card>.row{margin-top:.75rem}
.packages+form,form+form.card{margin-top:1.25rem}
.packages .line{align-items:center}
progress+.notice{margin-top:1rem}
.notice>p{margin-top:0}
summary{cursor:pointer;padding:.75rem 0;min-height:2.75rem;list-style:none}
summary::before{content:"+";width:1rem;color:var(--accent)}
details[open]>summary::before{content:"\\2212"}
summary>:first-of-type{flex:1 1 12rem}
details{border-bottom:1px solid var(--card)}
label+select,label+input{margin-bottom:.75rem}
.row{display:grid;grid-template-columns:1fr auto;gap:0 .6rem;align-items:start}
.row label{grid-column:1/-1}
.row>button:last-child{margin-top:0}
.chart{display:block;width:100%;height:4.5rem}
.chart rect{fill:var(--accent)}
.chart .none{fill:var(--line)}
.axis{display:flex;justify-content:space-between;margin:.25rem 0 0;color:var(--soft);font-size:.875rem}
.tree ul{border-inline-start:2px solid var(--line);margin-inline-start:.4rem;padding-inline-start:1rem}
.tree li{padding:.4rem 0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
th,td{overflow-wrap:normal;text-align:start;padding:.5rem 0;padding-inline-end:.75rem;border-bottom:1px solid var(--card);vertical-align:top}
.amount{text-align:end;white-space:nowrap;font-variant-numeric:tabular-nums;padding-inline-end:0}
body>nav{margin-top:2rem;border-top:1px solid var(--card);padding-top:.5rem}
nav ul{display:flex;flex-wrap:wrap;gap:0 1.1rem}
nav a{display:inline-block;padding:.5rem 0;min-height:2.5rem}
.languages a{padding:.2rem 0;min-height:1.75rem}
.card>p:not(.hint){margin-top:0}
nav a[aria-current]{color:var(--ink);font-weight:650;text-decoration:none}
footer{margin-top:1rem;color:var(--soft);font-size:.875rem}
.visually-hidden,.skip:not(:focus){position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{display:inline-block;padding:.75rem 0}
[hidden]{display:none!important}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
@media print{nav,.actions,.skip,form{display:none}}
`;
