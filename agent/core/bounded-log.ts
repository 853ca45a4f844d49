import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

/** Lines of one kind at once: an incident is told in full. */
const LINES_BURST = 8;
/** Then one line in so long, which says how many it stands for. */
const LINE_INTERVAL_MS = 60_000;
/** Messages are constant texts of the source; more kinds than these share one budget. */
const KINDS_MAX = 512;
const OTHER_KINDS = '';

type Level = 'debug' | 'info' | 'warn' | 'error' | 'fatal';
/** Writes it. @param repeated how many of its kind were left out before */
type Line = (repeated: number) => void;
type Kind = {
	tokens: number;
	filledMs: number;
	last: Line | undefined;
	repeated: number;
	cancel: (() => void) | undefined;
};

export type BoundedLogOptions = {
	/** Parts (`child({ part })`) of which every line is written: no stranger makes them speak, and each of their lines is about money. */
	readonly wholeParts?: readonly string[];
};

export type BoundedLog = {
	readonly log: Log;
	/** Tells what was left out, and waits for nothing more. May be called twice. */
	end(): void;
};

/**
 * Bounds what is written of each kind, so that nobody can fill the disk by whatever makes us say something: 8 lines of one message at once, and then
 * one a minute, with `repeated`: how many were left out since. What a stranger chooses (addresses, names) makes no new kind. `fatal` is never
 * left out.
 */
export function boundedLog(
	log: Log,
	clock: Pick<Clock, 'bootMs' | 'after'>,
	options: BoundedLogOptions = {},
): BoundedLog {
	const budget = new LineBudget(clock);
	const wholeParts = options.wholeParts ?? [];
	const bounded = (inner: Log): Log => ({
		debug: (...line: unknown[]) => say(inner, 'debug', line),
		info: (...line: unknown[]) => say(inner, 'info', line),
		warn: (...line: unknown[]) => say(inner, 'warn', line),
		error: (...line: unknown[]) => say(inner, 'error', line),
		fatal: (...line: unknown[]) => write(inner, 'fatal', line),
		child: (bindings: { part?: string }) => {
			const child = inner.child(bindings);
			return wholeParts.includes(bindings.part ?? '') ? child : bounded(child);
		},
	});
	const say = (inner: Log, level: Level, line: readonly unknown[]): void => {
		const [first, text] = line;
		const message = typeof first === 'string' ? first : String(text);
		budget.say(`${level} ${message}`, (repeated) => {
			const details = typeof first === 'object' ? first : {};
			write(inner, level, repeated === 0 ? line : [{ ...details, repeated }, message]);
		});
	};
	return { log: bounded(log), end: () => budget.end() };
}

function write(log: Log, level: Level, line: readonly unknown[]): void {
	(log[level] as (...line: readonly unknown[]) => void)(...line);
}

class LineBudget {
	readonly #clock: Pick<Clock, 'bootMs' | 'after'>;
	readonly #kinds = new Map<string, Kind>();

	constructor(clock: Pick<Clock, 'bootMs' | 'after'>) {
		this.#clock = clock;
	}

	say(message: string, line: Line): void {
		const kind = this.#kind(message);
		this.#fill(kind);
		if (kind.tokens >= 1) {
			this.#write(kind, line);
			return;
		}
		kind.repeated += 1;
		kind.last = line;
		// What was left out is told even if nothing of this kind follows.
		kind.cancel ??= this.#clock.after(LINE_INTERVAL_MS * (1 - kind.tokens), () => this.#tellLast(kind));
	}

	end(): void {
		for (const kind of this.#kinds.values()) {
			if (kind.last !== undefined) this.#write(kind, kind.last);
		}
	}

	#tellLast(kind: Kind): void {
		kind.cancel = undefined;
		this.#fill(kind);
		if (kind.last !== undefined) this.#write(kind, kind.last);
	}

	#write(kind: Kind, line: Line): void {
		kind.tokens = Math.max(0, kind.tokens - 1);
		// The line that is written is not left out.
		const repeated = kind.last === line ? kind.repeated - 1 : kind.repeated;
		kind.repeated = 0;
		kind.last = undefined;
		kind.cancel?.();
		kind.cancel = undefined;
		line(repeated);
	}

	#kind(message: string): Kind {
		const name = this.#kinds.has(message) || this.#kinds.size < KINDS_MAX ? message : OTHER_KINDS;
		const known = this.#kinds.get(name);
		if (known !== undefined) return known;
		const kind: Kind = {
			tokens: LINES_BURST,
			filledMs: this.#clock.bootMs(),
			last: undefined,
			repeated: 0,
			cancel: undefined,
		};
		this.#kinds.set(name, kind);
		return kind;
	}

	#fill(kind: Kind): void {
		const now = this.#clock.bootMs();
		kind.tokens = Math.min(LINES_BURST, kind.tokens + Math.max(0, now - kind.filledMs) / LINE_INTERVAL_MS);
		kind.filledMs = now;
	}
}
