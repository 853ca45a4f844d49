import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { loadConfig } from '../../../agent/config/load-config.ts';
import { CONFIG_BYTES_MAX } from '../../../agent/config/options.ts';
import { readConfig } from '../../../agent/config/read-config.ts';
import { OctroiError } from '../../../agent/core/octroi-error.ts';

const minimal = { version: 1, devices: { metered: ['br-lan'] } };
const plan = { name: 'ten-mb', title: '10 MiB', bytes: 10_485_760 };

function messageOf(text: string): string {
	try {
		readConfig(text, 'config.json');
	} catch (error) {
		if (error instanceof OctroiError && error.code === 'config_invalid') {
			return error.message;
		}
		throw error;
	}
	return '';
}

test('a minimal file is completed with the defaults', (t) => {
	const config = readConfig(JSON.stringify(minimal), 'config.json');
	t.is(config.mark.mask, 0xffff8000);
	t.is(config.grant.seconds as number, 20);
	t.is(config.powerLoss, 'customer');
	t.deepEqual(config.plans, []);
});

test('all problems are reported at once, each with its path', (t) => {
	const message = messageOf(
		JSON.stringify({
			devices: { metered: [] },
			grant: { bytesMin: 0, seconds: 1.5 },
			powerLoss: 'nobody',
			database: 'relative.db',
			plans: [{ ...plan, name: 'Ten' }, {}],
		}),
	);
	const places = [...message.matchAll(/^ {2}(\S+):/gm)].map((match) => match[1]);
	t.deepEqual(places, [
		'version',
		'devices.metered',
		'grant.bytesMin',
		'grant.seconds',
		'powerLoss',
		'database',
		'plans[0].name',
		'plans[1].name',
		'plans[1].title',
		'plans[1]',
	]);
	t.regex(message, /^config\.json has 10 problems:\n/);
});

test('own and tethered flows each have a rule, a rate and a part', (t) => {
	const own = { own: 'slowed', ownBitsPerSecond: 8000, ownAfterBytes: 5 };
	const config = readConfig(
		JSON.stringify({ ...minimal, tethered: { ownRule: 'blocked', ownAfterBytes: 7 }, plans: [{ ...plan, ...own }] }),
		'config.json',
	);
	t.deepEqual(config.tethered.own, { rule: 'blocked', afterBytes: 7 });
	t.is(config.tethered.rule, 'allowed');
	t.deepEqual(config.plans[0]?.own, { rule: 'slowed', bytesPerSecond: 1000, afterBytes: 5 });
	t.is(config.plans[0]?.tethered, undefined);
});

const refuses = test.macro({
	exec(t, changes: object, expected: RegExp) {
		const message = messageOf(JSON.stringify({ ...minimal, ...changes }));
		t.regex(message, /has 1 problem:/);
		t.regex(message, expected);
	},
	title: (_provided, changes, expected) => `refuses ${JSON.stringify(changes).slice(0, 80)}: ${expected}`,
});

test(refuses, { version: '1' }, /version: "1" is not the number 1/);
test(refuses, { version: 2 }, /version: 2 is newer than this octroi/);
test(refuses, { devises: {} }, /devises: is not an option \(did you mean "devices"\?\)/);
test(refuses, { grant: { byteMin: 1 } }, /grant\.byteMin: is not an option \(did you mean "bytesMin"\?\)/);
test(refuses, { xyzzy: 1 }, /xyzzy: is not an option \(remove it\)/);
test(refuses, { grant: 5 }, /grant: 5 is not an object/);
test(refuses, { grant: [] }, /grant: \[\] is not an object/);
test(refuses, { devices: { metered: 'br-lan' } }, /devices\.metered: "br-lan" is not a list/);
test(refuses, { devices: { metered: ['a/b'] } }, /"a\/b" is not the name of a network interface/);
test(refuses, { devices: { metered: ['a b'] } }, /"a b" is not the name/);
test(refuses, { devices: { metered: ['..'] } }, /"\.\." is not the name/);
test(refuses, { devices: { metered: ['x"; drop'] } }, /is not the name/);
test(refuses, { devices: { metered: ['sixteen-letters-'] } }, /is not the name/);
test(refuses, { devices: { metered: ['a'], free: ['a'] } }, /devices\.free: "a" is already in devices\.metered/);
test(refuses, { devices: { metered: ['a', 'a'] } }, /"a" is already in devices\.metered/);
test(refuses, { mark: { mask: 4294901760 } }, /mark\.mask: 4294901760 is not one run/);
test(refuses, { mark: { mask: '0xff00ff00' } }, /not one run of adjacent bits/);
test(refuses, { mark: { mask: '0x1f' } }, /has 5 bits; at least 7 are needed, which number 10 stations/);
test(refuses, { mark: { mask: '0x0' } }, /not one run/);
test(refuses, { mark: { mask: '0x1ffff0000' } }, /is not a hexadecimal number/);
test(refuses, { garden: { ipv4: ['10.0.0.0/33'] } }, /must be from 1 to 32/);
test(refuses, { garden: { ipv4: ['0.0.0.0/0'] } }, /must be from 1 to 32/);
test(refuses, { garden: { ipv4: ['10.0.0.1/24'] } }, /bits set after its prefix length/);
test(refuses, { garden: { ipv4: ['2001:db8::1'] } }, /is not an IPv4 range/);
test(refuses, { garden: { ipv6: ['fe80::1%eth0'] } }, /is not an IPv6 range/);
test(refuses, { garden: { ipv6: ['2001:db8::1/32'] } }, /bits set after/);
test(refuses, { garden: { ipv4: ['10.0.0.0/8', '10.1.0.0/16'] } }, /10\.1\.0\.0\/16 overlaps 10\.0\.0\.0\/8/);
test(refuses, { garden: { ipv4: ['x'.repeat(1e5)] } }, /is not an IPv4 range/);
test(refuses, { grant: { bytesMin: 8192, bytesMax: 4096 } }, /8192 is more than grant\.bytesMax, which is 4096/);
test(refuses, { grant: { bytesMin: -1 } }, /-1 is not a whole number/);
test(refuses, { grant: { bytesMax: 1e300 } }, /is not a whole number/);
test(refuses, { grant: { seconds: '20' } }, /"20" is not a whole number/);
test(refuses, { sample: { intervalMs: 60_000, commitIntervalMs: 1000 } }, /is more than sample\.commitIntervalMs/);
test(refuses, { database: '/a', leases: '/a' }, /is the same path as/);
test(refuses, { control: `/${'x'.repeat(90)}` }, /at most 87 characters/);
test(refuses, { database: '/a\nb' }, /is not an absolute path/);
test(refuses, { plans: {} }, /plans: \{\} is not a list/);
test(refuses, { plans: [5] }, /plans\[0\]: 5 is not a plan/);
test(refuses, { plans: [{ ...plan, seconds: 5 }] }, /has "bytes" and "seconds"/);
test(refuses, { plans: [{ ...plan, bytes: undefined }] }, /has none of/);
test(refuses, { plans: [{ ...plan, tariff: 'x' }] }, /plans\[0\]\.tariff: has no effect without "micro"/);
test(refuses, { plans: [{ ...plan, bytes: undefined, micro: 5 }] }, /plans\[0\]\.tariff: is missing/);
test(refuses, { plans: [{ ...plan, bytes: undefined, micro: 5, tariff: 'x' }] }, /"x" is not a tariff/);
test(refuses, { plans: [{ ...plan, graceBytes: 5, graceSeconds: 5 }] }, /both "graceBytes" and "graceSeconds"/);
test(refuses, { plans: [{ ...plan, renews: true }] }, /validForSeconds: is missing although "renews" needs it/);
test(refuses, { plans: [{ ...plan, validForSeconds: 9, renews: true, addOn: true }] }, /has "renews" and "addOn"/);
test(refuses, { plans: [{ ...plan, renews: 'yes' }] }, /is not true or false/);
test(refuses, { plans: [{ ...plan, downBitsPerSecond: 100 }] }, /plans\[0\]\.downBitsPerSecond/);
test(
	refuses,
	{ tariffs: [{ name: 'x' }] },
	/has none of "microPerMegabyte" and "microPerMebibyte" and "microPerMinute"/,
);
test(
	refuses,
	{ tariffs: [{ name: 'x', microPerMinute: 5, microPerMebibyte: 5 }] },
	/has both of "microPerMebibyte" and "microPerMinute"/,
);
test(refuses, { tariffs: [{ name: 'x', microPerMinute: 5, step: 0 }] }, /tariffs\[0\]\.step/);
test(refuses, { tariffs: 5 }, /5 is not a list/);
test(refuses, { plans: [{ ...plan, bytes: 0 }] }, /plans\[0\]\.bytes: 0 is not/);
test(refuses, { plans: [{ ...plan, bytes: 2 ** 50 + 1 }] }, /is not a whole number/);
const secure = { httpsPort: 443, certificate: '/c', key: '/k' };
test(
	refuses,
	{ portal: { ...secure, advertisementQueue: 9 }, tethered: { detect: true, queue: 9 } },
	/portal\.advertisementQueue: 9 is already tethered\.queue/,
);
test(refuses, { plans: [{ ...plan, own: 'slowed' }] }, /ownBitsPerSecond: is missing although "own" is "slowed"/);
test(refuses, { plans: [{ ...plan, ownAfterBytes: 5 }] }, /ownAfterBytes: has no effect unless "own" is/);
test(refuses, { plans: [{ ...plan, own: 'blocked' }] }, /ownAfterBytes: is missing although "own" is "blocked"/);
test(refuses, { tethered: { ownRule: 'blocked' } }, /tethered\.ownAfterBytes: is missing/);
test(refuses, { tethered: { ownBitsPerSecond: 8000 } }, /has no effect unless "tethered\.ownRule" is "slowed"/);
test(refuses, { plans: [plan, plan] }, /"ten-mb" is already the name of plans\[0\]/);
test(refuses, { plans: [{ ...plan, atEnd: 'throttle' }] }, /throttleBitsPerSecond: is missing/);
test(refuses, { plans: [{ ...plan, throttleBitsPerSecond: 8000 }] }, /has no effect while "atEnd" is "block"/);
test(refuses, { plans: [{ ...plan, title: '\u001b[31m' }] }, /plans\[0\]\.title/);
test(refuses, { plans: [{ ...plan, price: 1 }] }, /plans\[0\]\.price: is not an option/);
test(refuses, { plans: Array.from({ length: 1001 }, () => plan) }, /has 1001 entries \(keep at most 1000\)/);

test('a thousand problems are counted, not listed', (t) => {
	const plans = Array.from({ length: 1000 }, () => ({ ...plan, price: 1 }));
	const message = messageOf(JSON.stringify({ ...minimal, plans }));
	t.true(message.split('\n').length < 60);
	t.regex(message, /and \d+ more$/);
});

test('names of a list are read as people copy them', (t) => {
	const names = [' Pay.Example.org. ', '*.cdn.example', '.shop.example', 'https://bank.example/', 'bücher.example'];
	const config = readConfig(JSON.stringify({ ...minimal, garden: { names } }), 'config.json');
	t.deepEqual(config.garden.names, [
		'pay.example.org',
		'cdn.example',
		'shop.example',
		'bank.example',
		'xn--bcher-kva.example',
	]);
	t.regex(
		messageOf(JSON.stringify({ ...minimal, garden: { names: ['https://bank.example/login'] } })),
		/is an address of a page: a whole host is listed, as "bank.example"/,
	);
	for (const name of ['localhost', '*', 'a b.example', 'https://', '*.*.example']) {
		t.throws(
			() => readConfig(JSON.stringify({ ...minimal, garden: { names: [name] } }), 'config.json'),
			undefined,
			name,
		);
	}
});

test('text that is not JSON is refused with its line', (t) => {
	t.regex(
		messageOf('{\n"version": 1,\n}'),
		/^config\.json, line 2, column 13 is not valid JSON: a comma stands after the last entry$/,
	);
	t.regex(messageOf(''), /is not valid JSON: the file is empty$/);
	t.notThrows(() =>
		readConfig(`\ufeff${JSON.stringify({ version: 1, devices: { metered: ['br-lan'] } })}`, 'config.json'),
	);
	t.regex(messageOf('[]'), /does not hold a JSON object/);
	t.regex(messageOf('x'.repeat(CONFIG_BYTES_MAX + 1)), /is larger than/);
});

test('a byte order mark is no problem', (t) => {
	t.is(readConfig(`\uFEFF${JSON.stringify(minimal)}`, 'config.json').version, 1);
});

test('whatever JSON a file holds, it is read or refused, and nothing else', (t) => {
	const key = fc.constantFrom(
		'version',
		'devices',
		'mark',
		'grant',
		'plans',
		'garden',
		'__proto__',
		'constructor',
		'x',
	);
	fc.assert(
		fc.property(fc.dictionary(key, fc.jsonValue()), (value) => {
			messageOf(JSON.stringify({ ...minimal, ...value }));
		}),
	);
	t.pass();
});

test('a file that cannot be read is explained', (t) => {
	const directory = mkdtempSync(join(tmpdir(), 'octroi-config-'));
	const file = join(directory, 'config.json');
	t.throws(() => loadConfig(file), { code: 'config_invalid', message: /there is no such file/ });
	t.throws(() => loadConfig(directory), { code: 'config_invalid', message: /is not a file/ });
	writeFileSync(file, ' '.repeat(CONFIG_BYTES_MAX + 1));
	t.throws(() => loadConfig(file), { code: 'config_invalid', message: /is not a file of at most/ });
	writeFileSync(file, JSON.stringify(minimal));
	chmodSync(file, 0o600);
	t.is(loadConfig(file).version, 1);
	rmSync(directory, { recursive: true });
});

test('a plan of money carries the terms of its tariff, and every kind of product is read', (t) => {
	const { plans, tariffs } = readConfig(
		JSON.stringify({
			version: 1,
			devices: { metered: ['br-lan'] },
			tariffs: [{ name: 'call', microPerMinute: 120_000, free: 60, first: 60, step: 30 }],
			plans: [
				{ name: 'coins', title: 'Coins', micro: 5_000_000, tariff: 'call' },
				{ name: 'day', title: 'A day', bytes: 1e9, validForSeconds: 86_400, validFrom: 'first-use', stations: 2 },
				{ name: 'month', title: 'A month', bytes: 1e9, validForSeconds: 2_592_000, renews: true, graceBytes: 1e6 },
				{ name: 'more', title: 'More', bytes: 1e9, validForSeconds: 2_592_000, addOn: true, downBitsPerSecond: 8e6 },
			],
		}),
		'config.json',
	);
	t.deepEqual(tariffs, [{ name: 'call', unit: 'second', priceMicro: 120_000, per: 60, free: 60, first: 60, step: 30 }]);
	t.like(plans[0], { unit: 'micro', amount: 5_000_000, tariff: tariffs[0] });
	t.like(plans[1], { unit: 'byte', validFrom: 'first_use', stationsMax: 2 });
	t.like(plans[2], { renews: true, grace: { unit: 'byte', amount: 1e6 } });
	t.like(plans[3], { addOn: true, pace: { downBytesPerSecond: 1e6 } });
});

const carrier = {
	url: 'mqtts://broker.example.org:8883',
	accessPoint: 'cafe-7',
	keys: ['k1:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'],
};

test('without an address there is no carrier; with one it needs a name and a key', (t) => {
	t.is(readConfig(JSON.stringify(minimal), 'config.json').carrier.url, undefined);
	const config = readConfig(JSON.stringify({ ...minimal, carrier }), 'config.json');
	t.like(config.carrier, { mqttVersion: '3.1.1', keys: [{ kid: 'k1' }] });
	const message = messageOf(JSON.stringify({ ...minimal, carrier: { url: carrier.url } }));
	t.regex(message, /carrier\.accessPoint: is missing although carrier\.url is there/);
	t.regex(message, /carrier\.keys: is empty although carrier\.url is there/);
});

refusesCarrier('a name that stands for all', { accessPoint: 'all' }, /carrier\.accessPoint/);
refusesCarrier('a key that is none', { keys: ['k1:short'] }, /carrier\.keys: entry 1/);
refusesCarrier('one name for two keys', { keys: [carrier.keys[0], carrier.keys[0]] }, /has the name "k1" twice/);
refusesCarrier('a certificate without its key', { certificate: '/c.pem' }, /carrier\.key: is missing/);
refusesCarrier('a password without its user', { passwordFile: '/p' }, /carrier\.user: is missing/);
refusesCarrier('certificates without TLS', { url: 'mqtt://localhost', ca: '/ca.pem' }, /without TLS/);
refusesCarrier('an address of the web', { url: 'https://broker.example.org' }, /carrier\.url/);

function refusesCarrier(what: string, wrong: object, expected: RegExp): void {
	test(`a carrier is refused: ${what}`, (t) => {
		t.regex(messageOf(JSON.stringify({ ...minimal, carrier: { ...carrier, ...wrong } })), expected);
	});
}
