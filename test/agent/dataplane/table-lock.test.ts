import test from 'ava';
import { kernelTest } from '../../kernel-namespace.ts';
import type lock from './kernel/lock.ts';

kernelTest<Awaited<ReturnType<typeof lock>>>(
	test,
	'one agent owns the table of a namespace, until it ends in whatever way',
	new URL('./kernel/lock.js', import.meta.url),
	(t, found) => {
		t.like(found.second, { code: 'agent_running' });
		t.truthy(found.second?.fix);
		t.is(found.afterRelease, undefined);
		t.like(found.whileOtherProcess, { code: 'agent_running' });
		t.is(found.elsewhere, undefined, 'another namespace is independent');
		t.is(found.afterKill, undefined);
	},
);
