import { parseNamed, type WhyAnswer } from '../../status/why-command.ts';
import { printableLine } from '../../text/printable.ts';
import type { CliCommand } from '../cli-command.ts';

export const why: CliCommand = {
	words: ['why'],
	summary: 'say why a device is not online, and what to do',
	details: [
		'One sentence with the fix, from the kernel: lease, addresses of the session, balance, class, rules of other programs,',
		'and why packets were refused in the last ten minutes. --json has all of it, and the counters of every refusal.',
	],
	arguments: [{ name: 'DEVICE', about: 'its hardware address, in any usual spelling, or its IP address' }],
	examples: [{ line: 'octroi why 192.0.2.10', about: 'it has credit, and no page opens' }],
	exits: [2, 3, 5, 6],
	async run({ arguments: given }, { ask }) {
		const device = given.DEVICE as string;
		parseNamed(device);
		const answer = await ask('why', { device });
		return { text: `${lines(answer).map(printableLine).join('\n')}\n`, json: answer };
	},
};

function lines({ sentence, fix, station, foreignProblem }: WhyAnswer): string[] {
	const refused = station?.refused ?? [];
	return [
		sentence,
		...(fix === undefined ? [] : [`fix: ${fix}`]),
		...refused.map(({ says, agoSeconds, address }) => {
			const where = address === undefined ? '' : ` to ${address}`;
			return `refused ${agoSeconds} s ago${where}: ${says}`;
		}),
		...(foreignProblem === undefined ? [] : [`rules of other programs were not looked at: ${foreignProblem}`]),
	];
}
