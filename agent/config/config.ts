import type { Bytes, Seconds, Unit, UsageUnit } from '../core/units.ts';
import type { Tariff } from '../policy/tariff.ts';
import type { AlphabetName } from '../voucher/alphabet.ts';
import type { PlatformKey } from './carrier-options.ts';
import type { CONFIG_VERSION } from './config-version.ts';
import type { ListenAddress } from './listen-address.ts';
import type { PORTAL_LANGUAGES } from './portal-options.ts';
import type { ClassRule } from './tethered-options.ts';

/** The configuration as the rest of the agent sees it: complete, in range, and in the smallest units. */
export type Config = {
	readonly version: typeof CONFIG_VERSION;
	readonly devices: {
		/** Network interfaces whose stations pay. At least one. */
		readonly metered: readonly string[];
		/** Local interfaces whose stations do not pay. */
		readonly free: readonly string[];
	};
	/** The bits of the conntrack mark that are ours: contiguous, 7 or more. An unsigned 32-bit number. */
	readonly mark: { readonly mask: number };
	/** Where everybody may go without paying: CIDRs, always with a prefix length. */
	readonly garden: Destinations & {
		/** Of one station, both directions together. */
		readonly bytesPerSecond: number;
	};
	/** Where stations with a session go without its balance; counted apart. */
	readonly zeroRated: Destinations;
	readonly portal: {
		/** Where the portal listens for HTTP, and where port 80 is redirected to. */
		readonly port: number;
		/** Its name, in lower case; the router's resolver knows it. */
		readonly name: string;
		/** Where it listens for HTTPS (RFC 8908); absent: it has no certificate. */
		readonly httpsPort?: number;
		/** Absolute paths; both, and exactly with `httpsPort`. */
		readonly certificate?: string;
		readonly key?: string;
		/** The number of the netfilter queue; used with `httpsPort`. */
		readonly advertisementQueue: number;
		/** IP addresses. At least one. */
		readonly listen: readonly string[];
		/** In the order of preference. At least one. */
		readonly languages: readonly (typeof PORTAL_LANGUAGES)[number][];
		/** The name of one of the plans. */
		readonly freePlan?: string;
	};
	/** Names, questions and answers together, for each station: before login, and of a session before they are charged. */
	readonly dns: { readonly bytesPerSecond: number; readonly sessionBytesPerSecond: number };
	/** Flows that begin outside: whether they reach stations, and what comes to an address before it answers. */
	readonly inbound: { readonly allowed: boolean; readonly bytesPerSecond: number };
	/** Flows of devices behind stations. */
	readonly tethered: ClassRule & {
		/** Whether they are told from own ones. */
		readonly detect: boolean;
		/** What own flows may have beside them. */
		readonly own: ClassRule;
		/** New flows of one station that are looked at. */
		readonly flowsPerSecond: number;
		/** The number of the netfilter queue. */
		readonly queue: number;
	};
	readonly grant: { readonly bytesMin: Bytes; readonly bytesMax: Bytes; readonly seconds: Seconds };
	readonly sample: { readonly intervalMs: number; readonly commitIntervalMs: number };
	/** The stream for displays. */
	readonly watch: { readonly intervalMs: number };
	/** Where Prometheus reads; absent or null: nowhere. */
	readonly metrics: { readonly listen: ListenAddress | null };
	/** What makes the date known: the kernel, when a time protocol has set its clock; or a battery-backed clock too. */
	readonly clock: { readonly believe: 'synchronised' | 'battery' };
	/** Who bears the open grants when the counters are lost in a power cut. */
	readonly powerLoss: 'customer' | 'venue';
	/** Absolute paths. */
	readonly database: string;
	readonly control: string;
	readonly status: string;
	/** Of /etc/group. */
	readonly statusGroup: string;
	readonly leases: string;
	readonly sensor: {
		readonly enabled: boolean;
		/** Absolute path; the file may be missing. */
		readonly signatures: string;
	};
	/** Shown with amounts of money. May be empty. */
	readonly currency: string;
	readonly venue: {
		readonly name: string;
		/** Absolute path. */
		readonly logo?: string;
		/** `#rrggbb` */
		readonly accent: string;
		/** The name of the Wi-Fi (SSID), for printed cards. */
		readonly wifi?: string;
		/** Absolute path; the password is its first line. Absent: an open network. */
		readonly wifiPasswordFile?: string;
		/** What printed cards say to do. Absent: as usual. */
		readonly steps?: readonly string[];
	};
	readonly codes: {
		/** The code is put behind it. Absent: the portal's own page, see `codePageUrl`. */
		readonly url?: string;
		readonly alphabet: AlphabetName;
		/** Absent: as the alphabet needs. */
		readonly length?: number;
		readonly freeAttempts: number;
		readonly firstWaitSeconds: Seconds;
		readonly longestWaitSeconds: Seconds;
		readonly overallBurst: number;
		readonly overallPerHour: number;
		readonly giftValidForSeconds: Seconds;
	};
	/** Without `url` there is no carrier. */
	readonly carrier: {
		readonly url?: string;
		/** Present exactly with `url`. */
		readonly accessPoint?: string;
		readonly keys: readonly PlatformKey[];
		/** Absolute paths. */
		readonly ca?: string;
		/** Both, or neither. */
		readonly certificate?: string;
		readonly key?: string;
		readonly user?: string;
		readonly passwordFile?: string;
		readonly mqttVersion: '3.1.1' | '5';
		readonly keepAliveSeconds: number;
		readonly reportSeconds: number;
	};
	readonly plans: readonly Plan[];
	readonly tariffs: readonly NamedTariff[];
};

/** How money is turned into usage. */
export type NamedTariff = Tariff & { readonly name: string };

/** CIDRs, always with a prefix length; host names in lower case, each with all that is below it. */
export type Destinations = {
	readonly ipv4: readonly string[];
	readonly ipv6: readonly string[];
	readonly names: readonly string[];
};

/** What can be bought. A bought one is a package. */
export type Plan = {
	readonly name: string;
	readonly title: string;
	readonly unit: Unit;
	/** In `unit`, 1 or more. */
	readonly amount: number;
	/** For which the portal sells it from the wallet; never with `micro`. */
	readonly priceMicro?: number;
	/** Absent: does not expire. */
	readonly validForSeconds?: Seconds;
	/** Absent: the purchase. */
	readonly validFrom?: 'first_use';
	/** Issued anew each cycle of `validForSeconds`. */
	readonly renews?: true;
	/** Prolongs the running package of its unit. */
	readonly addOn?: true;
	readonly stationsMax?: number;
	/** The file has bits per second. */
	readonly pace?: { readonly upBytesPerSecond?: number; readonly downBytesPerSecond?: number };
	/** What flows of the stations themselves, and of devices behind them, may have. Absent: as the venue's. */
	readonly own?: ClassRule;
	readonly tethered?: ClassRule;
	/** Only with `block`. */
	readonly grace?: { readonly unit: UsageUnit; readonly amount: number };
	/** Present exactly if `unit` is `micro`. */
	readonly tariff?: NamedTariff;
	readonly atEnd: 'block' | 'throttle';
	/** Present exactly if `atEnd` is `throttle`. The file has it in bits per second. */
	readonly throttleBytesPerSecond?: Bytes;
};
