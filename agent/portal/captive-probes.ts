import { type Answer, redirect } from './answer.ts';

/** What a system asks in order to know whether it is online, and what it wants to hear then. */
type Probe = { readonly host: RegExp; readonly path: string; readonly online: Answer };

const text = (body: string): Answer => ({ status: 200, type: 'text/plain', body });
const APPLE: Answer = {
	status: 200,
	type: 'text/html',
	body: '<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>',
};
const NOTHING: Answer = { status: 204, type: 'text/plain', body: '' };

export const PROBES: readonly Probe[] = [
	// Apple: the captive network assistant.
	{ host: /^(captive\.apple\.com|www\.apple\.com)$/, path: '/hotspot-detect.html', online: APPLE },
	{
		host: /^(captive\.apple\.com|www\.apple\.com|www\.(appleiphonecell|itools|ibook|airport)\.(com|info|us))$/,
		path: '/library/test/success.html',
		online: APPLE,
	},
	{ host: /^captive\.apple\.com$/, path: '/', online: APPLE },
	// Android and Chromium.
	{
		host: /(^|\.)(google|gstatic|googleapis)\.(com|cn)$|^play\.googleapis\.com$|^connectivitycheck\.android\.com$/,
		path: '/generate_204',
		online: NOTHING,
	},
	{ host: /(^|\.)(google|gstatic)\.com$/, path: '/gen_204', online: NOTHING },
	{
		host: /^connect\.rom\.miui\.com$|(^|\.)hicloud\.com$|^conn[0-9]?\.(coloros|oppomobile)\.com$/,
		path: '/generate_204',
		online: NOTHING,
	},
	// Windows, new and old.
	{ host: /^(www|ipv6)\.msftconnecttest\.com$/, path: '/connecttest.txt', online: text('Microsoft Connect Test') },
	{ host: /^(www\.|ipv6\.)?msftncsi\.com$/, path: '/ncsi.txt', online: text('Microsoft NCSI') },
	// Firefox.
	{ host: /^detectportal\.firefox\.com$/, path: '/success.txt', online: text('success\n') },
	{
		host: /^detectportal\.firefox\.com$/,
		path: '/canonical.html',
		online: {
			status: 200,
			type: 'text/html',
			body: '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>',
		},
	},
	// NetworkManager: upstream and GNOME, Debian, Ubuntu, Fedora, Arch; KDE.
	{ host: /^nmcheck\.gnome\.org$/, path: '/check_network_status.txt', online: text('NetworkManager is online\n') },
	{ host: /^network-test\.debian\.org$/, path: '/nm', online: text('NetworkManager is online\n') },
	{ host: /^ping\.archlinux\.org$/, path: '/nm-check.txt', online: text('NetworkManager is online\n') },
	{ host: /^fedoraproject\.org$/, path: '/static/hotspot.txt', online: text('OK') },
	{
		host: /^connectivity-check\.ubuntu\.com$/,
		path: '/',
		online: { ...NOTHING, headers: { 'X-NetworkManager-Status': 'online' } },
	},
	{ host: /^networkcheck\.kde\.org$/, path: '/', online: text('OK\n') },
];

/**
 * Answers a request that was meant for another host. Who has no right is shown the way to the portal: that is what makes
 * telephones open it. Who has one is told so by the words that its system expects.
 */
export function answerElsewhere(target: { host: string; path: string }, hasRight: boolean, portal: string): Answer {
	const probe = PROBES.find(({ host, path }) => path === target.path && host.test(target.host));
	return hasRight && probe ? probe.online : redirect(portal);
}
