import test from 'ava';
import { isReduced } from '../../../agent/tether/stack-history.ts';

const LINUX = 'mss,sok,ts,nop,ws';
const WINDOWS = 'mss,nop,ws,nop,nop,sok';
const APPLE = 'mss,nop,ws,nop,nop,ts,sok,eol';

const compares = test.macro({
	exec(t, layout: string, other: string, wanted: boolean) {
		t.is(isReduced(layout, other), wanted);
		t.is(isReduced(other, layout), wanted, 'whichever came first');
	},
	title: (_, layout, other, wanted) =>
		`${layout} is ${wanted ? '' : 'not '}${other} with options left out, or the reverse`,
});

test(compares, 'mss,nop,nop,sok,nop,ws', LINUX, true);
test(compares, 'mss,nop,nop,ts,nop,ws', LINUX, true);
test(compares, 'mss,nop,nop,sok', WINDOWS, true);
test(compares, 'mss', APPLE, true);
test(compares, '', LINUX, true);
test(compares, WINDOWS, LINUX, false);
test(compares, 'mss,nop,nop,sok,nop,ws', APPLE, false);
test(compares, 'mss,nop,nop,ts,nop,ws', APPLE, false);
test(compares, LINUX, LINUX, false);
test(compares, APPLE, LINUX, false);
