#!/usr/bin/env node
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { decodeText } from '../protocol/decode-text.ts';
import { REDACTED } from '../protocol/secret-fields.ts';
import type { Geometry } from '../ui/framebuffer/geometry.ts';
import type { Feature, RunAgentOptions, RunLcdRequest, RunTopRequest } from './cli/cli-environment.ts';
import { runCli } from './cli/run-cli.ts';
import type { Config } from './config/config.ts';
import { boundedLog } from './core/bounded-log.ts';
import { systemClock } from './core/clock.ts';
import { ERROR_CODES } from './core/error-codes.ts';
import { errorFields } from './core/error-fields.ts';
import { OctroiError } from './core/octroi-error.ts';
import { localTimeText } from './text/local-time.ts';
import { printableLine } from './text/printable.ts';

/** The only file that touches `process`: arguments, signals, text and the exit status. Heavy parts are loaded when needed. */

/** From the end of the command until the process ends even if something still holds it. */
const EXIT_TIMEOUT_MS = 5000;

const version = (
	JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

async function runAgent({ config, logLevel }: RunAgentOptions): Promise<void> {
	// A burst would let V8's young generation grow to 3 × 16 MiB, and V8 gives it back only when it collects the whole heap.
	setFlagsFromString('--semi-space-growth-factor=1');
	// And the old one to four times what lives in it, if little is allocated: 42 MiB for 13.
	setFlagsFromString('--heap-growing-percent=50');
	// A display or a question needs no log: it would cost them 8 MiB.
	const { pino, stdSerializers } = await import('pino');
	const log = pino({
		name: 'octroi',
		level: logLevel,
		serializers: { error: (error) => errorFields(error, stdSerializers.err) },
		redact: REDACTED,
	});
	const stop = new AbortController();
	for (const signal of ['SIGTERM', 'SIGINT'] as const) {
		process.once(signal, () => {
			log.info({ signal }, 'stopping');
			stop.abort();
			// A second signal ends a stop that hangs: what the kernel enforces stays, and the ledger is durable.
			process.once(signal, () => process.exit(ERROR_CODES.internal));
		});
	}
	process.once('uncaughtException', (error) => {
		log.fatal({ error }, 'a defect stops the agent');
		process.exit(ERROR_CODES.internal);
	});
	const { runAgent: run } = await import('./agent.ts');
	const clock = systemClock();
	const bounded = boundedLog(log, clock, { wholeParts: ['recovery'] });
	const { returnMemory } = await import('./host/memory-return.ts');
	const stopReturning = returnMemory({
		clock,
		log: log.child({ part: 'memory' }),
		residentBytes: () => process.memoryUsage.rss(),
		cpuMs: () => {
			const { user, system } = process.cpuUsage();
			return (user + system) / 1000;
		},
	});
	try {
		await run({ config, version, clock, log: bounded.log, processId: process.pid, stop: stop.signal });
	} finally {
		stopReturning();
		bounded.end();
	}
}

async function runTop({ status, control, isAscii, screen }: RunTopRequest): Promise<void> {
	const stop = new AbortController();
	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
	const [{ runTop: run }, { terminalFacts }] = await Promise.all([
		import('../ui/top/run-top.ts'),
		import('../ui/top/terminal.ts'),
	]);
	await run({
		sockets: { status, control },
		facts: terminalFacts(process.stdin, process.stdout, process.env),
		isAscii,
		start: { screen },
		timer: systemClock(),
		random: Math.random,
		newTransferId: randomUUID,
		timeText: localTimeText,
		stop: stop.signal,
	});
	process.exit();
}

async function runLcd({ framebuffer, wifi, ...request }: RunLcdRequest): Promise<void> {
	const stop = new AbortController();
	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
	const { runLcd: run } = await import('../ui/lcd/run-lcd.ts');
	await run({
		...request,
		framebuffer: framebuffer && { ...framebuffer, geometry: await geometryOf(framebuffer) },
		wifi: wifi && {
			name: wifi.name,
			password: wifi.passwordFile === undefined ? undefined : firstLine(wifi.passwordFile),
		},
		timer: systemClock(),
		random: Math.random,
		report: (text) => process.stderr.write(`octroi lcd: ${printableLine(text)}\n`),
		stop: stop.signal,
	});
}

async function geometryOf(framebuffer: NonNullable<RunLcdRequest['framebuffer']>): Promise<Geometry> {
	const { readGeometry } = await import('../ui/framebuffer/geometry.ts');
	const geometry = readGeometry(framebuffer);
	if (typeof geometry === 'string') {
		throw new OctroiError('invalid_value', `${framebuffer.path}: ${geometry}`, { fix: 'octroi lcd --help' });
	}
	return geometry;
}

/** Of a file with a password, as other programs write it. */
function firstLine(path: string): string {
	try {
		return decodeText(readFileSync(path)).split(/\r?\n/, 1)[0] as string;
	} catch (error) {
		throw new OctroiError('invalid_value', `${path} cannot be read: ${(error as Error).message}`, {
			fix: 'give --wifi-password-file a file with the password in its first line, or nothing for an open network',
			cause: error,
		});
	}
}

async function probeFeatures(config: Config | undefined): Promise<readonly Feature[]> {
	const [
		{ probeFeatures: probe },
		{ probeSensor },
		{ probeCarrier },
		{ probeLedger },
		{ probeClock },
		{ probeLeases },
	] = await Promise.all([
		import('./doctor/kernel-features.ts'),
		import('./doctor/sensor-feature.ts'),
		import('./doctor/carrier-features.ts'),
		import('./doctor/ledger-feature.ts'),
		import('./doctor/clock-feature.ts'),
		import('./doctor/lease-feature.ts'),
	]);
	return [
		...(await probe(config)),
		probeSensor(config),
		...probeCarrier(config),
		...probeLedger(config),
		...probeClock(config),
		...probeLeases(config),
	];
}

// npm puts the programs of its packages first, and one of them is called nft too: it takes any ruleset and does nothing.
// sbin is not in every user's path.
const folders = (process.env.PATH ?? '').split(':').filter((folder) => !folder.endsWith('/node_modules/.bin'));
process.env.PATH = [...folders, '/usr/sbin', '/sbin'].join(':');

// A reader that went away (`octroi station list | head -1`) is no error of ours.
process.stdout.on('error', () => undefined);

process.exitCode = await runCli(process.argv.slice(2), {
	version,
	writeOut: (text) => process.stdout.write(text),
	writeError: (text) => process.stderr.write(text),
	runAgent,
	runTop,
	runLcd,
	probeFeatures,
	verifyLedger: async (path) => (await import('./ledger/verify.ts')).verifyLedger(path),
});

// What a part forgot to release must not keep a stopped agent alive.
setTimeout(() => process.exit(), EXIT_TIMEOUT_MS).unref();
