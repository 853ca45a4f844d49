import test from 'ava';
import type { Clock } from '../../../agent/core/clock.ts';
import { silentLog } from '../../../agent/core/log.ts';
import { SETTLED_AFTER_MS } from '../../../agent/core/standing.ts';
import type { BootMs, MacAddress } from '../../../agent/core/units.ts';
import { ADDRESSES_MAX, HEARD_MAX } from '../../../agent/session/station.ts';
import { STATIONS_MAX, Stations } from '../../../agent/session/stations.ts';

const MAC = '02:00:5e:10:00:01' as MacAddress;
const OTHER = '02:00:5e:10:00:02' as MacAddress;

function stationsAt(time: { ms: number }) {
	const clock = { bootMs: () => time.ms as BootMs } as Clock;
	const warnings: object[] = [];
	const log = { ...silentLog, warn: (fields: object) => void warnings.push(fields) };
	return { stations: new Stations({ clock, log: log as never }), warnings };
}

const alive = (address: string, mac = MAC) => ({ mac, address, device: 'br-lan', alive: true });
const gone = (address: string, mac = MAC) => ({ mac, address, device: 'br-lan', alive: false });
const lease = (address: string, name?: string, mac = MAC) => ({ mac, address, name, expiresSeconds: 1 });

test('a station is present as long as one of its addresses is', (t) => {
	const { stations } = stationsAt({ ms: 5 });
	stations.seen(alive('10.1.0.2'));
	stations.seen(alive('fe80::1'));
	stations.seen(gone('10.1.0.2'));
	t.like(stations.get(MAC), { present: true, device: 'br-lan', lastSeenMs: 5 as BootMs });
	t.deepEqual([...(stations.get(MAC)?.addresses ?? [])], ['fe80::1']);
	stations.seen(gone('fe80::1'));
	t.false(stations.get(MAC)?.present);
});

test('a lease makes no station present, and keeps none', (t) => {
	const { stations } = stationsAt({ ms: 0 });
	stations.leased([lease('10.1.0.2', 'phone')]);
	t.like(stations.get(MAC), { present: false, device: '', name: 'phone' });
	stations.seen(alive('fe80::1'));
	stations.seen(gone('fe80::1'));
	t.like(stations.get(MAC), { present: false, device: 'br-lan' });
	t.deepEqual([...(stations.get(MAC)?.addresses ?? [])], ['10.1.0.2']);
});

test('an address goes when neither lease nor neighbour entry is left', (t) => {
	const { stations } = stationsAt({ ms: 0 });
	const addresses = () => [...(stations.get(MAC)?.addresses ?? [])];
	stations.leased([lease('10.1.0.2'), lease('10.1.0.3')]);
	stations.seen(alive('10.1.0.3'));
	stations.leased([lease('10.1.0.2', 'other', OTHER)]);
	t.deepEqual(addresses(), ['10.1.0.3'], 'still heard; the other is of another station now');
	stations.seen(gone('10.1.0.3'));
	t.deepEqual(addresses(), []);
	t.deepEqual([...(stations.get(OTHER)?.addresses ?? [])], ['10.1.0.2']);
});

test('the end of an unknown station makes none', (t) => {
	const { stations } = stationsAt({ ms: 0 });
	stations.seen(gone('10.1.0.2'));
	t.is(stations.get(MAC), undefined);
});

test('a name without anything to show leaves the one before', (t) => {
	const { stations } = stationsAt({ ms: 0 });
	stations.leased([lease('10.1.0.2', 'phone')]);
	stations.leased([lease('10.1.0.2', '\u202e')]);
	t.is(stations.get(MAC)?.name, 'phone');
});

test('a station keeps the addresses that were seen last', (t) => {
	const { stations } = stationsAt({ ms: 0 });
	for (let number = 0; number < 1000; number++) stations.seen(alive(`2001:db8::${number}`));
	t.is(stations.get(MAC)?.addresses.size, ADDRESSES_MAX);
	t.is(stations.get(MAC)?.heard.size, 1000, 'a bound of what is shown is none of what is known');
	t.is(stations.heardFrom('2001:db8::0'), MAC);
	t.is(stations.addressesOf(MAC).length, 1000);
	t.is(stations.addressesOf(MAC).at(-1), '2001:db8::999');
	t.true(stations.get(MAC)?.addresses.has('2001:db8::999'));
});

test('a flood of stations costs those that were seen the longest ago, and is told', (t) => {
	const time = { ms: 0 };
	const { stations, warnings } = stationsAt(time);
	stations.seen(alive('10.1.0.2'));
	stations.seen(alive('10.1.0.3', OTHER));
	for (let number = 0; number < STATIONS_MAX - 1; number++) {
		if (number === 100) stations.seen(alive('10.1.0.2'));
		const mac = `06:${(number >> 8).toString(16).padStart(2, '0')}:${(number & 255).toString(16).padStart(2, '0')}:00:00:00`;
		stations.seen({ mac: mac as MacAddress, device: 'br-lan', alive: true });
	}
	t.is([...stations.list()].length, STATIONS_MAX);
	t.truthy(stations.get(MAC));
	t.is(stations.get(OTHER), undefined);
	t.deepEqual(warnings, [{ forgotten: 1, most: STATIONS_MAX }]);
});

test('a flood of made-up stations makes us forget no leaseholder, however long that was silent', (t) => {
	const { stations } = stationsAt({ ms: 0 });
	stations.leased([lease('10.1.0.2'), lease('10.1.0.3', undefined, OTHER)]);
	stations.seen(alive('10.1.0.2'));
	for (let index = 0; index < 2 * STATIONS_MAX; index++) {
		stations.seen({ mac: `02:01:00:00:${index}` as MacAddress, device: 'br-lan', alive: true });
	}
	t.is(stations.heardFrom('10.1.0.2'), MAC);
	t.truthy(stations.get(OTHER));
	t.is([...stations.list()].length, STATIONS_MAX);
});

test('more leaseholders than can be remembered are forgotten too', (t) => {
	const { stations } = stationsAt({ ms: 0 });
	const macs = Array.from({ length: STATIONS_MAX + 10 }, (_, index) => `02:01:00:00:${index}` as MacAddress);
	stations.leased(
		macs.map((mac, index) => lease(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`, undefined, mac)),
	);
	t.is([...stations.list()].length, STATIONS_MAX);
});

test('a lease is worth something, and more after it was held for a minute without a break', (t) => {
	const time = { ms: 0 };
	const { stations } = stationsAt(time);
	t.is(stations.standing(MAC), 'stranger');
	stations.leased([lease('10.1.0.2')]);
	t.is(stations.standing(MAC), 'leased');
	time.ms = SETTLED_AFTER_MS;
	stations.leased([lease('10.1.0.9')]);
	t.is(stations.standing(MAC), 'settled', 'another address is no break');
	stations.leased([]);
	t.is(stations.standing(MAC), 'stranger');
	stations.leased([lease('10.1.0.2')]);
	t.is(stations.standing(MAC), 'leased');
});

test('an address is of the station whose neighbour entry it is in now, and of nobody by a lease alone', (t) => {
	const { stations } = stationsAt({ ms: 0 });
	stations.leased([lease('10.1.0.2')]);
	t.is(stations.heardFrom('10.1.0.2'), undefined);
	stations.seen(alive('10.1.0.2'));
	t.is(stations.heardFrom('::ffff:10.1.0.2'), MAC);
	stations.seen(alive('10.1.0.2', OTHER));
	stations.seen(gone('10.1.0.2'));
	t.is(stations.heardFrom('10.1.0.2'), OTHER, 'the end of an older entry changes nothing');
	stations.seen(gone('10.1.0.2', OTHER));
	t.is(stations.heardFrom('10.1.0.2'), undefined);
});

test('a link-local address is of the station that has it behind that device', (t) => {
	const { stations } = stationsAt({ ms: 0 });
	stations.seen(alive('fe80::1'));
	stations.seen({ ...alive('fe80::1', OTHER), device: 'br-guest' });
	t.is(stations.heardFrom('fe80::1%br-lan'), MAC);
	t.is(stations.heardFrom('fe80::1%br-guest'), OTHER);
	t.is(stations.heardFrom('fe80::1'), undefined);
});

test('the same link-local address behind two devices is two entries: the end of one leaves the other', (t) => {
	const { stations } = stationsAt({ ms: 0 });
	const guest = { ...alive('fe80::1'), device: 'br-guest' };
	stations.seen(alive('fe80::1'));
	stations.seen(guest);
	stations.seen(gone('fe80::1'));
	t.like(stations.get(MAC), { present: true, device: 'br-guest' });
	t.deepEqual([...(stations.get(MAC)?.addresses ?? [])], ['fe80::1']);
	stations.seen({ ...guest, alive: false });
	t.false(stations.get(MAC)?.present);
	t.deepEqual([...(stations.get(MAC)?.addresses ?? [])], []);
});

test('of a station with too many addresses the oldest are not heard any more', (t) => {
	const { stations } = stationsAt({ ms: 0 });
	for (let index = 0; index <= HEARD_MAX; index++) stations.seen(alive(`2001:db8::${index}`));
	t.false(stations.get(MAC)?.heard.has('br-lan 2001:db8::0'));
	t.is(stations.heardFrom('2001:db8::0'), undefined);
	t.true(stations.get(MAC)?.heard.has('br-lan 2001:db8::1'));
});
