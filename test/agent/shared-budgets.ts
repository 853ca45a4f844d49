/**
 * What every limit of the agent bounds, so that none that strangers share is without an answer to "what does a victim still get?".
 *
 * `one`: one message, file, text or answer. `own`: what one station, account or client has, and nobody else spends. `operator`: only the operator, or the
 * carrier, spends it. `cache`: when it is full, something is looked up again. An object: it is shared, and stands in docs/shared-budgets.md.
 */
export type SharedBudget = {
	readonly budget: string;
	/** Who can spend it. */
	readonly who: string;
	readonly bound: string;
	/** What somebody who has not spent it still gets, and why. */
	readonly victim: string;
	/** Rows of the scenario `crowd-out`. */
	readonly tried?: readonly string[];
};
export type LimitKind = 'one' | 'own' | 'operator' | 'cache' | SharedBudget;

/** By file, and the name of the constant. */
export const LIMITS: Readonly<Record<string, Readonly<Record<string, LimitKind>>>> = {
	'agent/portal/limits.ts': {
		HEADER_BYTES_MAX: 'one',
		HEADERS_COUNT_MAX: 'one',
		BODY_BYTES_MAX: 'one',
		REQUESTS_PER_CONNECTION_MAX: 'one',
		LOGO_BYTES_MAX: 'operator',
		MOVEMENTS_MAX: 'one',
		SESSIONS_MAX: 'one',
		MEMBERS_SHOWN_MAX: 'one',
		STREAM_BACKLOG_BYTES_MAX: 'own',
		CONNECTIONS_PER_STATION_MAX: 'own',
		STREAMS_PER_STATION_MAX: 'own',
		REQUESTS_BURST: 'own',
		REQUESTS_PER_SECOND: 'own',
		FORMS_BURST: 'own',
		FORMS_PER_SECOND: 'own',
		CHARTS_MAX: 'cache',
		RATED_STATIONS_MAX: 'cache',
		CONNECTIONS_MAX: {
			budget: 'connections of the portal',
			who: 'everybody on the metered network',
			bound: '800, 32 of one device whatever addresses it has',
			victim: 'his connection: the oldest idle one of whoever has most makes room',
			tried: ['half_open', 'connections'],
		},
		CONNECTIONS_ENDING_MAX: {
			budget: 'connections of the portal that are being cut',
			who: 'everybody on the metered network',
			bound: '200 a socket',
			victim: 'a place within milliseconds: cutting one takes no longer',
			tried: ['connections'],
		},
		ALL_REQUESTS_BURST: {
			budget: 'requests of the portal, at once',
			who: 'everybody on the metered network',
			bound: '4,000, and 20 a second of one device',
			victim: 'half of it, with a lease; a quarter, after a minute with one',
		},
		ALL_REQUESTS_PER_SECOND: {
			budget: 'requests of the portal, in a second',
			who: 'everybody on the metered network',
			bound: '400',
			victim: 'as above',
		},
		FREE_PLANS_BURST: {
			budget: 'plans that are given away, at once',
			who: 'every device, once a day; devices can be invented',
			bound: '1,000',
			victim: 'half of it, with a lease; a quarter, after a minute with one. A code needs none of it',
		},
		FREE_PLANS_PER_HOUR: {
			budget: 'plans that are given away, in an hour',
			who: 'every device, once a day; devices can be invented',
			bound: '3,600',
			victim: 'as above',
		},
		STREAMS_MAX: {
			budget: 'streams of the portal',
			who: 'everybody on the metered network',
			bound: '256, 3 of one device',
			victim: 'his stream: the oldest of whoever has most ends, and that page asks every two seconds instead',
			tried: ['streams'],
		},
	},
	'agent/portal/account-views.ts': { CODE_CHARACTERS_MAX: 'one' },
	'agent/portal/session-pages.ts': { SESSION_CHARACTERS_MAX: 'one' },
	'agent/voucher/odds.ts': {
		GUESSES_PER_HOUR_MAX: {
			budget: 'wrong codes of all guests; of all customers as many',
			who: 'everybody; devices can be invented',
			bound:
				'as many as keep the chance of a hit in a year at 1 %, a day of them at once, 36,000 an hour at most; never fewer than `codes.overallBurst` and `codes.overallPerHour`',
			victim:
				'his own five tries: half of it is kept for leases, a quarter for leases of a minute. A good code takes nothing of it',
			tried: ['codes'],
		},
	},
	'agent/voucher/code-limiter.ts': { LIMITED_STATIONS_MAX: 'cache' },
	'agent/voucher/code.ts': { CODE_SYMBOLS_MAX: 'one' },
	'agent/voucher/pasted-code.ts': { PASTED_CHARACTERS_MAX: 'one' },
	'agent/voucher/code-maker.ts': { LENGTH_MAX: 'one', PREFIX_SYMBOLS_MAX: 'one' },
	'agent/voucher/read-batch-file.ts': { CARDS_MAX: 'operator' },
	'agent/voucher/code-cell.ts': { NUMBER_DIGITS_MAX: 'operator' },
	'agent/accounts/code-store.ts': { COLLISIONS_MAX: 'one' },
	'agent/accounts/device-pairing.ts': {
		PAIRINGS_MAX: {
			budget: 'pairing codes that pages show; and wrong pairing codes',
			who: 'customers; and everybody',
			bound: '64 for two minutes each; 5, then codes have 8 digits, 500 later 10',
			victim:
				'his pairing, with a longer code to type: no number of guesses voids one. The code of the display is not of the 64',
			tried: ['pairing'],
		},
	},
	'agent/session/stations.ts': {
		STATIONS_MAX: {
			budget: 'stations that are remembered',
			who: 'everybody who sends a frame; devices can be invented',
			bound: '16,384; the kernel has fewer',
			victim:
				'his place, with a lease. Without one he is forgotten if he was silent for longest, and known again by his next entry in the kernel',
			tried: ['claims', 'neighbours'],
		},
	},
	'agent/session/station.ts': {
		NAME_CHARACTERS_MAX: 'one',
		NAME_LOOK_MAX: 'one',
		MARKS_MAX: 'one',
		ADDRESSES_MAX: 'own',
		HEARD_MAX: 'own',
	},
	'agent/session/leases.ts': {
		LINE_CHARACTERS_MAX: 'one',
		LEASE_FILE_BYTES_MAX: {
			budget: 'leases of the DHCP server: its number, and what of its file is read',
			who: 'everybody; devices can be invented',
			bound: "the server's `dhcp-range` and `dhcp-lease-max`; 4 MiB of the file",
			victim:
				'no address while all are taken (the server decides): make the range larger than a crowd, and leases short',
		},
	},
	'agent/dataplane/neighbour-watch.ts': {
		KNOWN_MAX: {
			budget: "the kernel's entries of neighbours",
			who: 'everybody who sends a frame; devices can be invented',
			bound:
				'`net.ipv[46].neigh.default.gc_thresh3`, 1,024 of a kernel as it comes: 200 made-up stations a second fill it',
			victim:
				'a place by luck, after seconds, until `octroi doctor` is content: with 16,384 entries his, under 3,000 made-up stations a second',
			tried: ['neighbours'],
		},
	},
	'agent/dataplane/address-judge.ts': {
		RECALLED_MAX: {
			budget: 'claimed addresses whose holders the router asks, so that what is for them goes back to them',
			who: 'everybody on the metered network, by claiming addresses of others',
			bound: '16, each for 32 s',
			victim: 'his address, when he next speaks or the router asks of itself, within about 30 s',
		},
		WITNESSES_MAX: 'one',
		IPV6_OF_SESSION_MAX: 'own',
	},
	'agent/dataplane/address-decisions.ts': {
		UNDER_WAY_OF_STATION_MAX: 'own',
		UNDER_WAY_OF_NEWCOMERS_MAX: 'own',
		UNDER_WAY_MAX: {
			budget: 'addresses of customers that are judged at once, each by questions to neighbours for 3 seconds at most',
			who: 'whoever sends with hardware addresses of entitled stations, 32 addresses each',
			bound: '256, and 256 more for whoever has none under way',
			victim: 'a place for one address, unless 256 other sessions attack. Addresses that are his need none',
		},
	},
	'agent/dataplane/neighbour-probe.ts': { TURNED_MAX: 'one' },
	'agent/dataplane/neighbour-questions.ts': { REMEMBERED_MAX: 'cache' },
	'agent/dataplane/ruleset-sets.ts': {
		UNDECIDED_MAX: {
			budget: 'addresses of customers that wait for a decision',
			who: 'whoever sends with hardware addresses of entitled stations, each 20 a second (`asking`)',
			bound: '4,096 of each family, 5 s each',
			victim: 'a place with one of his next packets. Addresses that are his need none',
		},
		ANSWERED_MAX: {
			budget: 'flows that began outside and that their station has answered (`inbound.allowed`)',
			who: 'who is answered by stations: anybody on the internet, with as many flows as the stations answer',
			bound: '65,536, each until 5 minutes after its last answer',
			victim: 'what `inbound.bytesPerSecond` lets pass to each address, and all that he begins himself',
		},
		DENIED_MAX: {
			budget: "addresses that were found not to be their sender's, so that they are refused at once",
			who: 'the same',
			bound: '4,096 of each family, 20 s each',
			victim: 'everything; whoever is refused meets silence instead of the portal',
		},
		LEASES_MAX: {
			budget: 'leased addresses that the kernel keeps for their leaseholders',
			who: 'whoever gets a lease',
			bound: '16,384; the DHCP server has fewer as a rule',
			victim: 'his address as long as nobody has used it before: first come, first served',
		},
		NAMED_ADDRESSES_MAX: {
			budget: 'addresses of names of the walled garden and of zero-rated names',
			who: 'whoever answers for those names, when anybody asks for them',
			bound: '4,096 for each family and kind, a day each',
			victim: 'what is in already; pages of the garden at new addresses not. Name only domains whose owner you trust',
		},
		WAITING_MAX: {
			budget: 'flows whose first packet waits for its class',
			who: 'entitled stations, each within its own number of new flows (`judging`)',
			bound: '16,384, 300 ms each',
			victim: 'his flow: it waits beside its first packet, or passes as own',
		},
	},
	'agent/dataplane/flow-queue.ts': {
		BURST_MAX: 'one',
		STATIONS_MAX: 'cache',
		LENGTH_MAX: {
			budget: 'first packets that wait for the agent',
			who: 'entitled stations, each within its own number of new flows (`judging`)',
			bound: '512',
			victim: 'his packet: it passes as own, and is metered as ever',
		},
	},
	'agent/dataplane/data-plane.ts': {
		STATIONS_MAX: {
			budget: 'meters',
			who: 'whoever has a code, and takers of a plan that is given away',
			bound: '6,435 with the usual mask of marks',
			victim: 'a meter: a station that has nothing left makes room. If all have something, he is told so',
		},
	},
	'agent/dataplane/router-advertisement.ts': { OPTION_UNITS_MAX: 'one', ADVERTISEMENT_BYTES_MAX: 'one' },
	'agent/dataplane/foreign-rules.ts': { ENTRIES_MAX: 'operator', FOUND_MAX: 'one', DEPTH_MAX: 'one' },
	'agent/doctor/host-features.ts': { RESOLVERS_MAX: 'one' },
	'agent/dataplane/nft.ts': { OUTPUT_CHARACTERS_MAX: 'one', RULESET_CHARACTERS_MAX: 'operator' },
	'agent/dataplane/advertisement-queue.ts': { LENGTH_MAX: 'operator' },
	'agent/dataplane/address-bindings.ts': { IPV6_MAX: 'own' },
	'agent/host/memory-return.ts': {
		FREE_BYTES_MAX: 'operator',
		RESIDENT_BYTES_MAX: 'operator',
		IDLE_SHARE_MAX: 'operator',
		SHARE_MAX: 'operator',
	},
	'agent/dataplane/ruleset-forward.ts': {
		GARDEN_STATIONS_MAX: {
			budget:
				'the walled garden, of all stations together: one half for those whose address is leased, one for all others',
			who: 'stations, each within its own rate; devices without a lease can be invented, leases as many as the pool has',
			bound: '25 times `garden.bytesPerSecond` for each half, eight seconds of it at once',
			victim:
				'with a lease: the half that invented devices do not reach; his code, the portal and names are not touched by it',
		},
		LIMIT_BURST_MAX: 'one',
	},
	'agent/dataplane/mark.ts': {
		WORD_BITS_MAX: 'one',
		STATION_BITS_MAX: {
			budget: 'names before login, the walled garden, refusals: by the last bits of the hardware address',
			who: 'stations with the same 14 bits, and for names all strangers together; devices can be invented',
			bound: 'each its own rate; names of all together as much as 4,096 stations may have',
			victim:
				'his own rate, unless somebody takes his last 14 bits: then a part of it; names until 126,000 questions come at once',
			tried: ['names'],
		},
	},
	'agent/dataplane/neighbour-lookup.ts': { LINK_BYTES_MAX: 'one', LINKS_MAX: 'operator' },
	'agent/dataplane/station-identification.ts': { ELEMENT_BYTES_MAX: 'one' },
	'agent/dataplane/neighbour-limits.ts': { WAITING_BYTES_MAX: 'operator' },
	'agent/portal/proof-answer.ts': { FIELDS_MAX: 'one' },
	'agent/sensor/dhcp-request.ts': { PARAMETERS_MAX: 'one', VENDOR_CLASS_BYTES_MAX: 'one' },
	'agent/sensor/frame-source.ts': { FAULTS_LOGGED_MAX: 'one' },
	'agent/sensor/station-capture.ts': {
		FILE_BYTES_MAX: 'operator',
		WAITING_BYTES_MAX: 'operator',
		FRAMES_PER_TURN_MAX: 'operator',
	},
	'agent/sensor/spoof-watch.ts': {
		KNOWN_MAX: {
			budget: 'addresses whose owner was heard',
			who: 'everybody who sends a frame',
			bound: '4,096',
			victim: 'that a claim of his address is reported, with a lease. Without one it may go unseen',
			tried: ['claims'],
		},
		TOLD_MAX: {
			budget: 'claims of addresses that were told already',
			who: 'everybody who sends a frame',
			bound: '256; the log has its own bound',
			victim: 'the warning of the last claim, and the count of all',
			tried: ['claims'],
		},
	},
	'agent/sensor/station-rates.ts': {
		FRAMES_PER_SECOND_MAX: 'own',
		STATIONS_MAX: {
			budget: 'stations whose frames are looked at in one second',
			who: 'everybody who sends a frame',
			bound: '4,096, 50 frames each; a flood closes the sensor for a second at a time',
			victim: 'metering and portal as ever; signs of tethering and claims of addresses come later',
			tried: ['claims'],
		},
	},
	'agent/sensor/pcap-binding.ts': { CLOSING_MAX: 'operator', LOST_MAX: 'operator' },
	'agent/detection/lan-monitor.ts': {
		STATIONS_MAX: {
			budget: 'stations of which signs of tethering are remembered',
			who: 'everybody who sends a frame that is looked at',
			bound: '8,192',
			victim: 'his flows count as his own until signs are seen again',
		},
		SPOOFS_MAX: 'cache',
	},
	'agent/tether/stack-history.ts': { STACKS_MAX: 'own' },
	'agent/tether/signature-book.ts': { REMEMBERED_MAX: 'cache' },
	'agent/tether/tcp-options.ts': { OPTIONS_BYTES_MAX: 'one' },
	'agent/tether/flow-facts.ts': { EXTENSIONS_MAX: 'one' },
	'agent/tether/signature.ts': { SCALE_MAX: 'one' },
	'agent/tether/hop-limit.ts': { HOPS_MAX: 'one' },
	'agent/tether/signatures.ts': { FILE_BYTES_MAX: 'operator' },
	'agent/tether/signature-file.ts': {
		SIGNATURES_MAX: 'operator',
		PROBLEMS_MAX: 'operator',
		LABEL_CHARACTERS_MAX: 'one',
	},
	'agent/tether/dns-question.ts': { NAME_BYTES_MAX: 'one', LABEL_BYTES_MAX: 'one' },
	'agent/status/limits.ts': {
		REQUEST_BYTES_MAX: 'one',
		UNREAD_BYTES_MAX: 'own',
		ANSWER_BYTES_MAX: 'one',
		WATCH_UNREAD_BYTES_MAX: 'own',
		WATCH_UNREAD_MS_MAX: 'own',
		CONNECTIONS_MAX: {
			budget: 'clients of the status socket (mode 0666)',
			who: 'every local user',
			bound: '64; the control socket has its own 64, for its owner',
			victim: 'an answer: the oldest client that says nothing makes room',
			tried: ['status'],
		},
		WATCHING_MAX: {
			budget: 'clients of the status socket that watch',
			who: 'every local user',
			bound: '48 of the 64',
			victim: 'answers to what he asks; a stream, if he was there first',
			tried: ['status'],
		},
	},
	'agent/status/answer-request.ts': { ID_CHARACTERS_MAX: 'one' },
	'agent/status/code-commands.ts': { CODES_MAX: 'operator', DEVICES_MAX: 'operator' },
	'agent/status/commands.ts': { HISTORY_ROWS_MAX: 'one', CAPTURE_SECONDS_MAX: 'operator', SNAP_BYTES_MAX: 'operator' },
	'agent/status/snapshot.ts': { TRANSFERS_MAX: 'one' },
	'agent/metrics/metrics-server.ts': {
		HEADER_BYTES_MAX: 'one',
		CONNECTIONS_MAX: {
			budget: 'clients of the metrics',
			who: 'whoever reaches `metrics.listen`: local users, as it comes',
			bound: '8',
			victim: 'an answer: the oldest connection makes room',
		},
	},
	'agent/core/bounded-log.ts': {
		LINES_BURST: {
			budget: 'lines of the log, of one message',
			who: 'everybody who can make the agent say something',
			bound: '8 at once, then one a minute, which says how many it stands for',
			victim: 'all other messages as ever; `fatal`, and what is said of grants after a loss, whole',
			tried: ['claims', 'codes', 'half_open', 'names'],
		},
		KINDS_MAX: 'one',
	},
	'agent/core/units.ts': { AMOUNT_MAX: 'one' },
	'agent/core/value-rule.ts': { QUOTED_CHARACTERS_MAX: 'one' },
	'agent/core/tethered-meter.ts': { TETHERED_METER_MAX: 'one' },
	'agent/core/nearest-word.ts': { WORD_CHARACTERS_MAX: 'one' },
	'agent/meter/decision.ts': { WALLET_SECONDS_MAX: 'own' },
	'agent/snapshot/account-balances.ts': {
		CHANGED_ONE_BY_ONE_MAX: 'one',
		ACCOUNTS_MAX: {
			budget: 'accounts that displays show',
			who: 'whoever has a code, and takers of a plan that is given away',
			bound: '16,384',
			victim: 'all but his row on a display: accounts that a station spends from now are shown in any case',
		},
	},
	'agent/ledger/carrier-events.ts': {
		EVENTS_MAX: {
			budget: 'events that wait for the carrier',
			who: 'whoever makes a warning come and go while the carrier is away',
			bound: '50,000',
			victim: 'his usage as ever: it is reported apart from events',
		},
	},
	'agent/ledger/device-name-store.ts': {
		NAME_CHARACTERS_MAX: 'one',
		DEVICE_NAMES_MAX: {
			budget: 'names that customers give their devices',
			who: 'customers, each within his rate of forms',
			bound: '8,192',
			victim: 'the name that the device has itself: the oldest given one is forgotten',
		},
	},
	'agent/ledger/alert-store.ts': { ALERTS_MAX: 'own' },
	'agent/ledger/group-store.ts': { GROUPS_MAX: 'own', MEMBERS_MAX: 'own' },
	'agent/ledger/gift-store.ts': { GIFTS_SHOWN_MAX: 'one' },
	'agent/ledger/history-reader.ts': { LIMIT_MAX: 'one' },
	'agent/ledger/record-reader.ts': { LIMIT_MAX: 'one', SOURCES_MAX: 'one' },
	'agent/ledger/unreported-usage.ts': { PARTS_MAX: 'one' },
	'agent/ledger/voucher.ts': { BATCH_CODES_MAX: 'operator', DEVICES_MAX: 'operator' },
	'agent/ledger/terms-check.ts': { VALID_FOR_SECONDS_MAX: 'one' },
	'agent/ledger/code-ledger.ts': { VALID_FOR_SECONDS_MAX: 'one' },
	'agent/ledger/inbox-store.ts': { INBOX_MAX: 'operator' },
	'agent/ledger/pin-store.ts': { PINS_MAX: 'operator' },
};

/** docs/shared-budgets.md. */
export function sharedBudgetsDocument(): string {
	const rows = Object.values(LIMITS)
		.flatMap((limits) => Object.values(limits))
		.filter((limit) => typeof limit === 'object')
		.map(({ budget, who, bound, victim, tried = [] }) => {
			return `| ${budget} | ${who} | ${bound} | ${victim} | ${tried.map((row) => `\`${row}\``).join(', ')} |`;
		});
	return `# Budgets that strangers share

Hardware addresses cost nothing, so a budget that everybody may spend is a switch that anybody may turn. Each of them keeps something for
those who have not spent it. What counts is who somebody is (the device, whatever addresses it has), and what he has to show for himself: a
lease of the DHCP server, of which there are only so many, and after a minute that he has held it for a while. [Decision
41](decisions/0041-reserves-of-shared-budgets.md) says why.

\`npm run lab -- crowd-out\` tries them: during each flood somebody who has just come, with a good code, is let in, sees the portal and gets names,
and the log grows by less than 1 kB a second. The last column names its rows.

| budget | who can spend it | bound | what a victim still gets | tried |
|---|---|---|---|---|
${rows.join('\n')}

This page is made from \`test/agent/shared-budgets.ts\`, where every limit of the agent stands: a new one without an entry fails the tests.
`;
}
