import { constants } from 'node:os';
import test from 'ava';
import {
	BATCH_BYTES_MAX,
	counterObject,
	DUMP_ATTEMPTS_MAX,
	decodeObject,
	dumpObjects,
	encodeObject,
	getObject,
	NFT_MSG_NEWOBJ,
	NLM_F_DUMP_INTR,
	NLM_F_MULTI,
	refusalOf,
	visitCounters,
} from '../../../agent/netlink/index.ts';
import { done, errorMessage, FakeKernel, message, settle } from './fake-kernel.ts';

const { EEXIST, ENOENT, EPERM, EBUSY } = constants.errno;
const get = (name: string) => getObject('octroi', name, 'counter');
const dump = dumpObjects('octroi', 'counter');

function counter(name: string, sequence: number, bytes: number, flags = 0): Buffer {
	const payload = encodeObject({ kind: 'counter', table: 'octroi', name, bytes, packets: 1 });
	return message(NFT_MSG_NEWOBJ, sequence, payload, NLM_F_MULTI | flags);
}

test('requests that are in flight at once each get their own answer, in whatever order it comes', async (t) => {
	const kernel = new FakeKernel();
	const asked = [kernel.connection.get(get('u1')), kernel.connection.get(get('u2'))] as const;
	const first = kernel.sequence(0);
	const second = kernel.sequence(1);
	kernel.answer(counter('u2', second, 22), errorMessage(second), errorMessage(first, ENOENT));
	t.is((await asked[1])[0]?.sequence, second);
	t.like(await t.throwsAsync(asked[0]), { code: 'netlink_refused' });
	t.is(kernel.timerCount, 0);
});

test('what is no dump gives its memory back at once, and its answer stays', async (t) => {
	const kernel = new FakeKernel();
	const asked = kernel.connection.get(get('u1'));
	const sequence = kernel.sequence();
	const datagram = ownMemory(Buffer.concat([counter('u1', sequence, 11), errorMessage(sequence)]));
	kernel.answerIn(datagram);
	const [answer] = await asked;
	t.is(datagram.length, 0, 'the collector knows of a hundred of its 32,768 bytes');
	t.like(answer && decodeObject(answer), { name: 'u1', bytes: 11 });

	const dumped = kernel.connection.dump(dump, () => undefined);
	await settle();
	const part = ownMemory(counter('u2', kernel.sequence(), 22));
	kernel.answerIn(part);
	t.not(part.length, 0, 'a dump is kept until it was visited');
	kernel.answerIn(ownMemory(done(kernel.sequence())));
	await dumped;
	t.is(part.length, 0);
});

function ownMemory(bytes: Buffer): Buffer {
	const memory = Buffer.from(new ArrayBuffer(bytes.length));
	bytes.copy(memory);
	return memory;
}

test('a batch is one datagram: begin, the messages with an acknowledgement asked of the last, end', async (t) => {
	const kernel = new FakeKernel();
	const batch = kernel.connection.batch([counterObject('octroi', 'u1'), counterObject('octroi', 'u2')]);
	t.deepEqual(
		kernel.asked[0]?.map(({ type, flags }) => [type, flags & 0x5]),
		[
			[16, 1],
			[NFT_MSG_NEWOBJ, 1],
			[NFT_MSG_NEWOBJ, 5],
			[17, 1],
		],
	);
	t.deepEqual([...(kernel.asked[0]?.[0]?.buffer.subarray(16, 20) ?? [])], [0, 0, 0, 10]);
	kernel.answer(errorMessage(kernel.sequence(0, 2)));
	await t.notThrowsAsync(batch);
});

test('a refused batch names every message that was refused, though the last was acknowledged', async (t) => {
	const kernel = new FakeKernel();
	const batch = kernel.connection.batch(['u1', 'u2', 'u3'].map((name) => counterObject('octroi', name)));
	kernel.answer(errorMessage(kernel.sequence(0, 1), EEXIST));
	kernel.answer(errorMessage(kernel.sequence(0, 2), EBUSY), errorMessage(kernel.sequence(0, 3)));
	const error = await t.throwsAsync(batch);
	t.deepEqual(
		refusalOf(error).map(({ errno, index }) => [errno, index]),
		[
			['EEXIST', 0],
			['EBUSY', 1],
		],
	);
	t.regex(error?.message ?? '', /add counter u1 to octroi: EEXIST \(and 1 more refused\)/);
});

test('a refusal of the batch itself ends it, without an answer to its messages', async (t) => {
	const kernel = new FakeKernel();
	const batch = kernel.connection.batch([counterObject('octroi', 'u1')]);
	kernel.answer(errorMessage(kernel.sequence(0, 0), EPERM));
	const error = await t.throwsAsync(batch);
	t.like(refusalOf(error)[0], { errno: 'EPERM', index: -1 });
	t.regex(error?.message ?? '', /apply a batch of 1 changes: EPERM/);
});

test('a batch that is too long for one send is refused before it is sent', async (t) => {
	const kernel = new FakeKernel();
	const requests = Array.from({ length: 4000 }, (_, index) => counterObject('octroi', `u${index}`));
	const error = await t.throwsAsync(kernel.connection.batch(requests));
	t.like(error, { code: 'invalid_value' });
	t.true(error?.message.includes(String(BATCH_BYTES_MAX)));
	t.is(kernel.asked.length, 0);
});

test('an empty batch needs no kernel', async (t) => {
	const kernel = new FakeKernel();
	await kernel.connection.batch([]);
	t.is(kernel.asked.length, 0);
});

test('dumps wait for each other', async (t) => {
	const kernel = new FakeKernel();
	const first = kernel.connection.dump(dump, () => {});
	const second = kernel.connection.dump(dump, () => {});
	await settle();
	t.is(kernel.asked.length, 1);
	kernel.answer(errorMessage(kernel.sequence(), ENOENT));
	await t.throwsAsync(first);
	await settle();
	t.is(kernel.asked.length, 2);
	kernel.answer(done(kernel.sequence()));
	await t.notThrowsAsync(second);
});

const interruptions: [string, (kernel: FakeKernel) => void][] = [
	['changes under our feet', (kernel) => kernel.answer(counter('u1', kernel.sequence(), 10, NLM_F_DUMP_INTR))],
	['loses messages', (kernel) => kernel.lose()],
];
for (const [what, interrupt] of interruptions) {
	test(`a dump that ${what} is repeated whole, and nothing of the first attempt is seen`, async (t) => {
		const kernel = new FakeKernel();
		const seen: [string, number, number][] = [];
		const dumped = kernel.connection.dump(dump, (view) =>
			visitCounters(view, (letter, number, bytes) => seen.push([String.fromCharCode(letter), number, bytes])),
		);
		await settle();
		kernel.answer(counter('u7', kernel.sequence(), 5));
		interrupt(kernel);
		kernel.answer(done(kernel.sequence()));
		await settle();
		t.deepEqual(seen, []);
		t.is(kernel.asked.length, 2);
		kernel.answer(counter('u7', kernel.sequence(), 6), counter('d7', kernel.sequence(), 1));
		kernel.answer(done(kernel.sequence()));
		await dumped;
		t.deepEqual(seen, [
			['u', 7, 6],
			['d', 7, 1],
		]);
	});
}

test('a dump that is interrupted again and again is given up', async (t) => {
	const kernel = new FakeKernel();
	const dumped = t.throwsAsync(kernel.connection.dump(dump, () => t.fail()));
	for (let attempt = 0; attempt < DUMP_ATTEMPTS_MAX; attempt++) {
		await settle();
		kernel.answer(done(kernel.sequence(), NLM_F_DUMP_INTR));
	}
	t.like(refusalOf(await dumped)[0], { errno: 'EINTR' });
});

test('a dump waits a moment while the kernel still ends the one before', async (t) => {
	const kernel = new FakeKernel();
	const dumped = kernel.connection.dump(dump, () => {});
	await settle();
	kernel.answer(errorMessage(kernel.sequence(), EBUSY));
	await settle();
	kernel.passTime();
	await settle();
	kernel.answer(done(kernel.sequence()));
	await t.notThrowsAsync(dumped);
});

test('what the visitor throws is what the dump rejects with', async (t) => {
	const kernel = new FakeKernel();
	const dumped = kernel.connection.dump(dump, () => {
		throw new Error('mine');
	});
	await settle();
	kernel.answer(counter('u1', kernel.sequence(), 1), done(kernel.sequence()));
	await t.throwsAsync(dumped, { message: 'mine' });
});

test('silence becomes netlink_timeout, which says what was asked; a late answer disturbs nobody', async (t) => {
	const kernel = new FakeKernel();
	const asked = kernel.connection.get(get('u1'));
	kernel.passTime();
	t.like(await t.throwsAsync(asked), { code: 'netlink_timeout' });
	const next = kernel.connection.get(get('u2'));
	kernel.answer(errorMessage(kernel.sequence(0)), errorMessage(kernel.sequence(1)));
	t.deepEqual(await next, []);
});

test('a batch whose last acknowledgement is lost still tells its refusals', async (t) => {
	const kernel = new FakeKernel();
	const batch = kernel.connection.batch([counterObject('octroi', 'u1'), counterObject('octroi', 'u2')]);
	kernel.answer(errorMessage(kernel.sequence(0, 1), EEXIST));
	kernel.passTime();
	t.like(refusalOf(await t.throwsAsync(batch))[0], { errno: 'EEXIST', index: 0 });
});

test('bytes that do not parse fail everything in flight', async (t) => {
	const kernel = new FakeKernel();
	const asked = kernel.connection.get(get('u1'));
	kernel.answer(Buffer.from('ffffffff02000000', 'hex'));
	t.like(await t.throwsAsync(asked), { code: 'netlink_malformed' });
});

test('what cannot be sent is netlink_closed', async (t) => {
	const kernel = new FakeKernel();
	kernel.sendError = new Error('EMSGSIZE');
	t.like(await t.throwsAsync(kernel.connection.get(get('u1'))), { code: 'netlink_closed' });
});

test('stop rejects what is in flight, may be called twice, and leaves no timer', async (t) => {
	const kernel = new FakeKernel();
	const asked = kernel.connection.get(get('u1'));
	kernel.connection.stop();
	kernel.connection.stop();
	t.like(await t.throwsAsync(asked), { code: 'netlink_closed' });
	t.like(await t.throwsAsync(kernel.connection.get(get('u1'))), { code: 'netlink_closed' });
	t.true(kernel.closed);
	t.is(kernel.timerCount, 0);
});
