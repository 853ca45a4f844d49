import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { groupIdOf } from '../../../agent/status/group-id.ts';

test('a group has the number that the system gives it, and a line that is damaged gives none', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'octroi-group-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	const file = join(folder, 'group');
	writeFileSync(file, 'root:x:0:\noctroi:x:977:lcd,owner\n\nbad\nworse:x:-1:\nlonger:x:99999999999:\n');
	t.is(groupIdOf('root', file), 0);
	t.is(groupIdOf('octroi', file), 977);
	for (const name of ['bad', 'worse', 'longer', 'octro', '', 'x']) t.is(groupIdOf(name, file), undefined, name);
	t.is(groupIdOf('octroi', join(folder, 'none')), undefined);
});
