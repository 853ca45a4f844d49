/** What systems begin with: Linux, Apple, BSD, Android 64; Windows 128; some routers, Solaris 255. */
const STARTS: readonly number[] = [64, 128, 255];
/** One tethering device takes one; a travel router behind it, or a virtual machine, one more each. */
const HOPS_MAX = 4;

/** The start value that a station's packet has come from; undefined for one that programs set themselves (traceroute, some games). */
export function hopStart(hopLimit: number): number | undefined {
	return STARTS.find((start) => hopLimit <= start && hopLimit >= start - HOPS_MAX);
}
