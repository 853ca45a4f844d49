import type { ExecutionContext } from 'ava';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import type { AccountId, BootMs, MacAddress, MeterId, Unit, WallMs } from '../../../agent/core/units.ts';
import type { Ledger } from '../../../agent/ledger/ledger.ts';
import type { LossDirection } from '../../../agent/ledger/lost.ts';
import type { Moment } from '../../../agent/ledger/moment.ts';
import { playProducts, termsOf } from './scenario-products.ts';
import { NOW, temporaryLedger } from './temporary-ledger.ts';

/**
 * Plays a table of lines `words -> expected` against a real ledger, in the ledger's words, and verifies the books after each.
 * A line without an arrow only has to succeed.
 *
 *     account ID [throttle RATE]                      -> answer
 *     topup ID ACCOUNT AMOUNT byte|second|micro [throttle RATE] [words of {@link termsOf}] -> answer
 *     open SESSION ACCOUNT METER                      -> answer
 *     settle ACCOUNT [METER=UP/DOWN] [METER=SECONDS s] … [free|included|throttled] [grace] reserve BYTES [SECONDS] -> what is not 0
 *     lost customer|venue [ACCOUNT]                   -> account:amount …
 */
export function playScenario(t: ExecutionContext, table: string): void {
	const player = new Player(temporaryLedger(t).ledger);
	for (const line of table.split('\n').map((text) => text.trim())) {
		if (line === '') continue;
		const [words = '', expected] = line.split('->').map((part) => part.trim().replaceAll(/\s+/g, ' '));
		const found = player.play(words.split(' '));
		if (expected !== undefined) t.is(found, expected, line);
		t.is(player.ledger.verify().broken, undefined, `books after: ${line}`);
	}
}

class Player {
	readonly ledger: Ledger;
	#epoch = 1;
	#wallMs = NOW as number;
	#isClockSet = true;
	#boot = 'boot-1';
	#bootMs = 1;

	constructor(ledger: Ledger) {
		this.ledger = ledger;
	}

	play([command, ...words]: string[]): string {
		try {
			return this.#play(command as string, words);
		} catch (error) {
			if (error instanceof OctroiError) return error.code;
			throw error;
		}
	}

	#play(command: string, words: string[]): string {
		const [first = '', second = '', third = ''] = words;
		const { ledger } = this;
		const id = first as AccountId;
		switch (command) {
			case 'account':
				return ledger.createAccount({ id, ...throttleOf(words) });
			case 'block':
			case 'unblock':
				return ledger.blockAccount(id, command === 'block');
			case 'topup':
				return this.#topUp(words);
			case 'open': {
				const mac = '02:00:5e:10:00:01' as MacAddress;
				const meter = Number(third) as MeterId;
				return ledger.openSession({ ...this.#now(), session: first, mac, account: second as AccountId, meter });
			}
			case 'close':
				return ledger.closeSession(first, 'left', this.#now().at);
			case 'settle':
				return this.#settle(words);
			case 'wait':
				this.#wallMs += Number(first) * 1000;
				this.#bootMs += Number(first) * 1000;
				return '';
			case 'clock':
				this.#isClockSet = first === 'set';
				return '';
			case 'epoch':
				this.#epoch = Number(first);
				return '';
			case 'epochs':
				return ledger.openEpochs().join(' ');
			case 'lost': {
				const request = { ...this.#now(), direction: first as LossDirection };
				const lost =
					second === ''
						? ledger.resolveLost(request)
						: ledger.resolveLostAccount({ ...request, account: second as AccountId });
				return lost.map(({ account, amount }) => `${account}:${amount}`).join(' ');
			}
			case 'packages':
				return ledger
					.packages(id)
					.map((row) => `${row.id}:${row.remaining}`)
					.join(' ');
			case 'sessions':
				return ledger
					.openSessions()
					.map((row) => `${row.id}:${row.upBytes}/${row.downBytes}/${row.seconds}`)
					.join(' ');
			case 'expiry': {
				const expiry = ledger.nextExpiry(id, this.#now().at.trustedWallMs);
				return expiry === null ? 'never' : `${(expiry - this.#wallMs) / 1000}`;
			}
			case 'end': {
				const end = ledger.endOf(id, this.#now().at.trustedWallMs);
				return [end.atEnd, end.throttleBytesPerSecond, end.package].filter((part) => part !== undefined).join(' ');
			}
			case 'history':
				return ledger
					.history(id)
					.map((entry) => `${entry.reason}:${entry.amount}`)
					.join(' ');
			case 'boot':
				this.#boot = first;
				this.#bootMs = 1;
				return '';
			default: {
				const answer = playProducts(ledger, this.#now().at, [command, ...words]);
				if (answer === undefined) throw new Error(`no such command: ${command}`);
				return answer;
			}
		}
	}

	#topUp(words: string[]): string {
		const [transferId = '', account, amount, unit] = words;
		const { at } = this.#now();
		const end = { atEnd: 'block' as const, ...throttleOf(words) };
		const package_ = { unit: unit as Unit, amount: Number(amount), planName: 'plan', ...termsOf(words), ...end };
		return this.ledger.topUp({ transferId, account: account as AccountId, package: package_, at }).answer;
	}

	#settle(words: string[]): string {
		const reserve = words.slice(words.indexOf('reserve') + 1);
		const named = words.filter((word) => word.includes('=')).map((word) => word.split('=') as [string, string]);
		const readings = named
			.filter(([, value]) => value.includes('/'))
			.map(([meter, value]) => {
				const [up, down] = value.split('/').map(Number) as [number, number];
				return { meter: Number(meter) as MeterId, up, down };
			});
		const elapsed = named
			.filter(([, value]) => value.endsWith('s'))
			.map(([meter, value]) => ({ meter: Number(meter) as MeterId, seconds: Number.parseInt(value, 10) }));
		const result = this.ledger.settle({
			...this.#now(),
			account: words[0] as AccountId,
			readings,
			elapsed,
			free: (['included', 'throttled'] as const).find((word) => words.includes(word)) ?? words.includes('free'),
			grace: words.includes('grace'),
			reserve: { byte: Number(reserve[0] ?? 0), second: Number(reserve[1] ?? 0) },
		});
		const figures = {
			paid: result.paidBytes + result.paidSeconds,
			cost: result.costMicro,
			unpaid: result.unpaidBytes + result.unpaidSeconds,
			overrun: result.overrunBytes + result.overrunSeconds,
			expired: result.expired.byte + result.expired.second,
			granted: result.granted.byte + result.granted.second,
			available: result.available.byte + result.available.second,
			money: result.available.micro,
		};
		const shown = Object.entries(figures).filter(([, value]) => value !== 0);
		const { upBytesPerSecond, downBytesPerSecond } = result.pace ?? {};
		const pace = result.pace === undefined ? [] : [`pace ${upBytesPerSecond}/${downBytesPerSecond}`];
		const text = [...shown.map(([name, value]) => `${name} ${value}`), ...pace].join(' ');
		return result.written ? text : `unchanged ${text}`.trim();
	}

	#now(): { epoch: string; at: Moment } {
		const wallMs = this.#wallMs as WallMs;
		const trustedWallMs = this.#isClockSet ? wallMs : null;
		return {
			epoch: `e${this.#epoch}`,
			at: {
				wallMs,
				bootMs: this.#bootMs as BootMs,
				boot: { id: this.#boot, ms: this.#bootMs as BootMs },
				trustedWallMs,
			},
		};
	}
}

function after(words: string[], name: string): string | undefined {
	return words.includes(name) ? words[words.indexOf(name) + 1] : undefined;
}

function throttleOf(words: string[]): { atEnd?: 'throttle'; throttleBytesPerSecond?: number } {
	const rate = after(words, 'throttle');
	return rate === undefined ? {} : { atEnd: 'throttle', throttleBytesPerSecond: Number(rate) };
}
