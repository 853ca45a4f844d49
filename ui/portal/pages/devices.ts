import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';
import type { DeviceModel, PairingModel } from '../models.ts';
import type { PageContext } from '../page-context.ts';

export const DEVICE_NAME_CHARACTERS_MAX = 40;

/** `pairing`: a code that is open for this account now. */
export type DevicesModel = { readonly devices: readonly DeviceModel[]; readonly pairing?: PairingModel };

/** The devices that share an account: name, remove, add. */
export function devicesPage(page: PageContext, { devices, pairing }: DevicesModel): string {
	const { t, features } = page;
	const content = html`<h1>${t('devices_title')}</h1>
<p class="lead">${t('devices_count', { count: devices.length })}</p>
<ul class="devices">${devices.map((device) => deviceItem(page, device))}</ul>
${features.pair && pairForm(page, pairing)}`;
	return layout(page, { title: t('devices_title'), content });
}

function deviceItem({ t, format, href, proof }: PageContext, device: DeviceModel): Html {
	const { mac, name, isThis, usedBytes } = device;
	const id = `name-${mac.replaceAll(':', '')}`;
	return html`<li class="card">
<h2><bdi>${name ?? t('device_unnamed')}</bdi>${isThis && html` <small>(${t('device_this')})</small>`}</h2>
<p class="line hint"><span dir="ltr">${mac}</span><span>${t('used_title')}: ${format.bytes(usedBytes)}</span></p>
<form method="post" action="${href('/devices/rename')}" class="row">
${proof('/devices/rename')}<input type="hidden" name="mac" value="${mac}">
<label for="${id}">${t('device_name')}</label>
<input id="${id}" name="name" value="${name}" maxlength="${DEVICE_NAME_CHARACTERS_MAX}" required autocomplete="off" dir="auto">
<button class="quiet">${t('device_rename')}</button>
</form>
<form method="post" action="${href('/devices/remove')}">
${proof('/devices/remove')}<input type="hidden" name="mac" value="${mac}">
<button class="quiet danger">${t(isThis ? 'device_leave' : 'device_remove')}${!isThis && html`<span class="visually-hidden"> <bdi>${name ?? mac}</bdi></span>`}</button>
</form>
</li>`;
}

function pairForm({ t, format, href, proof }: PageContext, shown: PairingModel | undefined): Html {
	return html`<section aria-labelledby="pair"><h2 id="pair">${t('pair_title')}</h2>
${
	shown
		? html`<div class="card"><p class="big code" dir="ltr">${shown.code}</p><p>${t('pair_keep', { time: format.duration(shown.validMs / 1000) })}</p></div>`
		: html`<form method="post" action="${href('/devices/pair')}" class="card">${proof('/devices/pair')}<p>${t('pair_text')}</p><button>${t('pair_make')}</button></form>`
}</section>`;
}
