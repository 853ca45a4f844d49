import test from 'ava';
import { kernelTest } from '../../kernel-namespace.ts';
import type sources from './kernel/sources.ts';

kernelTest<Awaited<ReturnType<typeof sources>>>(
	test,
	'what comes from a station has a source to which the router goes by that device; what comes from elsewhere is no station and not the router',
	new URL('./kernel/sources.js', import.meta.url),
	(t, { without, station, uplink, duplicate, refused }) => {
		const reasons = ['source_of_station', 'source_route'];
		t.deepEqual(
			refused.filter(
				(reason) => reason.startsWith('source_') && reason !== 'source_of_router' && reason !== 'source_unspecified',
			),
			reasons,
		);
		// Of the router's own addresses the kernel itself lets none in by IPv4.
		t.deepEqual([without.station.length, without.uplink.length], [12, 8], 'the instrument works');
		t.deepEqual(station, [
			'its own address',
			'its own address, to the uplink of the router',
			'its own IPv6 address',
			'an address behind it, by a route of the router',
			'the second prefix of its network',
			'an address of before, for a new lease',
		]);
		t.deepEqual(uplink, [
			'its own address',
			'an address of the internet',
			'an address to which another uplink leads',
			"one of the stations' network that lives here",
		]);
		t.true(duplicate, 'who has no address yet may ask whether it is taken');
	},
);
