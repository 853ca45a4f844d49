import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { liveAccount } from '../../../agent/status/live-account.ts';
import type { AccountDetail, StationDetail, StationRow } from '../../../agent/status/protocol.ts';
import type { AgentHandle } from '../agent-handle.ts';
import { type Lab, withLab } from '../lab.ts';
import { LAB_DIRECTORY } from '../namespace/private-namespaces.ts';
import type { CustomerAnswer, CustomerOrder } from '../portal/customer.ts';
import { PROJECT_ROOT } from '../project-root.ts';
import type { Scenario } from '../scenario.ts';
import type { Station } from '../station.ts';
import { ROUTER_LAN_IPV4 } from '../topology.ts';
import { HANG_MS, until } from '../until.ts';

const LEASES = join(LAB_DIRECTORY, 'odhcpd.leases');
const ECHO_BYTES = 4000;
const ECHOES = 10;
/** IPv4 header, ICMP header: once for a packet, however many fragments it came in. */
const ECHO_HEADERS = 28;
const PLAN = { name: 'gb', title: '1 GB', bytes: 1_000_000_000 };

/** A code as people paste it into the field. */
const PASTES: readonly ((code: string) => string)[] = [
	(code) => `http://${ROUTER_LAN_IPV4}:2050/code?c=${code.replaceAll('-', '')}&from=qr#top`,
	(code) => encodeURIComponent(`http://portal.home.arpa:2050/code?c=${code}`),
	(code) => `„${code}“,`,
	(code) => `Code: ${code}.`,
	(code) => `\u200b${code.replaceAll('-', '\u00a0')}\ufeff`,
	(code) => `Pier 7\r\n1 GB, 2.00 EUR\r\n${code}\r\nuse by 2027-01-31`,
	(code) => `WIFI:S:Pier 7;T:nopass;; ${code}`,
];
/** Targets in the form for a proxy (RFC 9112, 3.2.2). */
const TARGETS = [
	'http://captive.example',
	'http://captive.example?x=1',
	'https://captive.example:443',
	'http://captive.example/',
];

export const input: Scenario = {
	name: 'input',
	title:
		'what people and other programs give a router: pasted codes, lease files, requests for a proxy, fragments; and what commands say of it',
	figures: {
		pastes_missed: { title: 'pasted codes that did not let the station in', bound: { equals: 0 } },
		several_taken: { title: 'codes that were used of a paste with two of them', bound: { equals: 0 } },
		targets_refused: { title: 'requests in the form for a proxy that were answered with 400', bound: { equals: 0 } },
		names_missed: { title: "stations that odhcpd's state file names, without their name", bound: { equals: 0 } },
		warnings: {
			title: "warnings of the status after another server's lease file was written ten times",
			bound: { equals: 1 },
		},
		warnings_logged: { title: 'lines of the log about it', bound: { equals: 1 } },
		warnings_after: { title: 'of these when the file was right again', bound: { equals: 0 } },
		fragments_difference: {
			title: 'bytes of fragmented echoes that the meter counted, less those of the packets that they make',
			bound: { equals: 0 },
		},
		unseen_status: { title: 'exit status of `station show` for a station that was never seen', bound: { equals: 3 } },
		figures_differ: { title: 'bytes between what `account show` and `station show` say is left', bound: { equals: 0 } },
	},
	async run({ progress }) {
		return await withLab({ stations: 2, addressing: 'static' }, async (lab) => {
			writeFileSync(LEASES, odhcpd(lab.stations));
			const agent = await lab.startAgent({ plans: [PLAN], leases: LEASES });
			const leases = await readLeases(lab, agent);
			progress(`lease files: ${JSON.stringify(leases)}`);
			const pasted = await paste(lab, agent);
			progress(`pastes: ${JSON.stringify(pasted)}`);
			const targets_refused = await proxied(lab);
			const counted = await fragments(lab, agent);
			progress(`fragments and figures: ${JSON.stringify(counted)}`);
			const unseen_status = await exitOf(lab, agent, ['station', 'show', '02:00:5e:99:99:99']);
			await agent.stop();
			return { ...leases, ...pasted, targets_refused, ...counted, unseen_status };
		});
	},
};

async function readLeases(lab: Lab, agent: AgentHandle) {
	const seen = () => agent.ask<StationRow[]>('station.list');
	const named = async () => (await seen()).filter(({ name }) => name?.startsWith('guest-')).length;
	for (const station of lab.stations) await station.namespace.run('ping', ['-c', '1', '-W', '5', ROUTER_LAN_IPV4]);
	await until('both stations to be seen', HANG_MS, async () => (await agent.stations()).length >= lab.stations.length);
	const names_missed = lab.stations.length - (await named());
	const warnings = async () =>
		(await agent.ask<{ warnings: string[] }>('status')).warnings.filter((text) => text.includes(LEASES)).length;
	for (let round = 1; round <= 10; round++) {
		writeFileSync(LEASES, `lease 10.77.0.${round} {\n  hardware ethernet 02:00:5e:10:00:01;\n}\n`.repeat(round));
		if (round === 1) await until('the warning', HANG_MS, async () => (await warnings()) > 0);
	}
	const during = await warnings();
	writeFileSync(LEASES, odhcpd(lab.stations));
	await until('the warning to go', HANG_MS, async () => (await warnings()) === 0);
	const lines = readFileSync(agent.logFile, 'utf8').split('\n');
	return {
		names_missed,
		warnings: during,
		warnings_logged: lines.filter((line) => line.includes("is a file of ISC's DHCP server")).length,
		warnings_after: await warnings(),
	};
}

/** The state file of odhcpd on OpenWrt (musl): `statefiles_write_state4`. */
function odhcpd(stations: readonly Station[]): string {
	const line = ({ mac, ipv4, number }: Station) => {
		const hex = ipv4
			.split('.')
			.reduce((sum, byte) => sum * 256 + Number(byte), 0)
			.toString(16);
		return `# br-lan ${mac.toUpperCase()} ipv4 guest-${number} -1 ${hex} 32 ${ipv4}/32\n`;
	};
	return stations.map(line).join('');
}

async function paste(lab: Lab, agent: AgentHandle) {
	const station = lab.station(1);
	const made = await agent.ask<{ codes: { code: string }[] }>('voucher.create', {
		batch: 'pasted',
		plan: PLAN.name,
		count: PASTES.length + 2,
		prefix: '',
		devices: 1,
		set: false,
	});
	const codes = made.codes.map(({ code }) => code);
	let pastes_missed = 0;
	for (const [index, form] of PASTES.entries()) {
		const [answer] = await send(station, form(codes[index] as string));
		const row = (await agent.stations()).find(({ mac }) => mac === station.mac);
		if (answer?.status !== 303 || row?.account !== `pasted-${index + 1}`) pastes_missed += 1;
		await agent.ask('station.detach', { mac: station.mac }).catch(() => undefined);
	}
	await send(station, codes.slice(-2).join(' '));
	const { vouchers } = await agent.ask<{ vouchers: { serial: number; state: string }[] }>('voucher.show', {
		batch: 'pasted',
	});
	const several_taken = vouchers.filter(({ serial, state }) => serial > PASTES.length && state !== 'unused').length;
	return { pastes_missed, several_taken };
}

async function send(station: Station, code: string): Promise<CustomerAnswer[]> {
	return await order(station, { order: 'send', page: '/redeem', action: '/redeem', fields: { code } });
}

async function proxied(lab: Lab): Promise<number> {
	let refused = 0;
	for (const target of TARGETS) {
		const [answer] = await order(lab.station(2), { order: 'target', target });
		if (answer === undefined || answer.status < 200 || answer.status >= 400) refused += 1;
	}
	return refused;
}

async function order(station: Station, what: CustomerOrder): Promise<CustomerAnswer[]> {
	const program = join(PROJECT_ROOT, 'build/test/lab/portal/customer.js');
	return JSON.parse(await station.namespace.run(process.execPath, [program, JSON.stringify(what)])) as CustomerAnswer[];
}

/** Echoes that do not fit into a packet of the link: what the meter counts, and what two commands say is left. */
async function fragments(lab: Lab, agent: AgentHandle) {
	const station = lab.station(2);
	await agent.admit('echo', PLAN.name, [station.mac]);
	const words = ['-c', String(ECHOES), '-i', '0.05', '-W', '5', '-s', String(ECHO_BYTES), station.server('ipv4')];
	await station.namespace.run('ping', words);
	await agent.sampled();
	const [shown, account] = await Promise.all([
		agent.ask<StationDetail>('station.show', { mac: station.mac }),
		agent.ask<AccountDetail>('account.show', { account: 'echo' }),
	]);
	const { available, reserved } = liveAccount(account).balance.byte;
	return {
		fragments_difference: shown.upBytes + shown.downBytes - 2 * ECHOES * (ECHO_BYTES + ECHO_HEADERS),
		figures_differ: Math.abs(available + reserved - (shown.remaining?.amount ?? Number.NaN)),
	};
}

/** Of the real command, in the router. */
async function exitOf(lab: Lab, agent: AgentHandle, words: readonly string[]): Promise<number> {
	const program = join(PROJECT_ROOT, 'build/agent/main.js');
	const text = await lab.router.run('sh', [
		'-c',
		'"$@" >/dev/null 2>&1; echo $?',
		'sh',
		process.execPath,
		program,
		'--config',
		agent.configFile,
		...words,
	]);
	return Number(text);
}
