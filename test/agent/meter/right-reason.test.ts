import test from 'ava';
import { endReason, type Left, leftOf, reasonText, rightReason } from '../../../agent/meter/right-reason.ts';

const BLOCK = { atEnd: 'block' } as const;
const THROTTLE = { atEnd: 'throttle', throttleBytesPerSecond: 9 } as const;

type Given = { blocked?: boolean; end?: object; left?: Partial<Left>; stations?: number };

const says = test.macro({
	exec(t, _what: string, given: Given, text: string) {
		const { blocked = false, end = BLOCK, stations = 1 } = given;
		const left = { byte: 0, second: 0, micro: 0, ...given.left };
		t.is(reasonText(endReason({ account: { blocked }, end: { ...BLOCK, ...end }, left, stations })), text);
	},
	title: (_, what) => `${what}`,
});

test(says, 'a block goes before everything', { blocked: true, left: { byte: 9e6 } }, 'the account is blocked');
test(says, 'nothing is there, and nothing was', {}, 'nothing is there to spend, and nothing was spent yet');
test(says, 'nothing is left', { end: { package: 'p' } }, 'nothing is left to spend');
test(
	says,
	'nothing is left, and fair use',
	{ end: { ...THROTTLE, package: 'p' } },
	'nothing is left to spend; fair use',
);
test(
	says,
	'a plan of one byte was bought, and cannot be spent',
	{ left: { byte: 1 } },
	'what is left (1 B) is less than a full packet (1500 B); it stays, and adds to the next purchase',
);
test(
	says,
	'the rest of a plan is smaller than a packet',
	{ end: { ...THROTTLE, package: 'p' }, left: { byte: 1499 } },
	'what is left (1499 B) is less than a full packet (1500 B); it stays, and adds to the next purchase; fair use',
);
test(
	says,
	'two stations cannot share one second',
	{ left: { second: 1 }, stations: 2 },
	'what is left (1 s) is less than a second for each of 2 stations; it stays, and adds to the next purchase',
);
test(
	says,
	'money that buys nothing',
	{ left: { micro: 3 } },
	'what is left in the wallet (3 micro) buys nothing by its tariff; it stays, and adds to the next purchase',
);

test('what is left is what was granted too little of, and what nobody has reserved', (t) => {
	const granted = { byte: 1, second: 2 };
	t.deepEqual(leftOf({ available: { byte: 10, second: 20, micro: 30 }, granted }), { byte: 11, second: 22, micro: 30 });
});

test('what passes has a reason too', (t) => {
	const grant = { package: 'p', unit: 'byte', amount: 9 } as never;
	t.is(rightReason({ inGrace: false, grants: [grant] } as never, 'byte').kind, 'bytes');
	t.is(rightReason({ inGrace: false, grants: [grant] } as never, 'second').kind, 'time');
	t.is(rightReason({ inGrace: true, grants: [grant] } as never, 'byte').kind, 'grace');
	t.is(rightReason({ inGrace: true, grants: [grant, grant] } as never, 'byte').kind, 'bytes');
	t.is(rightReason({ inGrace: false, grants: [{ unit: 'micro' }] } as never, 'byte').kind, 'wallet');
});
