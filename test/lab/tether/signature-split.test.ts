import { existsSync } from 'node:fs';
import test from 'ava';
import { SignatureBook } from '../../../agent/tether/signature-book.ts';
import { P0F_FILE, splitSignatures } from './signature-split.ts';

// The set-up installs it; a machine without it cannot run the scenario either.
const withP0f = existsSync(P0F_FILE) ? test : test.skip;

withP0f('a third of the signatures is held out, today’s Windows and Apple systems among them', (t) => {
	const { known, heldOut } = splitSignatures();
	t.true(heldOut.length >= (known.length + heldOut.length) / 3);
	const systems = new Set(heldOut.map(({ system }) => system));
	for (const system of ['windows', 'apple', 'freebsd'] as const) t.true(systems.has(system), system);
});

withP0f('what is held out shares its layout of options with nothing that the classifier is given', (t) => {
	const { heldOut, loaded } = splitSignatures();
	const layouts = new Set(loaded.map(({ layout }) => layout));
	t.true(layouts.size > 0);
	t.deepEqual(
		heldOut.filter(({ layout }) => layouts.has(layout)).map(({ text }) => text),
		[],
	);
});

withP0f('so the classifier has no name for what is held out', (t) => {
	const { heldOut, loaded } = splitSignatures();
	const book = new SignatureBook(loaded);
	for (const { layout, start, text, version = 4 } of heldOut) {
		for (const [window, scale] of [
			[65_535, 3],
			[8192, 8],
			[64_240, 7],
		] as const) {
			const syn = { version, hopLimit: start, mss: 1460, window, scale, layout };
			t.is(book.find(syn as Parameters<typeof book.find>[0]), undefined, text);
		}
	}
});
