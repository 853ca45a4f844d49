import test from 'ava';
import { matchesGolden } from '../../golden.ts';
import { kernelTest } from '../../kernel-namespace.ts';
import { exampleFigures } from './example-model.ts';
import type keys from './kernel/keys.ts';
import type lcdd from './kernel/lcdd.ts';

kernelTest<Awaited<ReturnType<typeof lcdd>>>(
	test,
	'a real LCDd shows our screens, through its own restart, a freeze, and the absence of the agent',
	new URL('./kernel/lcdd.js', import.meta.url),
	(t, found) => {
		if ('missing' in found) return t.log('SKIPPED: the package lcdproc is not installed');
		const text = Object.entries({ ...prefixed('16×2', found.small), ...prefixed('20×4', found.large) })
			// The heart may stand either way, and the time away is what it is.
			.map(
				([name, frame]) =>
					`## ${name}\n\n${withoutScrolling(frame.replace(/ [*.]\|/g, ' *|').replace(/\d+ s\|/, 'N s|'))}\n`,
			)
			.join('\n');
		matchesGolden(t, 'test/ui/lcd/golden/real-lcdd.txt', text);
		t.deepEqual(found.said.at(-1), 'octroi lcd: LCDd on 127.0.0.1:13666 has 20x4 characters');
	},
);

/** LCDd moves a line that is too long; how far it has come depends on when one looks. */
function withoutScrolling(frame: string): string {
	const moving = exampleFigures.carrier.text;
	return frame.replace(/^\|(.+)\|$/gm, (line, inner: string) =>
		inner.length < moving.length && moving.includes(inner) ? `|${moving.slice(0, inner.length)}|` : line,
	);
}

function prefixed(size: string, frames: Record<string, string>): Record<string, string> {
	return Object.fromEntries(Object.entries(frames).map(([name, frame]) => [`${size}, ${name}`, frame]));
}

kernelTest<Awaited<ReturnType<typeof keys>>>(
	test,
	'the Down key of a real LCDd brings an account to the front, and Up lets it go',
	new URL('./kernel/keys.js', import.meta.url),
	(t, found) => {
		if ('missing' in found) return t.log('SKIPPED: the packages lcdproc and tmux are not both installed');
		t.regex(found.chosen, /room-1/);
		t.notRegex(found.left, /room-1/);
	},
);
