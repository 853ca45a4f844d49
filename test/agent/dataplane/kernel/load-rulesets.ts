import { renderRuleset } from '../../../../agent/dataplane/ruleset.ts';
import { DEVICES, RULESETS } from '../ruleset-cases.ts';
import { ip, nft, run } from './router.ts';

/** What the kernel says of each ruleset, when it was loaded once and once more. */
export default function loadRulesets() {
	for (const device of DEVICES) ip('link', 'add', device, 'type', 'bridge');
	const networks = (count: number) => Array.from({ length: count }, (_, index) => index);
	const big = {
		ipv4: networks(2500).map((index) => `198.${index >> 8}.${index & 255}.0/25`),
		ipv6: networks(2500).map((index) => `2001:db8:${index.toString(16)}::/48`),
	};
	const one = RULESETS['one-device'] as (typeof RULESETS)[string];
	const all = { ...RULESETS, 'a garden of 5000 networks': { ...one, garden: big } };
	return Object.fromEntries(
		Object.entries(all).map(([name, options]) => {
			nft('add table inet octroi\ndelete table inet octroi');
			const rules = renderRuleset(options);
			nft(rules);
			const first = run('nft', 'list', 'table', 'inet', 'octroi');
			nft(rules);
			return [name, { first, second: run('nft', 'list', 'table', 'inet', 'octroi') }];
		}),
	);
}
