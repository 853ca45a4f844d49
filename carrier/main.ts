#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { decodeText } from '../protocol/decode-text.ts';
import { REDACTED } from '../protocol/secret-fields.ts';
import { runCarrierCli } from './cli/run-cli.ts';
import { systemClock } from './clock.ts';
import { loadConfig } from './config.ts';
import { CARRIER_ERROR_CODES } from './error-codes.ts';

/** The only file of the platform that touches `process`: arguments, signals, text and the exit status. */

/** From the end of the command until the process ends even if something still holds it. */
const EXIT_TIMEOUT_MS = 5000;

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
	version: string;
};

async function serve({ configPath, withHttp }: { configPath: string; withHttp: boolean }): Promise<void> {
	const config = loadConfig(configPath);
	const { pino, stdSerializers } = await import('pino');
	const log = pino({
		name: 'octroi-carrier',
		level: config.logLevel,
		serializers: { error: stdSerializers.err },
		redact: REDACTED,
	});
	const stop = new AbortController();
	for (const signal of ['SIGTERM', 'SIGINT'] as const) {
		process.once(signal, () => {
			log.info({ signal }, 'stopping');
			stop.abort();
			// A second signal ends a stop that hangs: what is not committed was not acknowledged.
			process.once(signal, () => process.exit(CARRIER_ERROR_CODES.internal.exit));
		});
	}
	process.once('uncaughtException', (error) => {
		log.fatal({ error }, 'a defect stops the platform');
		process.exit(CARRIER_ERROR_CODES.internal.exit);
	});
	const { runServe } = await import('./serve.ts');
	await runServe({ config, withHttp, clock: systemClock(), log, random: randomBytes, stop: stop.signal });
}

process.stdout.on('error', () => undefined);

process.exitCode = await runCarrierCli(process.argv.slice(2), {
	version,
	writeOut: (text) => process.stdout.write(text),
	writeError: (text) => process.stderr.write(text),
	readFile: (path) => decodeText(readFileSync(path)),
	random: randomBytes,
	fetch,
	serve,
});

setTimeout(() => process.exit(), EXIT_TIMEOUT_MS).unref();
