import test from 'ava';
import { listenAddress } from '../../../agent/config/listen-address.ts';

const reads = test.macro({
	exec(t, input: unknown, value: unknown) {
		const answer = listenAddress.read(input);
		t.deepEqual(answer.ok ? answer.value : undefined, value);
	},
	title: (_given, input, value) => `${JSON.stringify(input)} is ${value === undefined ? 'refused' : 'accepted'}`,
});

test(reads, 'off', null);
test(reads, '127.0.0.1:9469', { host: '127.0.0.1', port: 9469 });
test(reads, '[::1]:9469', { host: '::1', port: 9469 });
test(reads, 'localhost:9469', undefined);
test(reads, '127.0.0.1', undefined);
test(reads, '127.0.0.1:0', undefined);
test(reads, '127.0.0.1:65536', undefined);
test(reads, '999.0.0.1:80', undefined);
test(reads, '::1:80', undefined);
test(reads, 9469, undefined);
