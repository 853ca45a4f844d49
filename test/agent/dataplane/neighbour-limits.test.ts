import test from 'ava';
import { describeNeighbourLimits, NEIGHBOURS_FIX } from '../../../agent/dataplane/neighbour-limits.ts';

/** The files below /proc/sys, by what follows `net/`. */
const sysctl = (values: Readonly<Record<string, number>>) => (path: string) => {
	const value = values[path.slice('/proc/sys/net/'.length)];
	if (value === undefined) throw new Error('ENOENT');
	return `${value}\n`;
};
const thresholds = (family: string, [first, second, third]: readonly [number, number, number]) => ({
	[`${family}/neigh/default/gc_thresh1`]: first,
	[`${family}/neigh/default/gc_thresh2`]: second,
	[`${family}/neigh/default/gc_thresh3`]: third,
	[`${family}/neigh/default/unres_qlen_bytes`]: 4096,
});

test('tables of neighbours that a flood fills at once are told, each with its name and value', (t) => {
	const read = sysctl({ ...thresholds('ipv4', [128, 512, 1024]), ...thresholds('ipv6', [1024, 8192, 16_384]) });
	const error = t.throws(() => describeNeighbourLimits(read), { code: 'feature_missing' } as object);
	t.regex(
		error?.message ?? '',
		/net\.ipv4\.neigh\.default\.gc_thresh1 is 128, .*gc_thresh2 is 512, .*gc_thresh3 is 1024$/,
	);
	t.notRegex(error?.message ?? '', /ipv6/);
});

test('the fix brings what is asked for', (t) => {
	const values = [
		...NEIGHBOURS_FIX.matchAll(/net\.(ipv[46])\.(neigh)\.(default)\.(gc_thresh\d|unres_qlen_bytes)=(\d+)/g),
	].map(([, family, neigh, start, name, value]) => [`${family}/${neigh}/${start}/${name}`, Number(value)] as const);
	t.is(values.length, 8);
	t.is(describeNeighbourLimits(sysctl(Object.fromEntries(values))), 'room for IPv4 16384, IPv6 16384');
});

test('so much may wait for one neighbour that it fills the send buffer of the resolver: it is told', (t) => {
	const read = sysctl({
		...thresholds('ipv4', [1024, 8192, 16_384]),
		...thresholds('ipv6', [1024, 8192, 16_384]),
		'ipv6/neigh/default/unres_qlen_bytes': 212_992,
	});
	t.throws(() => describeNeighbourLimits(read), {
		message: /: net\.ipv6\.neigh\.default\.unres_qlen_bytes is 212992$/,
	});
});

test('where the values cannot be seen, it is said so', (t) => {
	t.throws(() => describeNeighbourLimits(sysctl({})), { message: /cannot be read/ });
});
