import { spawnSync } from 'node:child_process';
import test from 'ava';
import { captivePortalUri, dnsmasqLines } from '../../../agent/config/dnsmasq.ts';
import { readConfig } from '../../../agent/config/read-config.ts';
import { NAMED_SETS } from '../../../agent/core/named-sets.ts';
import { renderRuleset } from '../../../agent/dataplane/ruleset.ts';
import { matchesGolden } from '../../golden.ts';
import { RULESETS } from '../dataplane/ruleset-cases.ts';

const CASES: Record<string, object> = {
	plain: {},
	'by-time': { plans: [{ name: 'hour', title: 'One hour', seconds: 3600 }] },
	everything: {
		devices: { metered: ['br-lan', 'br-guest'] },
		garden: { names: ['Pay.Example.org', 'xn--bcher-kva.example'] },
		zeroRated: { names: ['school.example'] },
		plans: [{ name: 'ten-mb', title: '10 MiB', bytes: 10_485_760 }],
		portal: {
			name: 'wifi.example.org',
			httpsPort: 8443,
			certificate: '/etc/octroi/portal.pem',
			key: '/etc/octroi/portal.key',
		},
	},
};

function lines(changes: object): string {
	const config = readConfig(JSON.stringify({ version: 1, devices: { metered: ['br-lan'] }, ...changes }), 'a test');
	return `${dnsmasqLines(config).join('\n')}\n`;
}

for (const [name, changes] of Object.entries(CASES)) {
	test(`the lines for dnsmasq, ${name}`, (t) => {
		matchesGolden(t, `test/agent/config/golden/dnsmasq-${name}.conf`, lines(changes));
	});
}

test('dnsmasq takes the lines, if there is one with nftset', (t) => {
	const version = spawnSync('dnsmasq', ['--version'], { encoding: 'utf8' }).stdout ?? '';
	if (!/(^| )nftset/m.test(version)) {
		t.log('skipped: no dnsmasq with nftset');
		t.pass();
		return;
	}
	for (const changes of Object.values(CASES)) {
		const { status, stderr } = spawnSync('dnsmasq', ['--test', '--conf-file=-'], {
			encoding: 'utf8',
			input: lines(changes),
		});
		t.is(status, 0, stderr);
	}
});

test('the sets that dnsmasq fills are in every ruleset', (t) => {
	for (const [name, options] of Object.entries(RULESETS)) {
		for (const set of Object.values(NAMED_SETS)) {
			for (const family of [4, 6])
				t.true(renderRuleset(options).includes(`\tset ${set}${family} {`), `${name}: ${set}${family}`);
		}
	}
});

test('the hint that the network is metered is there exactly where bytes are sold', (t) => {
	const tariffs = ['microPerMegabyte', 'microPerMebibyte', 'microPerMinute'].map((price) => ({
		name: price.toLowerCase(),
		[price]: 20_000,
	}));
	const coins = (tariff: string) => ({ tariffs, plans: [{ name: 'coins', title: '5.00', micro: 5_000_000, tariff }] });
	for (const [changes, isThere] of [
		[{}, false],
		[CASES['by-time'], false],
		[coins('micropermegabyte'), true],
		[coins('micropermebibyte'), true],
		[coins('microperminute'), false],
	] as const) {
		t.is(lines(changes as object).includes('ANDROID_METERED'), isThere, JSON.stringify(changes));
	}
});

test('the captive-portal URI needs HTTPS', (t) => {
	t.is(captivePortalUri({ portal: { name: 'a.example' } }), undefined);
	t.is(captivePortalUri({ portal: { name: 'a.example', httpsPort: 443 } }), 'https://a.example/api/captive-portal');
});

const refused = test.macro({
	exec(t, changes: object, path: string) {
		const error = t.throws(() => lines(changes), { message: new RegExp(path) });
		t.is((error as unknown as { code: string }).code, 'config_invalid');
	},
	title: (_title, changes) => `refused: ${JSON.stringify(changes)}`,
});

for (const name of [
	'',
	'localhost',
	'a/b.example',
	'-a.example',
	'a..example',
	'a.example#',
	`${'a'.repeat(64)}.example`,
	'a b.example',
]) {
	test(refused, { garden: { names: [name] } }, 'garden.names');
}
test(refused, { garden: { names: ['a.example'] }, zeroRated: { names: ['A.example'] } }, 'zeroRated.names');
test(refused, { portal: { port: 443, httpsPort: 443 } }, 'portal.httpsPort');
test(refused, { portal: { port: 53 } }, 'portal.port');
test(refused, { zeroRated: { ipv4: ['10.0.0.0/8', '10.1.0.0/16'] } }, 'zeroRated.ipv4');
