import test from 'ava';
import fc from 'fast-check';
import { type Card, cardsToCsv } from '../../../agent/voucher/batch-file.ts';
import { formatCode } from '../../../agent/voucher/code.ts';
import { makeCode } from '../../../agent/voucher/code-maker.ts';
import { cardsFromCsv } from '../../../agent/voucher/read-batch-file.ts';
import { seededBytes } from './seeded-bytes.ts';

const random = seededBytes(6);
const codes = Array.from({ length: 50 }, () =>
	formatCode(makeCode({ alphabet: 'letters', length: 10, prefix: '' }, random)),
);
const card: fc.Arbitrary<Card> = fc.record({
	batch: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,31}$/),
	serial: fc.integer({ min: 1, max: 10_000 }),
	role: fc.constantFrom('single' as const, 'member' as const, 'control' as const),
	code: fc.constantFrom(...codes),
	title: fc.string({ maxLength: 40 }).filter((text) => text.trim() === text && !text.startsWith("'")),
	devices: fc.integer({ min: 1, max: 1000 }),
	validUntil: fc.constantFrom('', '2027-01-31'),
	price: fc.constantFrom('2.50 EUR', '=2', '"5", at most', '-1'),
	validFor: fc.constantFrom('30 days', '12 hours'),
});

/** As a batch has them: no code and no serial number twice. */
const list = fc
	.uniqueArray(card, { maxLength: 20, selector: ({ code }) => code })
	.map((cards) => cards.map((one, index) => ({ ...one, serial: index + 1 })));

test('what is written is read again, whatever the plan is called', (t) => {
	fc.assert(
		fc.property(list, (cards) => {
			t.deepEqual(cardsFromCsv(cardsToCsv(cards)), cards);
			t.deepEqual(
				cardsFromCsv(cardsToCsv(cards).replaceAll('\r\n', '\n')),
				cards.map((one) => ({ ...one, title: one.title.replaceAll('\r\n', '\n') })),
			);
		}),
	);
	t.pass();
});

test('no cell can be run by a spreadsheet', (t) => {
	const cards: Card[] = [
		{ batch: 'a', serial: 1, role: 'single', code: 'X', title: '=cmd()', devices: 1, validUntil: '' },
	];
	t.regex(cardsToCsv(cards), /,'=cmd\(\),/);
});
