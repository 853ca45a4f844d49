import { oneOf, wholeNumber } from '../core/value-rule.ts';
import { CARRIER_OPTIONS } from './carrier-options.ts';
import { CODE_OPTIONS } from './code-options.ts';
import { EDGE_OPTIONS } from './edge-options.ts';
import { listenAddress } from './listen-address.ts';
import type { Option } from './option.ts';
import { PORTAL_OPTIONS } from './portal-options.ts';
import { SENSOR_OPTIONS } from './sensor-options.ts';
import { TETHERED_OPTIONS } from './tethered-options.ts';
import {
	absolutePath,
	addressRanges,
	configVersion,
	currency,
	deviceNames,
	groupName,
	markMask,
	socketPath,
} from './value-rules.ts';

/** A larger file is not a configuration. */
export const CONFIG_BYTES_MAX = 2 ** 20;
const GRANT_BYTES_SMALLEST = 4096;
const GRANT_BYTES_LARGEST = 2 ** 40;
export const CONFIG_OPTIONS: readonly Option[] = [
	{
		path: 'version',
		title: 'Version of this file',
		required: true,
		rule: configVersion,
		needsRestart: true,
		caution: 'A version that is too new is refused, because an option could mean something else than you think.',
	},
	{
		path: 'devices.metered',
		title: 'Interfaces whose stations pay',
		required: true,
		rule: deviceNames(1),
		needsRestart: true,
		caution: 'Stations behind an interface that is missing here are not metered: they surf for free.',
	},
	{
		path: 'devices.free',
		title: 'Local interfaces whose stations do not pay',
		default: [],
		rule: deviceNames(0),
		needsRestart: true,
		caution:
			'Traffic between a metered interface and one of these is not counted; an uplink here gives everything away.',
	},
	{
		path: 'mark.mask',
		title: 'Bits of the conntrack mark that are ours',
		default: '0xffff8000',
		rule: markMask,
		needsRestart: true,
		caution:
			'Bits that another program uses too (mwan3: 0x3f00) break its routing or our metering. 17 bits number 6,435 stations at once, 16 bits 3,432, 8 bits 20, 7 bits 10; the station after the last cannot be attached.',
	},
	{
		path: 'garden.ipv4',
		title: 'IPv4 ranges that are free for everybody',
		default: [],
		rule: addressRanges(4),
		needsRestart: true,
		caution: 'Too wide: paid traffic is free. Without the portal or payment page: nobody can reach it in order to pay.',
	},
	{
		path: 'garden.ipv6',
		title: 'IPv6 ranges that are free for everybody',
		default: [],
		rule: addressRanges(6),
		needsRestart: true,
		caution: 'As for IPv4; a page that has both kinds of address needs both.',
	},
	...EDGE_OPTIONS,
	...TETHERED_OPTIONS,
	{
		path: 'grant.bytesMin',
		title: 'Smallest slice of a balance handed to the kernel',
		default: 1_048_576,
		unit: 'bytes',
		rule: wholeNumber({ min: GRANT_BYTES_SMALLEST, max: GRANT_BYTES_LARGEST }),
		needsRestart: true,
		caution:
			'Too small: fast stations stall while they wait for the next slice. Too large: more is at stake in a power cut.',
	},
	{
		path: 'grant.bytesMax',
		title: 'Largest slice of a balance handed to the kernel',
		default: 67_108_864,
		unit: 'bytes',
		rule: wholeNumber({ min: GRANT_BYTES_SMALLEST, max: GRANT_BYTES_LARGEST }),
		needsRestart: true,
		caution: 'It bounds what one account can gain or lose in a power cut. Too small: fast stations need many commits.',
	},
	{
		path: 'grant.seconds',
		title: 'How long a slice should last at the present rate',
		default: 20,
		unit: 'seconds',
		rule: wholeNumber({ min: 1, max: 3600 }),
		needsRestart: true,
		caution:
			'Too short: many writes to flash. Too long: one station reserves what another one of the account could use.',
	},
	{
		path: 'sample.intervalMs',
		title: 'How often the counters are read',
		default: 1000,
		unit: 'milliseconds',
		rule: wholeNumber({ min: 100, max: 60_000 }),
		needsRestart: true,
		caution:
			'Affects only how fresh the figures are and what it costs to have them: the kernel enforces without samples.',
	},
	{
		path: 'sample.commitIntervalMs',
		title: 'How long a used byte may wait for its entry in the ledger',
		default: 300_000,
		unit: 'milliseconds',
		rule: wholeNumber({ min: 100, max: 3_600_000 }),
		needsRestart: true,
		caution: 'Too short wears out flash. Longer makes a power cut resolve more by `powerLoss`, within the open grants.',
	},
	{
		path: 'watch.intervalMs',
		title: 'How often displays are told what has changed',
		default: 1000,
		unit: 'milliseconds',
		rule: wholeNumber({ min: 100, max: 60_000 }),
		needsRestart: true,
		caution: 'Costs something only while a display is open. Shorter than `sample.intervalMs` shows nothing more.',
	},
	{
		path: 'metrics.listen',
		title: 'Address and port where Prometheus reads the metrics',
		default: 'off',
		rule: listenAddress,
		needsRestart: true,
		caution: 'Whoever reaches the address can read the figures; one of a metered interface shows them to customers.',
	},
	{
		path: 'clock.believe',
		title: 'What makes the date known: a time server alone, or the clock of the router too, because it has a battery',
		default: 'synchronised',
		rule: oneOf(['synchronised', 'battery']),
		needsRestart: true,
		caution:
			'While no date is known, validities count while the router runs, and what was sold lasts longer by the time that it is off. `battery` on a router whose clock has none, or is wrong at a start: what was sold expires by that wrong date.',
	},
	{
		path: 'powerLoss',
		title: 'Who gains the open grants when a power cut erased the counters',
		default: 'customer',
		rule: oneOf(['customer', 'venue']),
		needsRestart: true,
		caution: '`customer` gives back what may have been used; `venue` charges what may not have been.',
	},
	{
		path: 'database',
		title: 'The ledger',
		default: '/var/lib/octroi/ledger.db',
		rule: absolutePath,
		needsRestart: true,
		caution: 'On a file system in memory (/tmp, /var on OpenWrt) all balances are gone after a power cut.',
	},
	{
		path: 'control',
		title: 'Socket for all commands, mode 0600',
		default: '/run/octroi/control.sock',
		rule: socketPath,
		needsRestart: true,
		caution: 'Whoever can open it can credit accounts.',
	},
	{
		path: 'status',
		title: 'Socket for commands that only read, mode 0660',
		default: '/run/octroi/status.sock',
		rule: socketPath,
		needsRestart: true,
		caution:
			'Displays and `octroi top` of other users need the group of `statusGroup`, and a way through the directories above it.',
	},
	{
		path: 'statusGroup',
		title: 'Group that may open the status socket',
		default: 'octroi',
		rule: groupName,
		needsRestart: true,
		caution:
			'Its members see who is online, all balances, and the pairing code that a display shows. A group that does not exist: only the user that the agent runs as.',
	},
	{
		path: 'currency',
		title: 'What amounts of money are shown with',
		default: '',
		rule: currency,
		needsRestart: true,
		caution: 'For display only: amounts are millionths of whatever your customers pay with.',
	},
	{
		path: 'leases',
		title: 'The file of DHCP leases, of dnsmasq or odhcpd',
		default: '/tmp/dhcp.leases',
		rule: absolutePath,
		needsRestart: true,
		caution:
			'With a wrong path, or the file of another DHCP server, stations have no names, and are seen only once they send traffic. odhcpd with `maindhcp` writes the file that its `leasefile` names.',
	},
	...CODE_OPTIONS,
	...PORTAL_OPTIONS,
	...SENSOR_OPTIONS,
	...CARRIER_OPTIONS,
];
