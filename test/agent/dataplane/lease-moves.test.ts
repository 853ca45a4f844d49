import test from 'ava';
import type { MacAddress } from '../../../agent/core/units.ts';
import { movedStations } from '../../../agent/dataplane/lease-moves.ts';

const moves = test.macro({
	exec(t, before: string, after: string, moved: string) {
		const leases = (text: string) =>
			text
				.split(' ')
				.filter((word) => word !== '')
				.map((word) => {
					const [mac, address] = word.split('=') as [MacAddress, string];
					return { mac, address, name: undefined, expiresSeconds: 1 };
				});
		t.is(movedStations(leases(before), leases(after)).join(' '), moved);
	},
	title: (title) => `leases: ${title}`,
});

test('nothing has changed', moves, 'a=1 b=2', 'a=1 b=2', '');
test('a station that comes, and one that goes, have not moved', moves, 'a=1', 'b=2', '');
test('a station that leases another address instead has moved', moves, 'a=1', 'a=3', 'a');
test('one more address for the same hardware address is no move', moves, 'a=1', 'a=1 a=3', '');
test('an address that passes to another station moves both', moves, 'a=1', 'b=1', 'a b');
