import { silentLog } from '../../../../agent/core/log.ts';
import { DataPlane } from '../../../../agent/dataplane/data-plane.ts';
import { renderRuleset } from '../../../../agent/dataplane/ruleset.ts';
import { EPOCH, RULESETS } from '../ruleset-cases.ts';
import { attach, dataPlaneOptions, meter } from './playground.ts';
import { makeRouter, nft, run, until } from './router.ts';

const RELOADS = 50;

/** A version that never was: other chains and rules, fewer and smaller maps, and figures that must survive. */
const OLDER = `table inet octroi {
	comment "octroi epoch ${EPOCH}"
	counter u5 { packets 3 bytes 4321 }
	counter d5 { packets 7 bytes 9876543210 }
	quota grant2 { 1000000 bytes used 12345 bytes }
	quota reserve2 { 50000 bytes used 0 bytes }
	map grant_of { type mark : quota; size 512; elements = { 0x50000 : "grant2" }; }
	map up_of { type mark : counter; size 512; elements = { 0x50000 : "u5" }; }
	map down_of { type mark : counter; size 512; elements = { 0x50000 : "d5" }; }
	set timed { type mark; size 512; flags timeout; elements = { 0x60000 timeout 1h }; }
	set garden4 { type ipv4_addr; flags interval; auto-merge; elements = { 192.0.2.1 }; }
	chain new_flow { log prefix "older"
	}
	chain mark_new_flows { type filter hook prerouting priority mangle - 10; goto new_flow
	}
	set askers { type ether_addr; size 4096; flags dynamic, timeout; timeout 10m; elements = { 02:00:00:00:00:01 }; }
	set asked { type ether_addr; size 4096; flags dynamic, timeout; timeout 10m; elements = { 02:00:00:00:00:01 limit rate 40 bytes/second burst 4000 bytes }; }
	set askers4 { type ipv4_addr; size 4096; flags dynamic, timeout; timeout 10m; elements = { 192.0.2.1 }; }
	set answered6 { type ipv6_addr; size 4096; flags dynamic, timeout; timeout 10m; }
	chain known_address { update @answered6 { ip6 daddr limit rate 40 bytes/second burst 4000 bytes } accept
	}
	chain answer { update @askers4 { ip daddr } goto known_address
	}
	chain count_up { ip daddr 192.0.2.1 drop
	}
	chain forwarding { type filter hook forward priority filter + 10; quota name ct mark map @grant_of jump count_up
	}
}`;

/** First the older version becomes ours; then ours is loaded over itself while a station sends. */
export default async function upgrade() {
	const router = await makeRouter();
	const one = RULESETS['one-device'] as (typeof RULESETS)[string];
	const rules = renderRuleset({ ...one, metered: ['lan0'], meteredNames: ['lan0'] });
	nft(OLDER);
	const before = figures();
	nft(rules);
	const after = figures();
	const listed = run('nft', 'list', 'chain', 'inet', 'octroi', 'forwarding');
	const chains = run('nft', 'list', 'chains', 'inet');
	nft('delete table inet octroi');

	const plane = new DataPlane({ ...dataPlaneOptions([]), log: silentLog, newEpoch: () => EPOCH });
	await plane.start({ lowWater() {}, depleted() {}, resynchronise() {}, tableReplaced() {} });
	await attach(plane.gate);
	const { station, uplink } = router;
	const sender = station.start('ping', '-f', '-n', '-q', '-s', '500', '10.2.0.2');
	await until('it sends', () => uplink.counted('received') > 0);
	nft('add element inet octroi garden_names4 { 203.0.113.99 }');
	for (let time = 0; time < RELOADS; time++) nft(rules);
	const named = run('nft', 'list', 'set', 'inet', 'octroi', 'garden_names4').includes('203.0.113.99');
	sender.kill('SIGINT');
	const reading = async () => (await plane.gate.read(1, [meter(1)])).counters[0];
	await until('all has arrived', async () => (await reading())?.down === station.counted('received'));
	const { up = 0, down = 0 } = (await reading()) ?? {};
	plane.stop();
	const sent = station.counted('sent');
	const returned = station.counted('received');
	const received = uplink.counted('received');
	return {
		before,
		after,
		named,
		rules: listed + chains,
		reloads: { up, down, sent, received, returned, lost: sent - received },
	};
}

/** Everything that counts, as nft shows it. */
function figures() {
	const counters = run('nft', 'list', 'counters', 'table', 'inet', 'octroi').replaceAll(
		/\tcounter (q\d|names_uncharged|refused_\w+|portal_\w+) \{[^}]*\}\n/g,
		'',
	);
	const listed = run('nft', 'list', 'quotas', 'table', 'inet', 'octroi');
	// The alarm is of the version that loads.
	const quotas = listed.replace(/\tquota undecided \{[^}]*\}\n/, '');
	const elements = ['grant_of', 'up_of', 'down_of'].map(
		(map) => /elements = \{[^}]*\}/.exec(run('nft', 'list', 'map', 'inet', 'octroi', map))?.[0],
	);
	const timed = /0x0006\w+ timeout 1h/.exec(run('nft', 'list', 'set', 'inet', 'octroi', 'timed'))?.[0];
	return { counters, quotas, elements, timed };
}
