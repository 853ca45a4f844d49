import test from 'ava';
import { errorFields } from '../../../agent/core/error-fields.ts';
import { OctroiError } from '../../../agent/core/octroi-error.ts';

const whole = ({ stack }: Error) => ({ stack });

test('a foreseen error is logged as its code, sentence and fix, without a stack', (t) => {
	const cause = new Error('EPERM');
	const error = new OctroiError('netlink_refused', 'the kernel refused', { fix: 'be root', cause });
	t.deepEqual(errorFields(error, whole), {
		code: 'netlink_refused',
		message: 'the kernel refused',
		fix: 'be root',
		cause: 'EPERM',
	});
	t.deepEqual(errorFields(new OctroiError('not_found', 'nothing'), whole), { code: 'not_found', message: 'nothing' });
});

test('a defect keeps its stack', (t) => {
	for (const error of [new TypeError('x'), new OctroiError('internal', 'a defect')]) {
		t.deepEqual(errorFields(error, whole), { stack: error.stack });
	}
	t.is(errorFields('thrown text', whole), 'thrown text');
});
