import { type Html, html } from './html.ts';
import type { PackageModel } from './models.ts';
import type { PageContext } from './page-context.ts';
import { paceText } from './plan-list.ts';

/** What was bought, in the order in which it is spent. The figure of the first one is live. */
export function packageList(page: PageContext, packages: readonly PackageModel[]): Html {
	return html`<ol class="packages">${packages.map((one, index) => packageItem(page, one, index === 0))}</ol>`;
}

function packageItem(page: PageContext, one: PackageModel, isFirst: boolean): Html {
	const { t, format, href, proof } = page;
	const { plan, unit, amount, remaining, pace, stationsMax, renewal } = one;
	const terms = [
		...(pace === undefined ? [] : [paceText(page, pace)]),
		...(stationsMax === undefined ? [] : [t('plan_devices', { count: stationsMax })]),
	];
	const ends = endText(page, one);
	return html`<li><div class="line"><strong><bdi>${plan}</bdi></strong><span${isFirst && html` data-live="current"`}>${format.amount(unit, remaining)}</span></div>
<div class="line hint"><span>${t(isFirst ? 'package_now' : 'package_next')}</span><span>${t('left_of', { amount: format.amount(unit, amount) })}</span></div>
${terms.length > 0 && html`<div class="hint">${terms.join(' · ')}</div>`}${ends && html`<div class="hint">${ends}</div>`}
${renewal !== undefined && html`<form method="post" action="${href('/renewal/end')}">${proof('/renewal/end')}<input type="hidden" name="renewal" value="${renewal}"><button class="quiet">${t('renewal_end')}</button></form>`}</li>`;
}

/** Until when it is valid; while no date is known, for how long. */
function endText(
	{ t, format }: PageContext,
	{ expiresAtWallMs, leftSeconds, renewal }: PackageModel,
): string | undefined {
	const isRenewed = renewal !== undefined;
	if (expiresAtWallMs !== undefined) {
		return t(isRenewed ? 'renews_at' : 'expires', { moment: format.moment(expiresAtWallMs) });
	}
	if (leftSeconds === undefined) return undefined;
	return t(isRenewed ? 'renews_in' : 'valid_for', { time: format.duration(leftSeconds) });
}
