import test from 'ava';
import { kernelTest } from '../../kernel-namespace.ts';
import type names from './kernel/names.ts';

/** What comes at once at 100 bytes per second, and some seconds of what comes steadily. */
const QUESTIONS_MAX = 2160 / 72 + 5;
const ANSWER_BYTES_MAX = 3000 + 228;

kernelTest<Awaited<ReturnType<typeof names>>>(
	test,
	'a station without a right has one budget of questions and one of answers, whatever addresses it uses; with a right, a free one, and beyond it the meter',
	new URL('./kernel/names.js', import.meta.url),
	(t, { fromMany, fromOne, withRight, beyond, lateBytes, unmarkedBytes, asked, answerBytes }) => {
		t.true(fromMany.questions > 0 && fromMany.questions <= QUESTIONS_MAX, `${fromMany.questions} questions`);
		t.true(fromMany.answerBytes > 2500 && fromMany.answerBytes <= ANSWER_BYTES_MAX, `${fromMany.answerBytes} bytes`);
		t.true(fromMany.questions + fromOne.questions <= QUESTIONS_MAX, 'another address has what the others left');
		t.true(fromMany.answerBytes + fromOne.answerBytes <= ANSWER_BYTES_MAX);
		t.deepEqual(withRight, { questions: asked, answerBytes }, 'from the port from which it asked before');
		t.true(beyond.chargedBytes > 0);
		t.is(beyond.chargedBytes + beyond.freeBytes, beyond.countedBytes, 'every byte of names is free or charged');
		t.is(lateBytes, 0, "an answer whose question is forgotten is nobody's");
		t.is(unmarkedBytes, 0, 'and so is one whose question has lost its mark');
	},
);
