import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import { HANG_MS } from '../until.ts';

const PROGRAM_TIMEOUT_MS = HANG_MS;

/**
 * Throws `feature_missing`, naming it, when a program is not installed: what enters a namespace for it would only say so on a stream
 * that nobody reads, and whoever waits for its first words would wait in vain.
 */
export function requireProgram(program: string): void {
	const folders = program.includes('/') ? [''] : (process.env.PATH ?? '').split(':');
	if (folders.some((folder) => isExecutable(join(folder, program)))) return;
	throw new OctroiError('feature_missing', `the program ${program} is not installed`, {
		fix: 'npm run setup installs the programs that the lab needs',
	});
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/** Runs a program with an argument array and data on stdin; answers its stdout. Throws `feature_missing` or `internal`. */
export async function runProgram(program: string, programArguments: string[], input = ''): Promise<string> {
	requireProgram(program);
	return await new Promise((resolve, reject) => {
		const child = spawn(program, programArguments, { timeout: PROGRAM_TIMEOUT_MS });
		let output = '';
		let errors = '';
		child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
		child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
		child.stdin.on('error', () => {}); // a program may end without having read its input; its status tells
		child.stdin.end(input);
		child.once('error', (cause) => {
			reject(new OctroiError('internal', `cannot run ${program}: ${cause.message}`, { cause }));
		});
		child.once('close', (code, signal) => {
			if (code === 0) return resolve(output);
			const call = [program, ...programArguments].join(' ');
			reject(new OctroiError('internal', `${call} ended with ${signal ?? code}: ${errors.trim() || output.trim()}`));
		});
	});
}
