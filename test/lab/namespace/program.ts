import { spawn } from 'node:child_process';
import { OctroiError } from '../../../agent/core/octroi-error.ts';

/** A program that sets something up has no reason to take longer than this. */
const PROGRAM_TIMEOUT_MS = 60_000;

/** Runs a program with an argument array and data on stdin; answers its stdout. Throws `feature_missing` or `internal`. */
export async function runProgram(program: string, programArguments: string[], input = ''): Promise<string> {
	return await new Promise((resolve, reject) => {
		const child = spawn(program, programArguments, { timeout: PROGRAM_TIMEOUT_MS });
		let output = '';
		let errors = '';
		child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
		child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
		child.stdin.on('error', () => {}); // a program may end without having read its input; its status tells
		child.stdin.end(input);
		child.once('error', (cause) => {
			reject(
				new OctroiError('feature_missing', `cannot run ${program}: ${cause.message}`, {
					fix: 'npm run setup installs the programs that the lab needs',
					cause,
				}),
			);
		});
		child.once('close', (code, signal) => {
			if (code === 0) return resolve(output);
			const call = [program, ...programArguments].join(' ');
			reject(new OctroiError('internal', `${call} ended with ${signal ?? code}: ${errors.trim() || output.trim()}`));
		});
	});
}
