import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Namespace } from '../namespace/namespace.ts';
import { PROJECT_ROOT } from '../project-root.ts';
import type { BrowserAnswer, BrowserOptions, BrowserOrder, Measure, Reading, Tour } from './order.ts';

const PROGRAM = join(PROJECT_ROOT, 'build/test/lab/browser/browser-command.js');

/** A real browser in a namespace. One order at a time; an order that fails throws what the browser said. */
export class BrowserProcess {
	readonly #child: ChildProcess;
	readonly #answers: AsyncIterator<string>;
	readonly #lines: Interface;
	#errors = '';

	constructor(space: Namespace, options: BrowserOptions) {
		this.#child = space.spawn(process.execPath, [PROGRAM, JSON.stringify(options)], {
			stdio: ['pipe', 'pipe', 'pipe'],
		});
		this.#lines = createInterface({ input: this.#child.stdout as Readable });
		this.#answers = this.#lines[Symbol.asyncIterator]();
		this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			this.#errors = (this.#errors + text).slice(-2000);
		});
	}

	/** @returns the address where it ended */
	async open(url: string): Promise<string> {
		return (await this.#ask({ order: 'open', url })) as string;
	}

	async fill(field: string, text: string): Promise<void> {
		await this.#ask({ order: 'fill', field, text });
	}

	async send(button: string): Promise<string> {
		return (await this.#ask({ order: 'send', button })) as string;
	}

	async click(link: string): Promise<string> {
		return (await this.#ask({ order: 'click', link })) as string;
	}

	async text(of: string): Promise<string> {
		return (await this.#ask({ order: 'text', of })) as string;
	}

	async attribute(of: string, name: string): Promise<string | null> {
		return (await this.#ask({ order: 'attribute', of, name })) as string | null;
	}

	async wait(of: string, pattern: string): Promise<void> {
		await this.#ask({ order: 'wait', of, pattern });
	}

	async screenshot(path: string, isWhole = false): Promise<void> {
		await this.#ask({ order: 'screenshot', path, isWhole });
	}

	async resize(width: number): Promise<void> {
		await this.#ask({ order: 'resize', width });
	}

	async press(keys: string[], loads = false): Promise<void> {
		await this.#ask({ order: 'press', keys, loads });
	}

	async type(text: string): Promise<void> {
		await this.#ask({ order: 'type', text });
	}

	async isFocused(field: string): Promise<boolean> {
		return (await this.#ask({ order: 'focused', field })) as boolean;
	}

	/** Walks the page by the Tab key. */
	async tour(): Promise<Tour> {
		return (await this.#ask({ order: 'tour' })) as Tour;
	}

	/** Contrast of every text of the page. */
	async read(): Promise<Reading> {
		return (await this.#ask({ order: 'read' })) as Reading;
	}

	async measure(): Promise<Measure> {
		return (await this.#ask({ order: 'measure' })) as Measure;
	}

	stop(): void {
		this.#lines.close();
		this.#child.kill('SIGTERM');
	}

	async #ask(order: BrowserOrder): Promise<unknown> {
		(this.#child.stdin as Writable).write(`${JSON.stringify(order)}\n`);
		const { value, done } = await this.#answers.next();
		if (done) throw new Error(`the browser ended: ${this.#errors.trim()}`);
		const answer = JSON.parse(value) as BrowserAnswer;
		if (!answer.ok) throw new Error(`${JSON.stringify(order)}: ${answer.problem}`);
		return answer.value;
	}
}
