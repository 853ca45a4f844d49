/**
 * The folders in which the lab looks for programs. npm puts those of its packages first, and one of them is called nft too:
 * it takes any ruleset and does nothing. An ordinary user of Debian does not find nft, dnsmasq and ethtool without the last ones.
 */
export function programPath(inherited = ''): string {
	const folders = inherited.split(':').filter((folder) => folder !== '' && !folder.endsWith('/node_modules/.bin'));
	return [...folders, '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'].join(':');
}
