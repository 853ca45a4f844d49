import test from 'ava';
import { clockWarning } from '../../../agent/core/clock-warning.ts';
import { silentLog } from '../../../agent/core/log.ts';
import { TrustedClock } from '../../../agent/core/trusted-clock.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

const DAY_MS = 86_400_000;

test('the warning about the clock says what is so and what to do, and never advises a restart', (t) => {
	const clock = new FakeClock({ wallMs: 0 });
	let isSynchronised = false;
	const trusted = new TrustedClock({ clock, log: silentLog, isSynchronised: () => isSynchronised });
	const said: string[] = [];
	const says = (pattern: RegExp) => {
		clock.skip(1000);
		const sentence = clockWarning(trusted) ?? 'nothing';
		said.push(sentence);
		t.regex(sentence, pattern);
	};
	says(/the date is not known: .* nothing is lost; let a time server \(NTP\) set the clock/);
	isSynchronised = true;
	clock.jumpWall(Date.UTC(2026, 10, 30));
	says(/^nothing$/);
	clock.jumpWall(10 * DAY_MS);
	says(/jumped forward by 10 days: it is followed when the time server has confirmed it/);
	isSynchronised = false;
	says(/jumped forward by 10 days, and no time server confirms it/);
	clock.jumpWall(-10 * DAY_MS - 2 * 3_600_000);
	says(/jumped back by 2 h, and no time server confirms it/);
	clock.jumpWall(2 * 3_600_000);
	says(/^nothing$/);
	t.deepEqual(
		said.filter((sentence) => /restart|start .* again/.test(sentence)),
		[],
	);
});
