import { type Cidr, cidrsOverlap, parseCidr } from './cidr.ts';
import type { ConfigProblems } from './config-problems.ts';
import type { OptionValues } from './read-options.ts';
import { checkTethered, VENUE_PATHS } from './tethered-options.ts';

/** What no option can say alone. An option that had a problem of its own is absent and is not compared. */
export function checkConfig(values: OptionValues, problems: ConfigProblems): void {
	checkOrder(values, problems, 'grant.bytesMin', 'grant.bytesMax');
	checkOrder(values, problems, 'sample.intervalMs', 'sample.commitIntervalMs');
	checkOrder(values, problems, 'codes.firstWaitSeconds', 'codes.longestWaitSeconds');
	checkDevices(values, problems);
	checkPaths(values, problems);
	checkGarden(values, problems, 'garden.ipv4', 4);
	checkGarden(values, problems, 'garden.ipv6', 6);
	checkGarden(values, problems, 'zeroRated.ipv4', 4);
	checkGarden(values, problems, 'zeroRated.ipv6', 6);
	checkNames(values, problems);
	checkPortal(values, problems);
	checkTethered(values, problems, VENUE_PATHS);
	checkCarrier(values, problems);
}

/** dnsmasq takes the last line for a name: it would fill one of the sets only. */
function checkNames(values: OptionValues, problems: ConfigProblems): void {
	const seen = new Map<string, string>();
	for (const path of ['garden.names', 'zeroRated.names']) {
		for (const name of (values.get(path) ?? []) as readonly string[]) {
			const earlier = seen.get(name);
			if (earlier !== undefined) problems.add(path, `"${name}" is already in ${earlier}`, 'name it once');
			seen.set(name, path);
		}
	}
}

function checkPortal(values: OptionValues, problems: ConfigProblems): void {
	const port = values.get('portal.port');
	if (port !== undefined && port === values.get('portal.httpsPort')) {
		problems.add('portal.httpsPort', `${port} is already portal.port`, 'give each its own port');
	}
	const secure = ['portal.httpsPort', 'portal.certificate', 'portal.key'];
	const present = secure.filter((path) => values.get(path) !== undefined);
	if (present.length > 0 && present.length < secure.length) {
		for (const path of secure.filter((one) => !present.includes(one))) {
			problems.add(path, `is missing although ${present[0]} is there`, 'HTTPS needs a port, a certificate and its key');
		}
	}
	const queue = values.get('portal.advertisementQueue');
	const isRead = values.get('tethered.detect') === true && values.get('portal.httpsPort') !== undefined;
	if (isRead && queue !== undefined && queue === values.get('tethered.queue')) {
		problems.add('portal.advertisementQueue', `${queue} is already tethered.queue`, 'give each its own number');
	}
	if (port === 53) problems.add('portal.port', '53 is the port of the resolver', 'take another one');
}

function checkCarrier(values: OptionValues, problems: ConfigProblems): void {
	const has = (name: string) => values.get(`carrier.${name}`) !== undefined;
	const needs = (name: string, other: string, fix: string) => {
		if (has(name) && !has(other)) problems.add(`carrier.${other}`, `is missing although carrier.${name} is there`, fix);
	};
	needs('url', 'accessPoint', 'give the access point the name that the carrier has for it');
	needs('accessPoint', 'url', 'give the address of the broker');
	needs('certificate', 'key', 'a client certificate needs its key');
	needs('key', 'certificate', 'a key needs its certificate');
	needs('passwordFile', 'user', 'a password needs its user');
	const url = String(values.get('carrier.url') ?? '');
	if (url.startsWith('mqtt:') && (has('certificate') || has('ca'))) {
		problems.add('carrier.url', 'is without TLS although there are certificates', 'write mqtts:');
	}
	const keys = (values.get('carrier.keys') ?? []) as readonly { readonly kid: string }[];
	if (has('url') && keys.length === 0) {
		problems.add('carrier.keys', 'is empty although carrier.url is there', "add the platform's public key as NAME:KEY");
	}
	const twice = keys.find(({ kid }, index) => keys.findIndex((other) => other.kid === kid) !== index);
	if (twice) problems.add('carrier.keys', `has the name "${twice.kid}" twice`, 'give each key its own name');
}

function checkOrder(values: OptionValues, problems: ConfigProblems, lower: string, upper: string): void {
	const small = values.get(lower);
	const large = values.get(upper);
	if (typeof small === 'number' && typeof large === 'number' && small > large) {
		problems.add(lower, `${small} is more than ${upper}, which is ${large}`, `lower it, or raise ${upper}`);
	}
}

function checkDevices(values: OptionValues, problems: ConfigProblems): void {
	const seen = new Map<string, string>();
	for (const path of ['devices.metered', 'devices.free']) {
		for (const device of (values.get(path) ?? []) as readonly string[]) {
			const earlier = seen.get(device);
			if (earlier !== undefined) {
				problems.add(path, `"${device}" is already in ${earlier}`, 'name each interface once');
			}
			seen.set(device, path);
		}
	}
}

function checkPaths(values: OptionValues, problems: ConfigProblems): void {
	const seen = new Map<unknown, string>();
	for (const path of ['database', 'control', 'status', 'leases']) {
		const file = values.get(path);
		const earlier = seen.get(file);
		if (file !== undefined && earlier !== undefined) {
			problems.add(path, `is the same path as ${earlier}`, 'give each its own path');
		}
		seen.set(file, path);
	}
}

/** nft refuses a set with overlapping ranges, and two ranges where one would do are seldom what was meant. */
function checkGarden(values: OptionValues, problems: ConfigProblems, path: string, family: 4 | 6): void {
	const earlier: Cidr[] = [];
	for (const text of (values.get(path) ?? []) as readonly string[]) {
		const range = parseCidr(text, family);
		const overlapping = earlier.find((other) => cidrsOverlap(range, other));
		if (overlapping !== undefined) {
			problems.add(path, `${range.text} overlaps ${overlapping.text}`, 'keep the wider one only');
		}
		earlier.push(range);
	}
}
