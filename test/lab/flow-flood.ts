import { join } from 'node:path';
import { LAB_DIRECTORY } from './namespace/private-namespaces.ts';
import { runProgram } from './namespace/program.ts';
import { PROJECT_ROOT } from './project-root.ts';
import type { Station } from './station.ts';

const PROGRAM = join(LAB_DIRECTORY, 'flow-flood');

/** Compiles what floods. */
export async function prepareFlood(): Promise<void> {
	await runProgram('cc', ['-O2', '-o', PROGRAM, join(PROJECT_ROOT, 'test/lab/flow-flood.c')]);
}

/** New flows of one datagram each, to the station's own server, from one processor if it is named. @returns how many */
export async function flood(
	station: Station,
	{ flowsPerSecond, milliseconds, processor }: { flowsPerSecond: number; milliseconds: number; processor?: number },
): Promise<number> {
	const words = [station.server('ipv4'), String(flowsPerSecond), String(milliseconds)];
	const line = [...(processor === undefined ? [] : ['taskset', '-c', String(processor)]), PROGRAM, ...words];
	return Number((await station.namespace.run(line[0] as string, line.slice(1))).trim());
}
