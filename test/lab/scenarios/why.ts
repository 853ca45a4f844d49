import { join } from 'node:path';
import type { WhyAnswer, WhyCause } from '../../../agent/status/why-command.ts';
import { type AgentHandle, PLANS } from '../agent-handle.ts';
import { arpReply } from '../frames/ethernet.ts';
import { type Lab, withLab } from '../lab.ts';
import { PROJECT_ROOT } from '../project-root.ts';
import type { Scenario } from '../scenario.ts';
import type { Station } from '../station.ts';
import { HostProcess } from '../tether/host-process.ts';
import { type Family, ROUTER_LAN_IPV4 } from '../topology.ts';
import { HANG_MS, until } from '../until.ts';
import { Browser, startWebServer } from '../web/browser.ts';

/** Of the default mask, and of no class. */
const FOREIGN_BIT = '0x00010000';
const BY_HAND = '10.77.200.9';
const INTERNET = 'internet';
const PORTAL_PORT = 2050;
const TABLE = 'lab_meddler';
const CASES = 13;
const DOCTOR = `process.stdout.write(require('node:child_process').spawnSync(process.execPath,
	['${join(PROJECT_ROOT, 'build/agent/main.js')}', 'doctor', '--json', '--config', process.argv[1]]).stdout)`;

/** What people do to a network, and what `octroi why` says of each. */
export const why: Scenario = {
	name: 'why',
	title:
		'a device is not online: octroi why names the cause in one sentence, and the rule of another program that does it',
	figures: {
		cases: { title: 'devices that are not online, each for another reason, or are', bound: { equals: CASES } },
		wrong_causes: { title: 'of these, those of which another cause was said', bound: { equals: 0 } },
		unnamed: { title: 'sentences without the rule, the address or the amount that it is about', bound: { equals: 0 } },
		without_fix: { title: 'causes without a word of what to do', bound: { equals: 0 } },
		doctor_silent: {
			title:
				'rules of other programs, and a firewall that keeps guests from the portal, of which octroi doctor is silent',
			bound: { equals: 0 },
		},
		not_warned: { title: 'rules of other programs that octroi status does not warn of', bound: { equals: 0 } },
		uncounted: { title: 'reasons of refusals whose counter stood still', bound: { equals: 0 } },
		charged_for_inbound_bytes: { title: 'charged for what began outside', bound: { equals: 0 } },
	},
	async run({ progress }) {
		return await withLab({ stations: 3 }, async (lab) => {
			const agent = await lab.startAgent({
				plans: [...PLANS, { name: 'one-byte', title: '1 byte', bytes: 1, atEnd: 'block' }],
			});
			const server = await startWebServer(lab.internet, 443, INTERNET);
			const plain = await startWebServer(lab.internet, 80, INTERNET);
			const trial = new Trial(lab, agent, progress);
			try {
				await trial.strangers();
				await trial.balances();
				await trial.meddlers();
				await trial.addresses();
				await trial.claims();
				const charged = await trial.inbound();
				const counters = (await trial.ask(lab.station(1).mac)).counters;
				const seen = ['no_session', 'no_credit', 'untracked', 'mark', 'address_unbound', 'inbound', 'port_forward'];
				const uncounted = seen.filter((reason) => !((counters[reason] ?? 0) > 0));
				progress(`counters ${JSON.stringify(counters)}`);
				return { ...trial.figures, uncounted: uncounted.length, charged_for_inbound_bytes: charged };
			} finally {
				server.kill('SIGKILL');
				plain.kill('SIGKILL');
				trial.stop();
			}
		});
	},
};

type DoctorAnswer = { features: { name: string; ok: boolean; detail: string }[] };
type Try = { source?: string; port?: number; family?: Family };

class Trial {
	readonly figures = { cases: 0, wrong_causes: 0, unnamed: 0, without_fix: 0, doctor_silent: 0, not_warned: 0 };
	readonly #lab: Lab;
	readonly #agent: AgentHandle;
	readonly #progress: (line: string) => void;
	readonly #browsers: Browser[];

	constructor(lab: Lab, agent: AgentHandle, progress: (line: string) => void) {
		this.#lab = lab;
		this.#agent = agent;
		this.#progress = progress;
		this.#browsers = lab.stations.map(({ namespace }) => new Browser(namespace));
	}

	stop(): void {
		for (const browser of this.#browsers) browser.stop();
	}

	/** By the real command. */
	async ask(device: string): Promise<WhyAnswer> {
		return await this.#agent.octroi<WhyAnswer>('why', device);
	}

	async #meant(device: string, cause: WhyCause, names: RegExp): Promise<WhyAnswer> {
		return this.#judge(await this.ask(device), cause, names);
	}

	#judge(answer: WhyAnswer, cause: WhyCause, names: RegExp): WhyAnswer {
		this.figures.cases += 1;
		if (answer.cause !== cause) this.figures.wrong_causes += 1;
		if (!names.test(answer.sentence)) this.figures.unnamed += 1;
		if (cause !== 'online' && (answer.fix ?? '').length < 10) this.figures.without_fix += 1;
		this.#progress(
			`${answer.cause === cause ? 'ok' : `meant ${cause}, said ${answer.cause}`}: ${answer.sentence} (fix: ${answer.fix ?? '-'})`,
		);
		return answer;
	}

	/** Begins a flow to the station's server; an answer comes, or a refusal, or nothing. */
	async #tries(station: Station, { source, port = 443, family = 'ipv4' }: Try = {}): Promise<string> {
		const browser = this.#browsers[station.number - 1] as Browser;
		const probe = {
			kind: 'get',
			host: station.server(family),
			port,
			...(source === undefined ? {} : { source }),
		} as const;
		return (await browser.probe(probe)).outcome;
	}

	/** Tries until it is answered by the internet, by both families. */
	async #isOnline(station: Station): Promise<void> {
		await until(`${station.mac} to be online`, HANG_MS, async () => {
			const outcomes = [await this.#tries(station), await this.#tries(station, { family: 'ipv6' })];
			return outcomes.every((outcome) => outcome === INTERNET);
		});
	}

	/** Nobody knows it; the router's own firewall keeps it from the portal; it has no session. */
	async strangers(): Promise<void> {
		const station = this.#lab.station(2);
		await this.#meant('02:00:5e:10:00:fe', 'not_known', /02:00:5e:10:00:fe/);
		await this.#rules(`chain in { type filter hook input priority filter;\ntcp dport ${PORTAL_PORT} drop\n}`);
		await this.#tries(station, { port: 80 });
		await this.#meant(station.ipv4, 'no_session', /none came through/);
		await this.#doctor(/guests reach the portal/, /none came through/);
		await this.#rules('');
		await this.#tries(station, { port: 80 });
		await this.#tries(station);
		await this.#meant(station.ipv4, 'no_session', /no session/);
	}

	async balances(): Promise<void> {
		const station = this.#lab.station(2);
		await this.#agent.admit('second', undefined, [station.mac]);
		await this.#tries(station);
		await this.#meant(station.mac, 'no_credit', /nothing is there to spend/);
		await this.#agent.topUp('second', 'one-byte');
		await this.#meant(station.mac, 'no_credit', /what is left \(1 B\) is less than a full packet/);
		await this.#agent.topUp('second', 'large');
		await this.#isOnline(station);
		// A refusal before explains nothing of now: the state goes before it.
		await this.#meant(station.ipv6, 'online', /within its balance/);
		await this.#agent.ask('account.block', { account: 'second' });
		await this.#meant(station.mac, 'account_blocked', /second, which is blocked/);
	}

	/** By the real command: this row is not well, and says why. */
	async #doctor(name: RegExp, detail: RegExp): Promise<void> {
		// It fails, for what must be is not there; what it prints is the same.
		const words = ['-e', DOCTOR, this.#agent.configFile];
		const { features } = JSON.parse(await this.#lab.router.run(process.execPath, words)) as DoctorAnswer;
		const row = features.find((one) => name.test(one.name));
		this.#progress(`doctor: ${row?.ok === false ? 'not well' : 'silent'}: ${row?.name}: ${row?.detail}`);
		if (row?.ok !== false || !detail.test(row.detail)) this.figures.doctor_silent += 1;
	}

	/** Other programs write our bits of the mark, and keep packets from conntrack. */
	async meddlers(): Promise<void> {
		const station = this.#lab.station(1);
		await this.#agent.admit('first', 'large', [station.mac]);
		await this.#isOnline(station);
		await this.#meddled(
			station,
			'foreign_mark',
			`chain marks { type filter hook forward priority filter;\nct mark set ct mark or ${FOREIGN_BIT}\n}`,
		);
		await this.#isOnline(station);
		const third = this.#lab.station(3);
		await this.#agent.admit('third', 'large', [third.mac]);
		await this.#isOnline(third);
		await this.#meddled(
			third,
			'not_tracked',
			`chain raw { type filter hook prerouting priority raw;\nip saddr ${third.ipv4} notrack\n}`,
		);
		await this.#isOnline(third);
	}

	async #meddled(station: Station, cause: WhyCause, rules: string): Promise<void> {
		await this.#rules(rules);
		await this.#tries(station);
		const { foreignRules } = await this.#meant(station.mac, cause, new RegExp(`inet ${TABLE} \\w+ handle \\d+`));
		const { warnings } = await this.#agent.octroi<{ warnings: string[] }>('status');
		await this.#doctor(/no rule of another program/, new RegExp(`inet ${TABLE} \\w+ handle \\d+`));
		if (foreignRules.length !== 1 || !warnings.some((warning) => warning.includes(TABLE))) this.figures.not_warned += 1;
		await this.#rules('');
	}

	/** An address that was set by hand, and one that another station leases. */
	async addresses(): Promise<void> {
		const station = this.#lab.station(1);
		const { ipv4: leased } = this.#lab.station(2);
		await station.namespace.ip([`address add ${BY_HAND}/16 dev eth0`]);
		await this.#tries(station, { source: BY_HAND });
		await this.#meant(station.mac, 'address_unbound', new RegExp(`uses ${BY_HAND}`));
		await station.namespace.ip([`address del ${BY_HAND}/16 dev eth0`, `address add ${leased}/16 dev eth0`]);
		await this.#tries(station, { source: leased });
		await this.#meant(station.mac, 'address_leased', /leased (?:it )?to/);
		await station.namespace.ip([`address del ${leased}/16 dev eth0`]);
		// What was refused before explains nothing of what is served now.
		let answer = await this.ask(station.mac);
		await until('what is served to be newer than what was refused', HANG_MS, async () => {
			await this.#isOnline(station);
			answer = await this.ask(station.mac);
			return answer.cause === 'online';
		});
		this.#judge(answer, 'online', /within its balance/);
	}

	/** Somebody says that the router's address is his. */
	async claims(): Promise<void> {
		const station = this.#lab.station(2);
		const claimant = this.#lab.station(1);
		await this.#agent.ask('account.unblock', { account: 'second' });
		await this.#isOnline(station);
		const host = new HostProcess(claimant.namespace, 'eth0');
		try {
			await host.ready();
			const { mac } = claimant;
			const claim = { source: mac, destination: 'ff:ff:ff:ff:ff:ff', mac, askedBy: station.ipv4 };
			await host.send(arpReply({ ...claim, address: ROUTER_LAN_IPV4 }));
			await until('the claim to be heard', HANG_MS, async () => {
				const { warnings } = await this.#agent.octroi<{ warnings: string[] }>('status');
				return warnings.some((warning) => warning.includes(`claims ${ROUTER_LAN_IPV4}`));
			});
			// As long as its bytes pass it is online.
			let answer = await this.ask(station.mac);
			await until('nothing of it to pass', HANG_MS, async () => {
				answer = await this.ask(station.mac);
				return !/is online: within its balance$/.test(answer.sentence);
			});
			this.#judge(answer, 'address_claimed', new RegExp(`${mac} claims ${ROUTER_LAN_IPV4}`));
		} finally {
			host.stop();
		}
	}

	/** From outside, by IPv6 and by a port forward. @returns bytes that were charged for it */
	async inbound(): Promise<number> {
		const station = this.#lab.station(3);
		const spent = async () => {
			await this.#agent.sampled();
			const row = (await this.#agent.stations()).find(({ mac }) => mac === station.mac);
			return (row?.upBytes ?? 0) + (row?.downBytes ?? 0);
		};
		const before = await spent();
		await this.#lab.internet.run('sh', ['-c', `ping -n -q -c 3 -i 0.1 -W 1 ${station.ipv6} || true`]);
		// What was refused of the station itself a moment ago comes first; nothing was, by IPv6.
		const answer = await this.ask(station.mac);
		if (!answer.station?.refused.some(({ reason, address }) => reason === 'inbound' && address === station.ipv6)) {
			this.figures.wrong_causes += 1;
		}
		await this.#rules(
			`chain forwards { type nat hook prerouting priority dstnat;\niifname "wan" tcp dport 8443 dnat ip to ${station.ipv4}:443\n}`,
		);
		const program =
			"require('node:net').connect(8443, '198.51.100.2').on('error', () => 0); setTimeout(() => process.exit(), 500)";
		await this.#lab.internet.run(process.execPath, ['-e', program]);
		const forwarded = await this.ask(station.mac);
		if (!forwarded.station?.refused.some(({ reason }) => reason === 'port_forward')) this.figures.wrong_causes += 1;
		await this.#rules('');
		return (await spent()) - before;
	}

	/** Another program's table, instead of the one before. */
	async #rules(text: string): Promise<void> {
		const table = text === '' ? '' : `table inet ${TABLE} {\n${text}\n}\n`;
		await this.#lab.router.nft(`add table inet ${TABLE}\ndelete table inet ${TABLE}\n${table}`);
	}
}
