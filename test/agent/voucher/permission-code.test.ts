import test from 'ava';
import { newPermissionCode, permissionCodeOf } from '../../../agent/voucher/permission-code.ts';

const secret = Buffer.from('secret');

test('a code of a request is the same each time, another with another request or secret, and as long as all others', (t) => {
	const code = permissionCodeOf('ann 1', secret);
	t.is(permissionCodeOf('ann 1', secret), code);
	t.not(permissionCodeOf('ann 2', secret), code);
	t.not(permissionCodeOf('ann 1', Buffer.from('other')), code);
	for (const one of [code, newPermissionCode()]) t.regex(one, /^([2-9a-hjkmnp-z]{4}-){3}[2-9a-hjkmnp-z]{4}$/);
});
