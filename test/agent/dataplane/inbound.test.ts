import test from 'ava';
import { kernelTest } from '../../kernel-namespace.ts';
import type inbound from './kernel/inbound.ts';

kernelTest<Awaited<ReturnType<typeof inbound>>>(
	test,
	'with `inbound`, what begins outside reaches a station by an address that it has used, and is charged to its meter and to no other one',
	new URL('./kernel/inbound.js', import.meta.url),
	(t, { flood, forged, refused, ...answer }) => {
		t.deepEqual(answer, {
			beforeAnyFlow: false,
			own: true,
			afterOne: true,
			difference: 0,
			marked: false,
			tethering: false,
			afterReload: [false, true, true],
			afterItsEnd: false,
			leftOver: false,
			asAnother: { reached: true, former: 0, charged: true },
			withoutAddress: { reached: false, leftOver: false },
		});
		t.true(flood.bytes > 5000 && flood.bytes <= flood.bytesMax, `${flood.bytes} of ${flood.bytesMax} bytes`);
		t.is(flood.charged, flood.bytes);
		t.is(forged.answer, 0, 'whoever answers for somebody else is not let out');
		t.true(forged.bytes <= forged.bytesMax, `${forged.bytes} of ${forged.bytesMax} bytes: nor is the bound lifted`);
		for (const reason of ['inbound', 'inbound_marked', 'inbound_unanswered', 'inbound_forged'] as const) {
			t.true((refused[reason] ?? 0) > 0, reason);
		}
	},
);
