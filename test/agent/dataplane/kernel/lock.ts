import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { OctroiError } from '../../../../agent/core/octroi-error.ts';
import { TableLock } from '../../../../agent/dataplane/table-lock.ts';

const holder = `
	const { TableLock } = await import(process.argv[1]);
	try {
		await new TableLock().take();
		console.log('taken');
		setInterval(() => {}, 1000);
	} catch (error) {
		console.log(error.code);
	}
`;

/** Who gets the lock, and who does not. */
export default async function lock() {
	const first = new TableLock();
	await first.take();
	const second = await refusal();
	first.release();
	first.release();
	const afterRelease = await refusal();

	const program = new URL('../../../../agent/dataplane/table-lock.js', import.meta.url).href;
	const node = [process.execPath, '--input-type=module', '--eval', holder, program] as const;
	const hold = async ([command, ...words]: readonly string[]) => {
		const child = spawn(command as string, words, { stdio: ['ignore', 'pipe', 'inherit'] });
		const [said] = await once(child.stdout, 'data');
		return { child, said: String(said).trim() };
	};
	const here = await hold(node);
	const whileOtherProcess = await refusal();
	const other = await hold(['unshare', '--net', ...node]);
	const elsewhere = other.said === 'taken' ? undefined : other.said;
	for (const { child } of [here, other]) {
		child.kill('SIGKILL');
		await once(child, 'exit');
	}
	return { second, afterRelease, whileOtherProcess, elsewhere, afterKill: await refusal() };
}

/** Tries to take the lock, and lets it go again. */
async function refusal(): Promise<{ code: string; fix: string | undefined } | undefined> {
	const lock = new TableLock();
	try {
		await lock.take();
		lock.release();
		return undefined;
	} catch (error) {
		const { code, fix } = error as OctroiError;
		return { code, fix };
	}
}
