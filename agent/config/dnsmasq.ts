import { NAMED_SETS } from '../core/named-sets.ts';
import type { Config } from './config.ts';

/** Where the portal answers RFC 8908. */
export const CAPTIVE_PORTAL_API_PATH = '/api/captive-portal';

/** The DHCPv4 and DHCPv6 options of RFC 8910, section 2. */
const CAPTIVE_PORTAL_IPV4 = 114;
const CAPTIVE_PORTAL_IPV6 = 103;
/**
 * dnsmasq adds an address when its own question is answered, not when it answers from its cache. So the cache must be
 * short: after our table was made anew, a name is missing for at most so long.
 */
const CACHE_SECONDS = 300;

/**
 * A network whose DHCP answer has this text in the vendor's option (RFC 2132, 8.4) is taken for metered by Android (`DhcpResults`), ChromeOS
 * and NetworkManager: programs then put off what can wait. It is what a telephone's own hotspot says, to everybody and without being
 * asked, for few ask for this option.
 */
const VENDOR_OPTION = 43;
const METERED_HINT = 'ANDROID_METERED';

/** The URI that RFC 8910 announces; undefined without HTTPS, which RFC 8908 (section 4.1) demands. */
export function captivePortalUri({
	portal,
}: {
	portal: Pick<Config['portal'], 'name' | 'httpsPort'>;
}): string | undefined {
	if (portal.httpsPort === undefined) return undefined;
	const port = portal.httpsPort === 443 ? '' : `:${portal.httpsPort}`;
	return `https://${portal.name}${port}${CAPTIVE_PORTAL_API_PATH}`;
}

/** The lines that dnsmasq needs for this configuration, as a file for its `conf-dir`. */
export function dnsmasqLines(config: Config): string[] {
	const { devices, portal, garden, zeroRated } = config;
	const uri = captivePortalUri(config);
	return [
		'# Made by `octroi dnsmasq`. Make it again when the configuration has changed.',
		'',
		"# The portal's name is this router, on each metered device.",
		...devices.metered.map((device) => `interface-name=${portal.name},${device}`),
		'# Whatever else is asked about it is answered here: it must not leave by the uplink, where nobody pays for it.',
		`local=/${portal.name}/`,
		'',
		...(uri === undefined
			? ['# No captive-portal option (RFC 8910): it needs HTTPS, and portal.httpsPort is not set.']
			: [
					'# Captive-portal option (RFC 8910), DHCPv4 and DHCPv6.',
					`dhcp-option-force=${CAPTIVE_PORTAL_IPV4},${uri}`,
					`dhcp-option-force=option6:${CAPTIVE_PORTAL_IPV6},${uri}`,
					'# Router advertisements (option 37) get it from the agent, whoever sends them.',
					"# OpenWrt's odhcpd, if it answers DHCPv6 in place of dnsmasq:",
					`#   uci set dhcp.lan.captive_portal_uri='${uri}'`,
				]),
		...meteredHintLines(config),
		...namesLines('# Walled garden by name.', garden.names, NAMED_SETS.garden),
		...namesLines('# Zero-rated by name.', zeroRated.names, NAMED_SETS.zeroRated),
		...(garden.names.length + zeroRated.names.length === 0
			? []
			: [
					'',
					'# An address is added when a name is asked for upstream, not from the cache: keep that short.',
					`max-cache-ttl=${CACHE_SECONDS}`,
					`max-ttl=${CACHE_SECONDS}`,
				]),
	];
}

/** Where every plan is one of time, bytes cost nothing. */
function meteredHintLines({ plans }: Pick<Config, 'plans'>): string[] {
	if (!plans.some(({ unit, tariff }) => unit === 'byte' || tariff?.unit === 'byte')) return [];
	return [
		'',
		'# Bytes are counted here: the hint that Android, ChromeOS and NetworkManager read.',
		`dhcp-option-force=${VENDOR_OPTION},${METERED_HINT}`,
	];
}

function namesLines(comment: string, names: readonly string[], set: string): string[] {
	if (names.length === 0) return [];
	return ['', comment, ...names.map((name) => `nftset=/${name}/4#inet#octroi#${set}4,6#inet#octroi#${set}6`)];
}
