import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from './agent-handle.ts';
import { performCarrier } from './demo/carrier-act.ts';
import { CAST, DEMO_PLANS } from './demo/cast.ts';
import { concludeDemo } from './demo/conclusion.ts';
import { DashboardProcess } from './demo/dashboard-process.ts';
import { DemoCarrier } from './demo/demo-carrier.ts';
import { lastLook } from './demo/last-look.ts';
import { openPortalPages, PORTAL_PAGE_PORTS, type PortalPage } from './demo/portal-pages.ts';
import { watchStations } from './demo/watch.ts';
import type { Flow } from './flow.ts';
import { type Lab, withLab } from './lab.ts';
import { inPrivateNamespaces, type Privilege } from './namespace/private-namespaces.ts';

const SECONDS_DEFAULT = 25;
const SECONDS_MIN = 10;
const PACKAGE_BYTES = 10_000_000;
/** A package is spent after this part of the demo, so that the rest shows what comes after it. */
const SPENT_AFTER = 0.4;
/** What the portal's pages show of the one who sells. */
const VENUE = { name: 'Demo Café', accent: '#0b7285' };
const COUNTDOWN_INTERVAL_MS = 500;

const STATUS_USAGE = 2;
const STATUS_MISSED = 8;
const STATUS_INTERRUPTED = 130;

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
	await inPrivateNamespaces(async (privilege) => await perform(options, privilege), PORTAL_PAGE_PORTS);
}

function readOptions(words: readonly string[]): DemoOptions | undefined {
	const rest = words.filter((word) => word !== '--plain');
	const seconds = rest.length === 0 ? SECONDS_DEFAULT : Number(rest[1]);
	if (rest.length > 0 && (rest.length !== 2 || rest[0] !== '--seconds' || !(seconds >= SECONDS_MIN))) return undefined;
	return { seconds, isPlain: rest.length < words.length };
}

async function perform(options: DemoOptions, privilege: Privilege): Promise<number> {
	say(
		privilege === 'root' ? 'As root, in private namespaces.' : 'As an ordinary user, in a user namespace of its own.',
	);
	return await withLab({ stations: CAST.length }, async (lab) => {
		const carrier = await DemoCarrier.start(lab.router);
		try {
			return await performIn(lab, carrier, options);
		} finally {
			await carrier.stop();
		}
	});
}

async function performIn(lab: Lab, carrier: DemoCarrier, { seconds, isPlain }: DemoOptions): Promise<number> {
	const agent = await lab.startAgent({ ...carrier.settings, venue: VENUE, plans: DEMO_PLANS });
	const pages = await openPortalPages(lab);
	await admitCast(lab, agent);
	say(`The portal pages of the stations, in a browser on this machine: ${pages.map(({ url }) => url).join(' ')}`);
	const rate = (PACKAGE_BYTES * 8) / (seconds * SPENT_AFTER);
	const flows: Flow[] = [];
	for (const [index, role] of CAST.entries()) {
		for (const options of role.flows(rate)) flows.push(await lab.flow(lab.station(index + 1), options));
	}
	const isWatched = process.stdout.isTTY === true && process.stdin.isTTY === true && !isPlain;
	const stage = { lab, agent, carrier, pages, seconds };
	if (isWatched) {
		if (await performOnDashboard(stage)) return STATUS_INTERRUPTED;
	} else {
		await watchStations(lab, agent, seconds);
		await performCarrier(lab, agent, carrier, say);
	}
	for (const flow of flows) await flow.stop();
	const { lines, problems } = await concludeDemo(lab, agent, carrier, PACKAGE_BYTES);
	say('');
	for (const line of lines) say(line);
	for (const problem of problems) say(`WRONG: ${problem}`);
	if (isWatched) await lastLook(lab, agent, pages, say);
	return problems.length === 0 ? 0 : STATUS_MISSED;
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

type Stage = { lab: Lab; agent: AgentHandle; carrier: DemoCarrier; pages: readonly PortalPage[]; seconds: number };

/**
 * The stations and the carrier's act on the dashboard; what the carrier did is said once more when it has closed. Whoever quits
 * the dashboard sees the rest as lines. Answers whether Ctrl-C was pressed.
 */
async function performOnDashboard({ lab, agent, carrier, pages, seconds }: Stage): Promise<boolean> {
	const dashboard = new DashboardProcess(lab, agent, pages);
	const endMs = performance.now() + seconds * 1000;
	const left = () => (endMs - performance.now()) / 1000;
	while (dashboard.isOpen && left() > 0) {
		dashboard.announce(`${Math.ceil(left())} s left; then the carrier, far away, changes a policy and sells to sta2.`);
		await delay(COUNTDOWN_INTERVAL_MS);
	}
	if (dashboard.isInterrupted) return true;
	if (left() > 1) {
		say('The dashboard was closed; the stations go on. At the end the ledger is compared with the count.');
		await watchStations(lab, agent, left());
	}
	const said: string[] = [];
	await performCarrier(lab, agent, carrier, (line) => {
		if (!dashboard.isOpen) say(line);
		else said.push(line);
		if (line !== '') dashboard.announce(line);
	});
	await dashboard.close();
	for (const line of said) say(line);
	return dashboard.isInterrupted;
}

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}

await main(process.argv.slice(2));
