import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from './agent-handle.ts';
import { compare } from './comparison.ts';
import { carrierProblems, performCarrier } from './demo/carrier-act.ts';
import { CAST } from './demo/cast.ts';
import { DemoCarrier } from './demo/demo-carrier.ts';
import { frameLines, logLine, type StationView, summaryLines } from './demo/frame.ts';
import type { Flow } from './flow.ts';
import { type Lab, withLab } from './lab.ts';
import { inPrivateNamespaces, type Privilege } from './namespace/private-namespaces.ts';
import { PROJECT_ROOT } from './project-root.ts';

const PROGRAM = join(PROJECT_ROOT, 'build/agent/main.js');
const SECONDS_DEFAULT = 25;
const SECONDS_MIN = 10;
const FRAME_INTERVAL_MS = 500;
const LOG_INTERVAL_MS = 2000;
const PACKAGE_BYTES = 10 << 20;
/** A package is spent after this part of the demo, so that the rest shows what comes after it. */
const SPENT_AFTER = 0.4;

const STATUS_USAGE = 2;
const STATUS_MISSED = 8;

type DemoOptions = { seconds: number; isPlain: boolean };

/**
 * `demo [--seconds N] [--plain]`: four stations with four fates, live; then the carrier at work on them; and the ledger, the
 * platform and an independent count side by side at the end.
 * On a terminal the dashboard shows them; `--plain`, or no terminal, has lines instead.
 */
async function main(words: string[]): Promise<void> {
	const options = readOptions(words);
	if (options === undefined) {
		process.stderr.write(
			`usage: npm run demo -- [--seconds N] [--plain]   N is ${SECONDS_MIN} or more, default ${SECONDS_DEFAULT}\n`,
		);
		process.exitCode = STATUS_USAGE;
		return;
	}
	await inPrivateNamespaces(async (privilege) => await perform(options, privilege));
}

function readOptions(words: readonly string[]): DemoOptions | undefined {
	const rest = words.filter((word) => word !== '--plain');
	const seconds = rest.length === 0 ? SECONDS_DEFAULT : Number(rest[1]);
	if (rest.length > 0 && (rest.length !== 2 || rest[0] !== '--seconds' || !(seconds >= SECONDS_MIN))) return undefined;
	return { seconds, isPlain: rest.length < words.length };
}

async function perform({ seconds, isPlain }: DemoOptions, privilege: Privilege): Promise<number> {
	say(
		privilege === 'root' ? 'As root, in private namespaces.' : 'As an ordinary user, in a user namespace of its own.',
	);
	return await withLab({ stations: CAST.length }, async (lab) => {
		const carrier = await DemoCarrier.start(lab.router);
		const agent = await lab.startAgent(carrier.settings);
		await admitCast(lab, agent);
		const rate = (PACKAGE_BYTES * 8) / (seconds * SPENT_AFTER);
		const flows: Flow[] = [];
		for (const [index, role] of CAST.entries()) {
			for (const options of role.flows(rate)) flows.push(await lab.flow(lab.station(index + 1), options));
		}
		const isWatched = process.stdout.isTTY === true && process.stdin.isTTY === true && !isPlain;
		const left = isWatched ? await showDashboard(lab, agent, seconds) : seconds;
		if (left > 0) await show(lab, agent, left);
		try {
			await performCarrier(lab, agent, carrier, say);
			for (const flow of flows) await flow.stop();
			return await conclude(lab, agent, carrier);
		} finally {
			await carrier.stop();
		}
	});
}

/** What the operator would type. */
async function admitCast(lab: Lab, agent: AgentHandle): Promise<void> {
	for (const [index, { plan }] of CAST.entries()) {
		if (plan === undefined) continue;
		const { name, mac } = lab.station(index + 1);
		for (const words of [
			['account', 'create', name],
			['account', 'topup', name, '--plan', plan],
			['station', 'attach', mac, name],
		]) {
			say(`octroi ${words.join(' ')}`);
			await agent.octroi(...words);
		}
	}
}

/** The dashboard, on this terminal, until the time has passed or it is quit. Answers the seconds that are left. */
async function showDashboard(lab: Lab, agent: AgentHandle, seconds: number): Promise<number> {
	const start = performance.now();
	const words = [PROGRAM, '--config', agent.configFile, 'top'];
	const dashboard = lab.router.spawn(process.execPath, words, { stdio: 'inherit' });
	const ended = new Promise((resolve) => dashboard.once('close', resolve));
	const timer = setTimeout(() => dashboard.kill('SIGTERM'), seconds * 1000);
	await ended;
	clearTimeout(timer);
	const left = seconds - (performance.now() - start) / 1000;
	if (left <= 1) return 0;
	say('The dashboard was closed; the stations go on. At the end the ledger is compared with the count.');
	return left;
}

async function show(lab: Lab, agent: AgentHandle, seconds: number): Promise<void> {
	const isTerminal = process.stdout.isTTY === true;
	const start = performance.now();
	let drawnLines = 0;
	let last = await countedBytes(lab);
	for (;;) {
		await delay(isTerminal ? FRAME_INTERVAL_MS : LOG_INTERVAL_MS);
		const passed = (performance.now() - start) / 1000;
		const now = await countedBytes(lab);
		const elapsedMs = now.atMs - last.atMs;
		const rates = now.bytes.map((bytes, index) => ((bytes - (last.bytes[index] ?? 0)) * 8000) / elapsedMs);
		last = now;
		const views = await viewStations(lab, agent, rates);
		if (isTerminal) {
			const lines = frameLines(views, seconds - passed);
			// Up to the first line of the frame before, and over it; `\x1b[K` clears what was longer.
			process.stdout.write(
				`${drawnLines > 0 ? `\x1b[${drawnLines}A` : ''}${lines.map((line) => `${line}\x1b[K\n`).join('')}`,
			);
			drawnLines = lines.length;
		} else {
			say(logLine(views, passed));
		}
		if (passed >= seconds) return;
	}
}

async function viewStations(lab: Lab, agent: AgentHandle, rates: number[]): Promise<StationView[]> {
	const [rows, counted] = await Promise.all([agent.stations(), lab.witness.read()]);
	return await Promise.all(
		lab.stations.map(async ({ name, mac }, index) => {
			const role = CAST[index];
			const account = role?.plan === undefined ? undefined : await agent.account(name);
			const bought = account?.packages[0];
			return {
				name,
				mac,
				story: role?.story ?? '',
				state: rows.find((row) => row.mac === mac)?.state ?? 'unknown',
				upBytes: counted[index]?.up ?? 0,
				downBytes: counted[index]?.down ?? 0,
				bitsPerSecond: rates[index] ?? 0,
				remaining: bought && { bytes: bought.remaining, amountBytes: bought.amount },
			};
		}),
	);
}

async function countedBytes(lab: Lab): Promise<{ atMs: number; bytes: number[] }> {
	const bytes = (await lab.witness.read()).map(({ up, down }) => up + down);
	return { atMs: performance.now(), bytes };
}

/** The summary, and whether each fate was what the cast says. */
async function conclude(lab: Lab, agent: AgentHandle, carrier: DemoCarrier): Promise<number> {
	const rows = await compare(lab, agent);
	const losses = await lab.witness.lossesAfterMeter();
	const garden = await lab.witness.gardenBytes();
	const total = (station: string) =>
		rows.filter((row) => row.station === station).reduce((sum, row) => sum + row.countedBytes, 0);
	const problems = [
		...rows
			.filter(({ chargedBytes, countedBytes }) => chargedBytes !== countedBytes)
			.map(({ station, direction }) => `${station} ${direction}: the ledger differs from the count`),
		...(losses > 0 ? [`${losses} packets were lost behind the meter: the comparison says nothing`] : []),
		...(total('sta1') === 0 ? ['sta1 got nothing'] : []),
		...(total('sta2') > 2 * PACKAGE_BYTES ? ['sta2 got more than it paid for'] : []),
		...(total('sta2') < PACKAGE_BYTES * 0.99 ? ['sta2 was cut off before it had got what it paid for'] : []),
		...(total('sta3') <= PACKAGE_BYTES ? ['sta3 was not slowed down but stopped'] : []),
		...(total('sta4') !== 0 ? ['sta4 got something without paying'] : []),
		...(garden === 0 ? ['the walled garden was closed'] : []),
	];
	say('');
	for (const line of summaryLines(rows)) say(line);
	say('');
	say(`walled garden, not charged: ${garden.toLocaleString('en-US')} bytes`);
	say(
		'ledger: what octroi charged; counted: layer-3 bytes at the station (down) and in the internet (up), outside of octroi',
	);
	await agent.verifyLedger();
	say('octroi ledger verify: all invariants hold');
	problems.push(...(await carrierProblems(agent, carrier, rows, say)));
	for (const problem of problems) say(`WRONG: ${problem}`);
	return problems.length === 0 ? 0 : STATUS_MISSED;
}

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}

await main(process.argv.slice(2));
