import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One ruleset that another program renders, as it can be loaded on the lab's router. */
export type ForeignRuleset = { readonly name: string; readonly text: string };

/** What firewall4's tests call the devices towards the internet and the stations (tests/mocks/ubus/network.interface~dump.json). */
const DEVICES: Readonly<Record<string, string>> = {
	'pppoe-wan': 'wan',
	eth1: 'wan',
	'br-lan': 'br-lan',
	eth0: 'br-lan',
};
const TEST = /^[0-9]+_[a-z]+\/[0-9]+_/;
const EXPECTED = /^-- Expect stdout --\n([\s\S]*?)^-- End --/gm;

/**
 * The rulesets of firewall4's own tests (a folder with a checkout of openwrt/firewall4, which is not kept here): what each test expects to be
 * printed, with the lab's devices, and without the files that it includes.
 */
export function readFirewall4Rulesets(folder: string): ForeignRuleset[] {
	const tests = join(folder, 'tests');
	return readdirSync(tests, { recursive: true, encoding: 'utf8' })
		.filter((path) => TEST.test(path))
		.toSorted()
		.flatMap((name) =>
			[...readFileSync(join(tests, name), 'utf8').matchAll(EXPECTED)]
				.map(([, text = '']) => ({ name, text: onTheLab(text) }))
				.filter(({ text }) => text.includes('table inet fw4 {')),
		);
}

function onTheLab(text: string): string {
	const named = Object.entries(DEVICES).reduce(
		(now, [theirs, ours]) => now.replaceAll(`"${theirs}"`, `"${ours}"`),
		text,
	);
	return named.replace(/^\s*include ".*"$/gm, '');
}
