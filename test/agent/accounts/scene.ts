import type { ExecutionContext } from 'ava';
import { Identity } from '../../../agent/accounts/identity.ts';
import { silentLog } from '../../../agent/core/log.ts';
import type { AccountId, BootMs, MacAddress, WallMs } from '../../../agent/core/units.ts';
import type { Ledger } from '../../../agent/ledger/ledger.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { temporaryLedger } from '../ledger/temporary-ledger.ts';
import { RATES } from '../voucher/guesser.ts';
import { seededBytes } from '../voucher/seeded-bytes.ts';
import { FakeSpender } from './fake-spender.ts';

export const A = '02:00:5e:10:00:0a' as MacAddress;
export const B = '02:00:5e:10:00:0b' as MacAddress;
export const C = '02:00:5e:10:00:0c' as MacAddress;
export const ANN = 'ann' as AccountId;

export type Scene = {
	readonly identity: Identity;
	readonly ledger: Ledger;
	readonly spender: FakeSpender;
	readonly clock: FakeClock;
	readonly path: string;
	/** The codes of a new batch, each for 1,000 bytes. */
	print(id: string, count: number, more?: { devices?: number; isSet?: boolean }): string[];
};

/** A real ledger and all desks, with a fake meter and a clock that is moved by hand. */
export function scene(t: ExecutionContext): Scene {
	const { ledger, path } = temporaryLedger(t);
	const spender = new FakeSpender();
	const clock = new FakeClock();
	const moment = () => ({
		wallMs: clock.wallMs(),
		bootMs: clock.bootMs() as BootMs,
		trustedWallMs: clock.wallMs() as WallMs,
	});
	const identity = new Identity({
		ledger,
		spender,
		database: path,
		clock,
		moment,
		random: seededBytes(11),
		standing: () => 'leased',
		log: silentLog,
		rates: RATES,
		giftForm: { alphabet: 'letters', length: 10, prefix: '' },
		giftValidForSeconds: 86_400,
	});
	return {
		identity,
		ledger,
		spender,
		clock,
		path,
		print(id, count, { devices = 1, isSet = false } = {}) {
			const terms = { unit: 'byte', amount: 1000, planName: 'ten', atEnd: 'block' } as const;
			const form = { alphabet: 'letters', length: 10, prefix: '' } as const;
			return identity.codes.createBatch({ id, terms, count, form, devices, isSet }).map(({ code }) => code);
		},
	};
}
