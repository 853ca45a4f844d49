import test from 'ava';
import { type Metering, type StationState, stationState } from '../../../agent/session/station-state.ts';

const NEVER = { present: false, device: '' };
const HERE = { present: true, device: 'br-lan' };
const AWAY = { present: false, device: 'br-lan' };
const paying = (mode: Metering['mode']): Metering => ({ mode, reason: 'why' });

const is = test.macro({
	exec(t, [station, metering]: Parameters<typeof stationState>, state: StationState, reason: string) {
		t.deepEqual(stationState(station, metering), { state, reason });
	},
	title: (title) => `a station ${title}`,
});

test('that nobody knows', is, [undefined, undefined], 'unknown', 'it was not heard of yet, and has no lease');
test('that has only a lease', is, [NEVER, undefined], 'unknown', 'it has a lease, but was not heard of yet');
test('that is there and pays nothing', is, [HERE, undefined], 'walled', 'no account pays for it');
test('that was there and paid nothing', is, [AWAY, undefined], 'gone', 'the router no longer hears it');
test('with bytes', is, [HERE, paying('bytes')], 'active', 'why');
test('with time', is, [HERE, paying('time')], 'active', 'why');
test('that is slowed down', is, [HERE, paying('slow')], 'throttled', 'why');
test('that has nothing left', is, [HERE, paying('nothing')], 'blocked', 'why');
test('with bytes that went away', is, [AWAY, paying('bytes')], 'active', 'why (not heard of now)');
test('with nothing left that went away', is, [AWAY, paying('nothing')], 'blocked', 'why (not heard of now)');
test('that the operator has attached before it came', is, [undefined, paying('bytes')], 'active', 'why');
