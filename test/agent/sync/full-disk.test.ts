import test from 'ava';
import type { AccountId } from '../../../agent/core/units.ts';
import { rawDatabase } from '../ledger/temporary-ledger.ts';
import { carrierWorld, soon } from './carrier-world.ts';

test('while the ledger cannot be written nothing is acknowledged or lost; afterwards everything goes on by itself', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	ap.buy('ann', 10_000);
	ap.open('s1', 'ann');
	ap.use('s1', 100, 23);
	// As a full disk is: every write fails, reading works.
	const other = rawDatabase(t, ap.path);
	other.exec('BEGIN IMMEDIATE');
	await ap.pass(3000);
	t.is(ap.sync.figures.sealed, 0);
	t.is(platform.records.length, 0);
	const body = { command: 'block', account: 'ann' } as const;
	t.like(await platform.ask({ audience: 'cafe-7', id: 'c-1' }, { kind: 'command', body }), {
		outcome: 'failed',
		code: 'ledger_unwritable',
	});
	other.exec('ROLLBACK');
	t.like(await platform.ask({ audience: 'cafe-7', id: 'c-1' }, { kind: 'command', body }), { outcome: 'done' });
	t.true(ap.ledger.account('ann' as AccountId)?.blocked);
	await ap.pass(61_000);
	await soon(() => ap.sync.figures.acknowledged > 0 && ap.sync.figures.backlog.sessions === 0);
	t.is(platform.bytesOf('ann'), 123);
});
