import type { Log } from '../../carrier/log.ts';

export type Line = { readonly level: string; readonly message: string; readonly fields: Record<string, unknown> };

/** A log that keeps its lines, for tests that read them. */
export function keepingLog(lines: Line[] = []): { log: Log; lines: Line[] } {
	const at =
		(level: string) =>
		(fields: object, message?: string): void => {
			lines.push({ level, message: message ?? '', fields: fields as Record<string, unknown> });
		};
	const log = {
		debug: at('debug'),
		info: at('info'),
		warn: at('warn'),
		error: at('error'),
		fatal: at('fatal'),
		child: () => log,
	} as unknown as Log;
	return { log, lines };
}
