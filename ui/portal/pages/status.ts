import { usageChart } from '../chart.ts';
import { groupSummary } from '../group-summary.ts';
import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';
import { liveFigures } from '../live-figures.ts';
import type { AlertModel, StatusModel } from '../models.ts';
import { packageList } from '../package-list.ts';
import type { PageContext } from '../page-context.ts';
import { walletSection } from '../wallet-section.ts';

/** What is left, large; below it where it goes. */
export function statusPage(page: PageContext, model: StatusModel): string {
	const { t, format, href } = page;
	const figures = liveFigures(page, model);
	const { remaining, state } = model;
	const content = html`<section class="now" aria-labelledby="left" data-state="${figures.state}" data-source="${href('/api/status')}" data-events="${href('/api/events')}">
<p class="state ${state}"><span class="dot" aria-hidden="true"></span>${t(`state_${state}`)}<span class="live" data-live-mark hidden>${t('live_on')}</span></p>
<h1 id="left"><span class="visually-hidden">${t('left_title')}: </span><span class="big" data-live="left">${figures.text.left}</span></h1>
${
	remaining &&
	html`<p class="of">${t('left_of', { amount: format.amount(remaining.unit, remaining.of) })}</p>
<progress data-live-percent max="100" value="${figures.percent}" aria-label="${t('left_title')}">${format.percent(figures.percent / 100)}</progress>`
}
${model.low.map((alert) => alertNotice(page, alert))}
</section>
<dl class="figures">
<div><dt>${t('used_session')}</dt><dd data-live="used">${figures.text.used}</dd></div>
<div><dt>${t('speed_title')}</dt><dd><span><span aria-hidden="true">↓</span><span class="visually-hidden">${t('speed_down')}</span> <span data-live="down">${figures.text.down}</span></span> <span><span aria-hidden="true">↑</span><span class="visually-hidden">${t('speed_up')}</span> <span data-live="up">${figures.text.up}</span></span></dd></div>
${model.own && html`<div><dt>${t('own_title')}</dt><dd>${t(model.own === 'slowed' ? 'tethered_slowed' : 'tethered_blocked')}</dd></div>`}${model.tethered && html`<div><dt>${t('tethered_title')}</dt><dd>${format.bytes(model.tethered.bytes)}${model.tethered.state !== 'allowed' && html` <small>${t(model.tethered.state === 'slowed' ? 'tethered_slowed' : 'tethered_blocked')}</small>`}</dd></div>`}
</dl>
<p class="actions"><a class="button" href="${href('/top-up')}">${t('topup_title')}</a> <a class="button quiet" href="${href('/')}" data-live-off>${t('refresh')}</a></p>
${!model.clockIsSet && html`<p class="hint">${t('clock_unset')}</p>`}
${model.packages.length > 0 && html`<section aria-labelledby="packages"><h2 id="packages">${t('packages_title')}</h2>${packageList(page, model.packages)}</section>`}
${model.wallet && walletSection(page, model.wallet)}
${model.groups.length > 0 && html`<section aria-labelledby="group"><h2 id="group">${t('group_title')}</h2>${model.groups.map((group) => groupSummary(page, group))}<p><a href="${href('/group')}">${t('group_title')}</a></p></section>`}
<section aria-labelledby="history"><h2 id="history">${t('history_title')}</h2>${usageChart(page, model.chart)}</section>
<section aria-labelledby="devices"><h2 id="devices">${t('devices_title')}</h2><p>${t('devices_count', { count: model.devices.length })} <a href="${href('/devices')}">${t('devices_title')}</a></p></section>`;
	return layout(page, { title: figures.text.left, content, isLive: true });
}

/** What the customer wanted to be told; noted by the ledger, it can be put away. */
function alertNotice({ t, format, href, proof }: PageContext, { id, unit, left, isRaised }: AlertModel): Html {
	return html`<div class="notice bad" role="status"><p>${t('alert_low', { amount: format.amount(unit, left) })}</p>${isRaised && html`<form method="post" action="${href('/alerts/seen')}">${proof('/alerts/seen')}<input type="hidden" name="alert" value="${id}"><button class="quiet">${t('alert_seen')}</button></form>`}</div>`;
}
