import type { CliCommand } from '../cli-command.ts';

export const giftReturn: CliCommand = {
	words: ['gift', 'return'],
	summary: 'take back a gift that nobody has claimed',
	arguments: [{ name: 'GIFT', about: "the gift's id; `octroi gift list` shows it" }],
	examples: [{ line: 'octroi gift return g-4711', about: 'its code is void from now on' }],
	exits: [2, 3, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const done = await ask('gift.return', { gift: given.GIFT as string });
		const text = done.answer === 'exists' ? 'had ended already: nothing changed' : 'came back to its giver';
		return { text: `gift ${done.gift} ${text}\n`, json: done };
	},
};
