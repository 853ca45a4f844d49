import { readdirSync, readFileSync } from 'node:fs';

/** What the scheduler gave all its threads: /proc/PID/task/TID/schedstat, first field, in nanoseconds. */
export function processorMs(pid: number): number {
	const threads = readdirSync(`/proc/${pid}/task`);
	return threads.reduce((sum, thread) => sum + threadNs(pid, thread), 0) / 1e6;
}

/** A thread may end while it is being looked at. */
function threadNs(pid: number, thread: string): number {
	try {
		return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
	} catch {
		return 0;
	}
}
