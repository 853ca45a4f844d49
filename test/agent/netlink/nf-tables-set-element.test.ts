import test from 'ava';
import {
	BATCH_BYTES_MAX,
	batchBytes,
	decodeSetElements,
	deleteSetElements,
	elementAt,
	type NetlinkMessage,
	type NetlinkRequest,
	NLM_F_CREATE,
	NLM_F_EXCL,
	setElements,
	splitBatches,
} from '../../../agent/netlink/index.ts';
import { requestBytes } from '../../../agent/netlink/message.ts';

const key = (number: number) => {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(number);
	return bytes;
};
const stations = Array.from({ length: 4096 }, (_, index) => ({
	key: key(index),
	object: `u${index}`,
	timeoutMs: 60_000,
}));
const view = ({ type, flags, payload }: NetlinkRequest): NetlinkMessage => {
	return { buffer: payload, type, flags, sequence: 1, start: 0, end: payload.length };
};

test('4,096 elements share few messages, each short enough that an error can repeat it', (t) => {
	const requests = setElements('octroi', 'up_of', stations);
	t.true(requests.length <= 16);
	for (const request of requests) t.true(requestBytes(request) < 0x8000);
	const decoded = requests.flatMap((request) => decodeSetElements(view(request)).elements);
	t.is(decoded.length, 4096);
	t.like(decoded[4095], { key: key(4095), object: 'u4095', timeoutMs: 60_000 });
});

test('no element, no message', (t) => {
	t.deepEqual(setElements('octroi', 'up_of', []), []);
});

test('elements are new unless they may be there already', (t) => {
	t.is(setElements('octroi', 'up_of', stations.slice(0, 1))[0]?.flags, NLM_F_CREATE | NLM_F_EXCL);
	t.is(setElements('octroi', 'up_of', stations.slice(0, 1), { existing: 'keep' })[0]?.flags, NLM_F_CREATE);
});

test('a deletion carries nothing but keys', (t) => {
	const [request] = deleteSetElements('octroi', 'up_of', stations.slice(0, 1));
	t.deepEqual(decodeSetElements(view(request as NetlinkRequest)).elements, [{ key: key(0) }]);
});

test('the place that the kernel objects to leads to the element', (t) => {
	const [request] = deleteSetElements('octroi', 'up_of', stations.slice(0, 3)) as [NetlinkRequest];
	const first = 16 + 4 + 12 + 12 + 4;
	t.deepEqual(elementAt(request, first)?.key, key(0));
	t.deepEqual(elementAt(request, first + 16)?.key, key(1));
	t.deepEqual(elementAt(request, first + 16 + 8)?.key, key(1));
	t.is(elementAt(request, 20), undefined);
});

test('batches are split in order, and each fits into one send', (t) => {
	const requests = Array.from({ length: 4 }, () => setElements('octroi', 'up_of', stations)).flat();
	const batches = splitBatches(requests);
	t.true(batches.length > 1);
	t.deepEqual(batches.flat(), requests);
	for (const batch of batches) t.true(batchBytes(batch) <= BATCH_BYTES_MAX);
	t.deepEqual(splitBatches([]), []);
});
