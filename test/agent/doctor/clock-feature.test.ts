import test from 'ava';
import type { Config } from '../../../agent/config/config.ts';
import { probeClock } from '../../../agent/doctor/clock-feature.ts';

const configOf = (believe: Config['clock']['believe']) => ({ clock: { believe } }) as Config;

const dates = test.macro({
	exec(t, config: Config | undefined, isSynchronised: boolean, ok: boolean) {
		const [feature] = probeClock(config, isSynchronised);
		t.is(feature?.ok, ok);
		t.is(feature?.grade, 'should', 'the agent meters without a date');
		t.notRegex(`${feature?.detail} ${feature?.fix}`, /octroi|the agent/, 'nothing tells people to restart the agent');
	},
	title: (title) => `the doctor says of the date: ${title}`,
});
test('set by a time server', dates, configOf('synchronised'), true, true);
test('set by nobody', dates, configOf('synchronised'), false, false);
test('kept by a battery', dates, configOf('battery'), false, true);
test('set by nobody, and no configuration', dates, undefined, false, false);
