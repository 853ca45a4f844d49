import test from 'ava';
import { formatOf } from '../../../ui/portal/format.ts';
import { LANGUAGE_TAGS } from '../../../ui/portal/language.ts';

const en = formatOf('en', 'UTC');

const BYTES: [number, string][] = [
	[0, '0 byte'],
	[1, '1 byte'],
	[999, '999 byte'],
	[1000, '1 kB'],
	[1999, '1.99 kB'],
	[999_999, '999 kB'],
	[20_971_520, '20.9 MB'],
	[999_999_999, '999 MB'],
	[1_000_000_000, '1 GB'],
	[2 ** 50, '1.12 PB'],
];
for (const [bytes, text] of BYTES) {
	test(`${bytes} bytes are ${text}: never more than there are`, (t) => t.is(en.bytes(bytes), text));
}

const DURATIONS: [number, string][] = [
	[0, '0 sec'],
	[59, '59 sec'],
	[60, '1 min'],
	[61, '1 min 1 sec'],
	[3600, '1 hr'],
	[3661, '1 hr 1 min'],
	[86_400, '1 day'],
	[86_401, '1 day'],
	[-5, '0 sec'],
];
for (const [seconds, text] of DURATIONS) {
	test(`${seconds} seconds are ${text}`, (t) => t.is(en.duration(seconds), text));
}

test('a rate is in bits, isolated from the direction of the sentence', (t) => {
	t.is(en.rate(125_000), '\u20661 Mbit/s\u2069');
	t.is(en.rate(0), '\u20660 kbit/s\u2069');
});

test('a part is a whole percentage from 0 to 100, rounded down', (t) => {
	t.deepEqual([en.percent(0.999), en.percent(2), en.percent(-1)], ['99%', '100%', '0%']);
});

test('a time that no clock can have known is no date', (t) => {
	t.deepEqual([en.moment(0), en.moment(Date.UTC(2019, 11, 31))], ['–', '–']);
	t.regex(en.moment(Date.UTC(2020, 0, 1)), /2020/);
});

for (const tag of LANGUAGE_TAGS) {
	test(`${tag} writes bytes, time and moments`, (t) => {
		const format = formatOf(tag, 'UTC');
		for (const text of [
			format.bytes(5e6),
			format.duration(4000),
			format.moment(1_767_225_600_000),
			format.hour(0),
			format.amount('second', 5),
		]) {
			t.regex(text, /\p{Nd}/u);
		}
	});
}

const MONEY: [string, number, string, string][] = [
	['EUR', 4_350_000, '€4.35', '€4.35'],
	['EUR', 4_359_999, '€4.35', '€4.359999'],
	['EUR', 20_000, '€0.02', '€0.02'],
	['EUR', 52, '€0.000052', '€0.000052'],
	['EUR', 0, '€0.00', '€0.00'],
	['EUR', 2 ** 50, '€1,125,899,906.84', '€1,125,899,906.842624'],
	['', 1_500_000, '1.50', '1.50'],
	['KSh', 1_500_000, '\u20681.50\u00a0KSh\u2069', '\u20681.50\u00a0KSh\u2069'],
];
for (const [currency, micro, money, price] of MONEY) {
	test(`${micro} millionths of ${currency} are ${money}, never more than there are; as a price ${price}, exactly`, (t) => {
		const format = formatOf('en', 'UTC', currency);
		t.is(format.money(micro), money);
		t.is(format.amount('micro', micro), money);
		t.is(format.price(micro), price);
	});
}

test("a formatter of a language, which reads MiB of Node's file, is made when it is first used", (t) => {
	const made: string[] = [];
	const { NumberFormat, DateTimeFormat, ListFormat } = Intl;
	const kept = { NumberFormat, DateTimeFormat, ListFormat };
	for (const [name, real] of Object.entries(kept)) {
		const counted = new Proxy(real, {
			construct(target, given, as) {
				made.push(name);
				return Reflect.construct(target, given, as) as object;
			},
		});
		Object.assign(Intl, { [name]: counted });
	}
	try {
		const format = formatOf('sw', 'Africa/Nairobi', 'TZS');
		t.deepEqual(made, []);
		format.percent(0.5);
		format.percent(0.4);
		t.deepEqual(made, ['NumberFormat']);
		format.moment(1_767_225_600_000);
		t.deepEqual(made, ['NumberFormat', 'DateTimeFormat']);
	} finally {
		Object.assign(Intl, kept);
	}
});
