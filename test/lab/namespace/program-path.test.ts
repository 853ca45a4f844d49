import test from 'ava';
import { programPath } from './program-path.ts';

test("programs of npm's packages are not taken for the system's: one of them is called nft", (t) => {
	const path = programPath('/home/ann/octroi/node_modules/.bin:/home/node_modules/.bin:/usr/bin');
	t.false(path.includes('node_modules'));
	t.true(path.startsWith('/usr/bin:'));
});

test('the folders of system programs are looked at even if the user has not named them', (t) => {
	t.regex(programPath(undefined), /^\/usr\/local\/sbin:\/usr\/sbin:\/sbin:/);
});
