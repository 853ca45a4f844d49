import test from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import type { AccountId, MacAddress } from '../../../agent/core/units.ts';
import type { Meter } from '../../../agent/meter/meter.ts';
import { newMeterState } from '../../../agent/meter/pool.ts';
import { Pools } from '../../../agent/meter/pools.ts';
import { Traffic } from '../../../agent/meter/traffic.ts';
import { Stations } from '../../../agent/session/stations.ts';
import { ChangeTracker } from '../../../agent/snapshot/change-tracker.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

const MAC = '02:00:5e:10:00:01' as MacAddress;
const OTHER = '02:00:5e:10:00:02' as MacAddress;

function setUp() {
	const clock = new FakeClock();
	const pools = new Pools({ clock, meterMax: 100 });
	const stations = new Stations({ clock, log: silentLog });
	const traffic = new Traffic();
	const news = new ChangeTracker({ meter: { pools, charger: { traffic } } as unknown as Meter, stations });
	for (const mac of [MAC, OTHER]) stations.seen({ mac, device: 'br-lan', alive: true, address: '10.0.0.2' });
	news.take();
	return { pools, stations, traffic, news };
}

test('whoever is seen, is lost, or gets or loses a lease is news, once', (t) => {
	const { stations, news } = setUp();
	const touched = () => [...news.take().touched];
	stations.seen({ mac: MAC, device: 'br-lan', alive: true });
	t.deepEqual(touched(), [MAC]);
	stations.seen({ mac: OTHER, device: 'br-lan', alive: false, address: '10.0.0.2' });
	t.deepEqual(touched(), [OTHER]);
	stations.leased([{ mac: MAC, address: '10.0.0.9', name: 'phone', expiresSeconds: 1 }]);
	t.deepEqual(touched(), [MAC]);
	stations.leased([]);
	t.deepEqual(touched(), [MAC]);
	t.deepEqual(touched(), []);
});

test('whoever moves bytes is news, with the account that pays', (t) => {
	const { pools, traffic, news } = setUp();
	const pool = pools.open('ann' as AccountId);
	const state = newMeterState({ meter: pools.takeMeterId('ann' as AccountId), mac: MAC, session: 's' });
	pools.add(pool, state);
	traffic.noteDown(state, 1500);
	const { touched, spending } = news.take();
	t.deepEqual([[...touched], spending], [[MAC], ['ann']]);
	pools.decided?.add(pool);
	t.deepEqual([...news.take().touched], [MAC]);
});

test('nothing is collected while nobody takes it', (t) => {
	const { pools, stations, traffic, news } = setUp();
	news.rest();
	stations.seen({ mac: MAC, device: 'br-lan', alive: true });
	t.deepEqual([pools.decided, stations.noted, traffic.moved], [undefined, undefined, undefined]);
});
