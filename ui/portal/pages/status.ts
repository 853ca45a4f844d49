import { usageChart } from '../chart.ts';
import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';
import { liveFigures } from '../live-figures.ts';
import type { PackageModel, StatusModel } from '../models.ts';
import type { PageContext } from '../page-context.ts';

/** What is left, large; below it where it goes. */
export function statusPage(page: PageContext, model: StatusModel): string {
	const { t, format, href } = page;
	const figures = liveFigures(page, model);
	const { remaining, state } = model;
	const content = html`<section class="now" aria-labelledby="left" data-state="${figures.state}" data-source="${href('/api/status')}">
<p class="state ${state}"><span class="dot" aria-hidden="true"></span>${t(`state_${state}`)}<span class="live" data-live-mark hidden>${t('live_on')}</span></p>
<h1 id="left"><span class="visually-hidden">${t('left_title')}: </span><span class="big" data-live="left">${figures.text.left}</span></h1>
${
	remaining &&
	html`<p class="of">${t('left_of', { amount: format.amount(remaining.unit, remaining.of) })}</p>
<progress data-live-percent max="100" value="${figures.percent}" aria-label="${t('left_title')}">${format.percent(figures.percent / 100)}</progress>`
}
${model.isLow && html`<p class="notice bad" role="status">${t('alert_low', { amount: figures.text.left })}</p>`}
</section>
<dl class="figures">
<div><dt>${t('used_session')}</dt><dd data-live="used">${figures.text.used}</dd></div>
<div><dt>${t('speed_title')}</dt><dd><span><span aria-hidden="true">↓</span><span class="visually-hidden">${t('speed_down')}</span> <span data-live="down">${figures.text.down}</span></span> <span><span aria-hidden="true">↑</span><span class="visually-hidden">${t('speed_up')}</span> <span data-live="up">${figures.text.up}</span></span></dd></div>
</dl>
<p class="actions"><a class="button" href="${href('/top-up')}">${t('topup_title')}</a> <a class="button quiet" href="${href('/')}" data-live-off>${t('refresh')}</a></p>
${!model.clockIsSet && html`<p class="hint">${t('clock_unset')}</p>`}
<section aria-labelledby="packages"><h2 id="packages">${t('packages_title')}</h2>${packageList(page, model.packages)}</section>
<section aria-labelledby="history"><h2 id="history">${t('history_title')}</h2>${usageChart(page, model.chart)}</section>
<section aria-labelledby="devices"><h2 id="devices">${t('devices_title')}</h2><p>${t('devices_count', { count: model.devices.length })} <a href="${href('/devices')}">${t('devices_title')}</a></p></section>`;
	return layout(page, { title: figures.text.left, content, isLive: true });
}

function packageList({ t, format }: PageContext, packages: readonly PackageModel[]): Html {
	const items = packages.map(
		(
			{ plan, unit, amount, remaining, expiresAtWallMs },
			index,
		) => html`<li><div class="line"><strong><bdi>${plan}</bdi></strong><span${index === 0 && html` data-live="current"`}>${format.amount(unit, remaining)}</span></div>
<div class="line hint"><span>${t(index === 0 ? 'package_now' : 'package_next')}</span><span>${t('left_of', { amount: format.amount(unit, amount) })}</span></div>
${expiresAtWallMs !== undefined && html`<div class="hint">${t('expires', { moment: format.moment(expiresAtWallMs) })}</div>`}</li>`,
	);
	return html`<ol class="packages">${items}</ol>`;
}
