import test from 'ava';
import fc from 'fast-check';
import { changedSpans } from '../../../ui/framebuffer/changed-spans.ts';

test('the first frame is written whole, an equal one not at all', (t) => {
	t.deepEqual(changedSpans(undefined, Buffer.alloc(10)), [{ start: 0, end: 10 }]);
	t.deepEqual(changedSpans(Buffer.alloc(10), Buffer.alloc(10)), []);
});

test('changes that are near are one piece, others are not', (t) => {
	const after = Buffer.alloc(400);
	after[10] = after[40] = after[300] = 1;
	t.deepEqual(changedSpans(Buffer.alloc(400), after), [
		{ start: 10, end: 41 },
		{ start: 300, end: 301 },
	]);
});

test('writing the pieces always gives the new frame', (t) => {
	const frame = fc.uint8Array({ minLength: 500, maxLength: 500, max: 1 });
	fc.assert(
		fc.property(frame, frame, (before, after) => {
			const held = Buffer.from(before);
			for (const { start, end } of changedSpans(Buffer.from(before), Buffer.from(after))) {
				Buffer.from(after).copy(held, start, start, end);
			}
			t.deepEqual(held, Buffer.from(after));
		}),
		{ numRuns: 50 },
	);
});
