#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { pino, stdSerializers } from 'pino';
import type { Feature, RunAgentOptions } from './cli/cli-environment.ts';
import { runCli } from './cli/run-cli.ts';
import type { Config } from './config/config.ts';
import { systemClock } from './core/clock.ts';
import { ERROR_CODES } from './core/error-codes.ts';

/** The only file that touches `process`: arguments, signals, text and the exit status. Heavy parts are loaded when needed. */

/** From the end of the command until the process ends even if something still holds it. */
const EXIT_TIMEOUT_MS = 5000;

const version = (
	JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

async function runAgent({ config, logLevel }: RunAgentOptions): Promise<void> {
	const log = pino({ name: 'octroi', level: logLevel, serializers: { error: stdSerializers.err } });
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
		log.fatal({ err: error }, 'a defect stops the agent');
		process.exit(ERROR_CODES.internal);
	});
	const { runAgent: run } = await import('./agent.ts');
	await run({ config, version, clock: systemClock(), log, stop: stop.signal });
}

async function probeFeatures(config: Config | undefined): Promise<readonly Feature[]> {
	return (await import('./dataplane/features.ts')).probeFeatures(config);
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
	probeFeatures,
	verifyLedger: async (path) => (await import('./ledger/verify.ts')).verifyLedger(path),
});

// What a part forgot to release must not keep a stopped agent alive.
setTimeout(() => process.exit(), EXIT_TIMEOUT_MS).unref();
