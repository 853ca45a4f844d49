import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AgentHandle } from '../../lab/agent-handle.ts';
import { type Lab, withLab } from '../../lab/lab.ts';
import { LedgerReader } from '../../lab/ledger-reader.ts';
import { LAB_DIRECTORY } from '../../lab/namespace/private-namespaces.ts';
import { PROJECT_ROOT } from '../../lab/project-root.ts';
import { HANG_MS, until } from '../../lab/until.ts';
import { captureFlowtables } from '../guest/flowtable-capture.ts';
import type { VmScenario } from '../vm-scenario.ts';

/**
 * Flowtables that take a metered flow past the forward hook. The flow runs between br-lan and wan; each device takes the packets
 * that come in by it. One over the uplink alone took a whole download: 220 of 1,036,292 bytes were charged.
 */
const IN_THE_WAY: readonly (readonly string[])[] = [['br-lan', 'wan'], ['wan'], ['lan1']];

/** Devices that carry nothing between the LAN and the uplink, and are configured so. */
const APART = ['dmz', 'dmz-peer'];

const START_TIMEOUT_MS = HANG_MS;
const REPORT_TIMEOUT_MS = HANG_MS;
/** Polling faster would slow down what is measured. */
const REPORT_POLL_MS = 50;
const FLOW_BYTES = 1_000_000;
const FLOW_TIMEOUT_MS = HANG_MS;
const QUIET_MS = 1000;

type Progress = (line: string) => void;
type Refusal = { code: string; message: string; fix: string };
type Status = { warnings: readonly string[] };

/** Flow offload takes packets past the meter; the agent must not meter beside it. */
export const offload: VmScenario = {
	name: 'offload',
	title: 'flowtables: refused at the start, reported while running, harmless over other devices',
	radios: 0,
	figures: {
		started_beside: { title: 'starts beside a flowtable that takes packets past the meter', bound: { equals: 0 } },
		refusals_without_fix: { title: 'refusals that do not say which option to switch off', bound: { equals: 0 } },
		not_reported: { title: 'such flowtables that appeared later and were not reported', bound: { equals: 0 } },
		report_ms_max: {
			title: 'from the new flowtable to the warning in the status',
			bound: { atMost: 1000 },
			kind: 'speed',
		},
		not_logged: { title: 'such flowtables that the log does not name', bound: { equals: 0 } },
		apart_warnings: { title: 'warnings beside a flowtable over other devices', bound: { equals: 0 } },
		apart_difference_bytes: { title: 'charged − counted beside it', bound: { equals: 0 } },
		captured_files: { title: "files with the kernel's own bytes", bound: { equals: 3 } },
	},
	async run({ progress }) {
		const files = await captureFlowtables();
		progress(`captured ${files.join(', ')}`);
		const figures = await withLab({ stations: 1, addressing: 'static' }, async (lab) => {
			await lab.router.ip(['link add dmz type veth peer name dmz-peer', 'link set dmz up', 'link set dmz-peer up']);
			return {
				...(await startBeside(lab, progress)),
				...(await runBeside(lab, progress)),
			};
		});
		return { captured_files: files.length, ...figures };
	},
};

/** The router's flow offload over these devices, as OpenWrt's firewall does it; answers the flowtable's name. */
async function offloadOver(lab: Lab, devices: readonly string[]): Promise<string> {
	const name = `over-${devices.join('-')}`;
	await lab.router.nft(`table inet fw4 {
	flowtable ${name} { hook ingress priority 0; devices = { ${devices.join(', ')} }; }
	chain forward { type filter hook forward priority filter; policy accept; meta l4proto { tcp, udp } flow add @${name}
	}
}
`);
	return name;
}

async function endOffload(lab: Lab): Promise<void> {
	await lab.router.nft('delete table inet fw4\n');
}

async function startBeside(lab: Lab, progress: Progress): Promise<Record<string, number>> {
	let started_beside = 0;
	let refusals_without_fix = 0;
	for (const devices of IN_THE_WAY) {
		const name = await offloadOver(lab, devices);
		const refusal = await refusalOf(lab, name);
		progress(`started beside ${name}: ${refusal ?? 'it ran!'}`);
		if (refusal === undefined) started_beside++;
		else if (!refusal.includes('flow_offloading=0')) refusals_without_fix++;
		await endOffload(lab);
	}
	return { started_beside, refusals_without_fix };
}

/** What an agent says that ends at its start with status 6 and `flow_offload_active`; undefined when it runs. */
async function refusalOf(lab: Lab, name: string): Promise<string | undefined> {
	const { directory, configFile } = new AgentHandle(lab.router, join(LAB_DIRECTORY, name), {});
	const program = join(PROJECT_ROOT, 'build/agent/main.js');
	const words = [program, '--config', configFile, 'agent', '--json'];
	const agent = lab.router.spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] });
	const ended = new Promise<number | null>((resolve) => agent.once('close', resolve));
	let text = '';
	agent.stderr?.setEncoding('utf8').on('data', (more: string) => {
		text += more;
	});
	const runs = () => existsSync(join(directory, 'control.sock'));
	await until('the agent to run or to end', START_TIMEOUT_MS, () => agent.exitCode !== null || runs());
	agent.kill('SIGTERM');
	if ((await ended) === 0) return undefined;
	const { error } = JSON.parse(text.slice(text.indexOf('{'))) as { error: Refusal };
	if (agent.exitCode === 6 && error.code === 'flow_offload_active') return `${error.message}; ${error.fix}`;
	throw new Error(`the agent refused for another reason: ${text}`);
}

async function runBeside(lab: Lab, progress: Progress): Promise<Record<string, number>> {
	await offloadOver(lab, APART);
	const agent = await lab.startAgent({ devices: { metered: ['br-lan'], free: APART } });
	const { warnings } = await agent.ask<Status>('status');
	progress(`the agent runs beside a flowtable over ${APART.join(' and ')}; warnings: ${warnings.length}`);
	const apart_difference_bytes = await differenceOfOneFlow(lab, agent, progress);
	await endOffload(lab);

	const reports: number[] = [];
	for (const devices of IN_THE_WAY) {
		const milliseconds = await reportOf(lab, agent, devices);
		progress(
			`a new flowtable over ${devices.join(' and ')}: ${milliseconds === undefined ? 'not reported' : `reported after ${milliseconds} ms`}`,
		);
		if (milliseconds !== undefined) reports.push(milliseconds);
		await endOffload(lab);
	}
	const log = readFileSync(agent.logFile, 'utf8');
	return {
		apart_warnings: warnings.length,
		apart_difference_bytes,
		not_reported: IN_THE_WAY.length - reports.length,
		report_ms_max: Math.max(...reports),
		not_logged: IN_THE_WAY.filter((devices) => !log.includes(`fw4/over-${devices.join('-')}`)).length,
	};
}

/** Milliseconds until the status warns of it, by its name; undefined if it does not. */
async function reportOf(lab: Lab, agent: AgentHandle, devices: readonly string[]): Promise<number | undefined> {
	const name = await offloadOver(lab, devices);
	const start = performance.now();
	const isReported = async () => (await agent.ask<Status>('status')).warnings.some((line) => line.includes(name));
	try {
		await until('the warning', REPORT_TIMEOUT_MS, isReported, REPORT_POLL_MS);
	} catch {
		return undefined; // in vain: that is the figure
	}
	return Math.round(performance.now() - start);
}

/** A download, charged and counted. */
async function differenceOfOneFlow(lab: Lab, agent: AgentHandle, progress: Progress): Promise<number> {
	const station = lab.station(1);
	await agent.admit('guest', 'ten-mb', [station.mac]);
	await agent.reaches(station.mac, 'active');
	const flow = await lab.flow(station, { protocol: 'tcp', direction: 'down', bytes: FLOW_BYTES });
	await flow.ended(FLOW_TIMEOUT_MS);
	await delay(QUIET_MS);
	await agent.ask('station.detach', { mac: station.mac });
	const charged = new LedgerReader(agent.database).charged().get(station.mac) ?? { up: 0, down: 0 };
	const [counted] = await lab.witness.read();
	if (counted === undefined) throw new Error('the witness has no reading');
	progress(`charged ${charged.up} + ${charged.down}, counted ${counted.up} + ${counted.down}`);
	return Math.max(Math.abs(charged.up - counted.up), Math.abs(charged.down - counted.down));
}
