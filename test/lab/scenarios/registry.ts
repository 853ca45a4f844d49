import type { Scenario } from '../scenario.ts';
import { addresses } from './addresses.ts';
import { allowance } from './allowance.ts';
import { announced } from './announced.ts';
import { browser } from './browser.ts';
import { churn } from './churn.ts';
import { clock } from './clock.ts';
import { crash } from './crash.ts';
import { crowdOut } from './crowd-out.ts';
import { cutoff } from './cutoff.ts';
import { displays } from './displays.ts';
import { dnsTunnel } from './dns-tunnel.ts';
import { exact } from './exact.ts';
import { faults } from './faults.ts';
import { fleet } from './fleet.ts';
import { foreignFirewall } from './foreign-firewall.ts';
import { group } from './group.ts';
import { hold } from './hold.ts';
import { impostor } from './impostor.ts';
import { inbound } from './inbound.ts';
import { input } from './input.ts';
import { names } from './names.ts';
import { offline } from './offline.ts';
import { policy } from './policy.ts';
import { portal } from './portal.ts';
import { power } from './power.ts';
import { queueFlood } from './queue-flood.ts';
import { roaming } from './roaming.ts';
import { rogue } from './rogue.ts';
import { scale } from './scale.ts';
import { shared } from './shared.ts';
import { shop } from './shop.ts';
import { spoof } from './spoof.ts';
import { sync } from './sync.ts';
import { terms } from './terms.ts';
import { tether } from './tether.ts';
import { tetherDetect } from './tether-detect.ts';
import { throttle } from './throttle.ts';
import { timeout } from './timeout.ts';
import { topUp } from './top-up.ts';
import { turns } from './turns.ts';
import { uplinkExplained } from './uplink-explained.ts';
import { vouchers } from './vouchers.ts';
import { walled } from './walled.ts';
import { wallet } from './wallet.ts';
import { why } from './why.ts';
import { witness } from './witness.ts';
import { zeroRated } from './zero-rated.ts';

/** Every scenario, in the order of the list that `npm run lab` prints. */
export const SCENARIOS: readonly Scenario[] = [
	addresses,
	exact,
	cutoff,
	topUp,
	shared,
	timeout,
	throttle,
	churn,
	crash,
	power,
	clock,
	wallet,
	turns,
	group,
	shop,
	terms,
	walled,
	why,
	announced,
	zeroRated,
	tether,
	queueFlood,
	dnsTunnel,
	names,
	spoof,
	uplinkExplained,
	impostor,
	crowdOut,
	tetherDetect,
	faults,
	foreignFirewall,
	scale,
	vouchers,
	displays,
	witness,
	fleet,
	roaming,
	rogue,
	allowance,
	portal,
	browser,
	hold,
	inbound,
	input,
	policy,
	offline,
	sync,
];
